#include "kernel/variant/variant.h"

#define TEXT(word) #word
#define EXPANDED_TEXT(word) TEXT(word)

extern const kernel NAME(kernel);

const kernel NAME(kernel) = {
    .isa = EXPANDED_TEXT(KERNEL_ISA),
    .dtype = sizeof(real) == sizeof(double) ? NMF_F64 : NMF_F32,
    .panel = NAME(panel),
    .times = NAME(times),
    .gather = NAME(gather),
    .gram = NAME(gram),
    .dot = NAME(dot),
    .extrapolate = NAME(extrapolate),
    .sweep = NAME(sweep),
    .sweep_scratch = NAME(sweep_scratch),
    .stationarity = NAME(stationarity),
    .project = NAME(project),
    .multiply = NAME(multiply),
};

/* What the targets of packings share. */
#ifndef FUZZ_UNPACK_H
#define FUZZ_UNPACK_H

#include "io/bytes/packing.h"
#include "target.h"

/* Unpack the input to its end, in steps or by lines. Inputs that are not packed so are passed over. */
nmf_status unpack(const input *in, const packing *by);

#endif

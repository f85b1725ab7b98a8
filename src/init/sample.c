/* Random numbers that the loop first fits to a sample of the rows or columns (fit/sample.c): on a small A, themselves.
 */
#include "init/init.h"

static nmf_status sample_fill(const init_request *request, items *w, items *h) {
    return init_random.fill(request, w, h);
}

const init init_sample = {
    .name = "sample",
    .summary = "uniform numbers, fitted to a tenth of the rows or columns first",
    .makes_zeros = true,
    .alone = true,
    .fill = sample_fill,
    .needs_lines = true,
    .on_sample = &init_random,
};

/* The start from singular vectors, for those that go on from it. */
#ifndef NMF_INIT_NNDSVD_H
#define NMF_INIT_NNDSVD_H

#include "init/init.h"

double nndsvd_bytes(const nmf_matrix_info *info, nmf_dtype dtype, int64_t k, int threads);
nmf_status nndsvd_fill(const init_request *request, items *w, items *h);

#endif

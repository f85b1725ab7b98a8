/* The start from singular vectors, for those that go on from it. */
#ifndef NMF_INIT_NNDSVD_H
#define NMF_INIT_NNDSVD_H

#include "init/init.h"

nmf_status nndsvd_fill(const init_request *request, items *w, items *h);

#endif

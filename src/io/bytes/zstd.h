/* What all that use libzstd share. */
#ifndef NMF_IO_ZSTD_H
#define NMF_IO_ZSTD_H

#include "base/context.h"

#define ZSTD_STATIC_LINKING_ONLY /* for contexts with memory from the context's allocator */
#include <zstd.h>

ZSTD_customMem zstd_memory(nmf_context *context);

#endif

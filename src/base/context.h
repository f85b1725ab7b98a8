/* What every room stands on: where memory comes from, and where failures and warnings go. */
#ifndef NMF_BASE_CONTEXT_H
#define NMF_BASE_CONTEXT_H

#include "nmf/nmf.h"

#define NMF_PRINTF(sentence, first) __attribute__((format(printf, sentence, first)))

/* Record the sentence of a failure and return `status`: `return fail(context, NMF_ERROR_INPUT, "…", …);` */
nmf_status fail(nmf_context *context, nmf_status status, const char *format, ...) NMF_PRINTF(3, 4);

/* The failure of an allocation of `bytes` bytes for `what`. */
nmf_status fail_memory(nmf_context *context, const char *what, size_t bytes);

/* Hand a warning to whoever listens. */
void caution(nmf_context *context, const char *format, ...) NMF_PRINTF(2, 3);

/* Drop warnings, or no longer: of the parts of a matrix of whose whole all was said. Returns what was. */
bool caution_hush(nmf_context *context, bool hushed);

/* Tell whoever watches the bytes of a file; NMF_INTERRUPTED, with its sentence, where that is to stop. */
nmf_status watched(nmf_context *context, const char *path, int64_t done, int64_t total);

/* The limit that was set to memory; INFINITY: none. */
double context_limit(const nmf_context *context);

/* Bytes of memory that may be used from now on: what the machine has free, or the limit that was set. */
double context_memory(const nmf_context *context);

/* a·b·c, or false where the product does not fit. */
bool checked_product(int64_t a, int64_t b, int64_t c, size_t *product);

/* Bytes to which every array is aligned, and to which the rows of a factor are padded. */
enum { ARRAY_ALIGNMENT = 64 };

/*
 * `count` zeroed elements of `size` bytes, aligned; `what` names them in the message. Never NULL on NMF_OK, even for 0.
 * Free with array_free.
 */
nmf_status array_new(nmf_context *context, int64_t count, size_t size, const char *what, void **array);
void array_free(nmf_context *context, void *array);

/*
 * Make room for `need` elements in a growing buffer of `*capacity`: at least doubles it. The buffer is not aligned
 * beyond what malloc gives; free with buffer_free. On failure the old buffer stands.
 */
nmf_status buffer_reserve(nmf_context *context, void **buffer, int64_t *capacity, int64_t need, size_t size,
                          const char *what);
/* Give back the room beyond `count` elements. */
nmf_status buffer_trim(nmf_context *context, void **buffer, int64_t *capacity, int64_t count, size_t size,
                       const char *what);

void buffer_free(nmf_context *context, void *buffer);

#endif

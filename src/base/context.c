#include "base/crowd.h"
#include "base/machine.h"
#include "base/printable.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined __linux__
#include <sys/mman.h>
#endif

enum { MESSAGE_SIZE = 1024 };

struct nmf_context {
    nmf_allocator memory;
    void (*warn)(void *user, const char *sentence);
    void *warn_user;
    bool hushed;
    int (*watch)(void *user, const char *path, int64_t done, int64_t total);
    void *watch_user;
    double most_memory; /* 0: no limit */
    const nmf_crowd *crowd;
    char message[MESSAGE_SIZE];
};

static void *libc_resize(void *user, void *memory, size_t bytes) {
    (void)user;
    return realloc(memory, bytes);
}

static void libc_release(void *user, void *memory) {
    (void)user;
    free(memory);
}

nmf_status nmf_context_new(const nmf_allocator *memory, nmf_context **context) {
    nmf_allocator from = memory ? *memory : (nmf_allocator){libc_resize, libc_release, NULL};
    *context = from.resize(from.user, NULL, sizeof **context);
    if (!*context) {
        return NMF_ERROR_MEMORY;
    }
    **context = (nmf_context){.memory = from};
    return NMF_OK;
}

void nmf_context_free(nmf_context *context) {
    if (context) {
        nmf_allocator memory = context->memory;
        memory.release(memory.user, context);
    }
}

void nmf_context_limit_memory(nmf_context *context, double bytes) {
    context->most_memory = bytes > 0 ? bytes : 0;
}

double context_limit(const nmf_context *context) {
    return context->most_memory > 0 ? context->most_memory : INFINITY;
}

double context_memory(const nmf_context *context) {
    double sharers = context->crowd && context->crowd->here > 1 ? (double)context->crowd->here : 1;
    return fmin(context_limit(context), machine_memory() / sharers);
}

void nmf_context_join(nmf_context *context, const nmf_crowd *crowd) {
    context->crowd = crowd;
}

const nmf_crowd *context_crowd(const nmf_context *context) {
    return context->crowd;
}

const char *nmf_context_message(const nmf_context *context) {
    return context->message;
}

void nmf_context_on_warning(nmf_context *context, void (*handler)(void *user, const char *sentence), void *user) {
    context->warn = handler;
    context->warn_user = user;
}

void nmf_context_on_bytes(nmf_context *context, int (*watch)(void *user, const char *path, int64_t done, int64_t total),
                          void *user) {
    context->watch = watch;
    context->watch_user = user;
}

nmf_status watched(nmf_context *context, const char *path, int64_t done, int64_t total) {
    return context->watch && context->watch(context->watch_user, path, done, total) != 0
               ? fail(context, NMF_INTERRUPTED, "%s was left after %lld bytes, as asked", path, (long long)done)
               : NMF_OK;
}

nmf_status fail(nmf_context *context, nmf_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context->message, MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    make_printable(context->message);
    return status;
}

nmf_status fail_memory(nmf_context *context, const char *what, size_t bytes) {
    return fail(context, NMF_ERROR_MEMORY, "out of memory: %.1f MB for %s could not be had", (double)bytes / 1e6, what);
}

bool caution_hush(nmf_context *context, bool hushed) {
    bool before = context->hushed;
    context->hushed = hushed;
    return before;
}

void caution(nmf_context *context, const char *format, ...) {
    if (!context->warn || context->hushed) {
        return;
    }
    char sentence[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    make_printable(sentence);
    context->warn(context->warn_user, sentence);
}

bool checked_product(int64_t a, int64_t b, int64_t c, size_t *product) {
    if (a < 0 || b < 0 || c < 0) {
        return false;
    }
    size_t ab;
    return !__builtin_mul_overflow((size_t)a, (size_t)b, &ab) && !__builtin_mul_overflow(ab, (size_t)c, product) &&
           *product <= PTRDIFF_MAX;
}

/*
 * Ask for large pages under a large array of the C library's: gathers from all over it otherwise wait for the processor
 * to look pages up (docs/performance.md). A hint, whose refusal changes nothing.
 */
static void prefer_large_pages(const nmf_context *context, char *array, size_t bytes) {
#if defined __linux__
    enum { PAGE = 2 << 20, LARGE = 4 << 20 };
    size_t skipped = (PAGE - (uintptr_t)array % PAGE) % PAGE;
    if (context->memory.resize == libc_resize && bytes >= LARGE) {
        (void)madvise(array + skipped, (bytes - skipped) / PAGE * PAGE, MADV_HUGEPAGE);
    }
#else
    (void)context, (void)array, (void)bytes;
#endif
}

nmf_status array_new(nmf_context *context, int64_t count, size_t size, const char *what, void **array) {
    size_t bytes;
    *array = NULL;
    if (!checked_product(count, (int64_t)size, 1, &bytes) || bytes > PTRDIFF_MAX - 2 * ARRAY_ALIGNMENT) {
        return fail(context, NMF_ERROR_MEMORY, "%s would take %lld numbers of %zu bytes, more than can be addressed",
                    what, (long long)count, size);
    }
    /* The block's own address is kept just below the aligned one. */
    char *block = context->memory.resize(context->memory.user, NULL, bytes + 2 * ARRAY_ALIGNMENT);
    if (!block) {
        return fail_memory(context, what, bytes);
    }
    char *aligned = block + ARRAY_ALIGNMENT + (ARRAY_ALIGNMENT - (uintptr_t)block % ARRAY_ALIGNMENT);
    memcpy(aligned - sizeof block, &block, sizeof block);
    prefer_large_pages(context, aligned, bytes);
    memset(aligned, 0, bytes);
    *array = aligned;
    return NMF_OK;
}

void array_free(nmf_context *context, void *array) {
    if (array) {
        char *block;
        memcpy(&block, (char *)array - sizeof block, sizeof block);
        context->memory.release(context->memory.user, block);
    }
}

nmf_status buffer_reserve(nmf_context *context, void **buffer, int64_t *capacity, int64_t need, size_t size,
                          const char *what) {
    if (need <= *capacity) {
        return NMF_OK;
    }
    int64_t grown = *capacity < INT64_MAX / 2 && 2 * *capacity > need ? 2 * *capacity : need;
    size_t bytes;
    if (!checked_product(grown, (int64_t)size, 1, &bytes)) {
        return fail(context, NMF_ERROR_MEMORY, "%s would take more memory than can be addressed", what);
    }
    void *moved = context->memory.resize(context->memory.user, *buffer, bytes ? bytes : 1);
    if (!moved) {
        return fail_memory(context, what, bytes);
    }
    *buffer = moved;
    *capacity = grown;
    return NMF_OK;
}

nmf_status buffer_trim(nmf_context *context, void **buffer, int64_t *capacity, int64_t count, size_t size,
                       const char *what) {
    if (count == *capacity || count == 0) {
        return NMF_OK;
    }
    size_t bytes = (size_t)count * size;
    void *moved = context->memory.resize(context->memory.user, *buffer, bytes);
    if (!moved) {
        return fail_memory(context, what, bytes);
    }
    *buffer = moved;
    *capacity = count;
    return NMF_OK;
}

void buffer_free(nmf_context *context, void *buffer) {
    context->memory.release(context->memory.user, buffer);
}

#include "memory.h"
#include "target.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* Under the address sanitizer this is the size that was asked for. */
static double size_of(void *memory) {
    return (double)malloc_usable_size(memory);
}

static void *resize(void *user, void *memory, size_t bytes) {
    held *own = user;
    double after = own->bytes - size_of(memory) + (double)bytes;
    if (after > own->most) {
        fprintf(stderr, "%zu bytes more than %.0f are asked for; %.0f in all are allowed\n", bytes, own->bytes,
                own->most);
        broken("a reader takes no more memory than its file is worth");
    }
    if (++own->requests == own->refuse || after > own->room) {
        own->refused++;
        return NULL;
    }
    void *moved = realloc(memory, bytes);
    if (!moved) {
        own->refused++;
        return NULL;
    }
    own->blocks += memory == NULL;
    own->bytes = after;
    return moved;
}

static void release(void *user, void *memory) {
    held *own = user;
    own->blocks -= memory != NULL;
    own->bytes -= size_of(memory);
    free(memory);
}

nmf_allocator held_allocator(held *memory) {
    return (nmf_allocator){resize, release, memory};
}

#include "support/memory.h"

#include <stdlib.h>
#include <string.h>

/* Before every block stands its size, in a whole unit of alignment. */
enum { BEFORE = 16 };

static int64_t size_of(const void *memory) {
    int64_t size = 0;
    if (memory) {
        memcpy(&size, (const char *)memory - BEFORE, sizeof size);
    }
    return size;
}

static void *resize(void *user, void *memory, size_t bytes) {
    scarce *own = user;
    int64_t size = (int64_t)bytes;
    own->calls++;
    if (own->fail_at > 0 && (own->calls == own->fail_at || (own->from_then && own->calls > own->fail_at))) {
        return NULL;
    }
    int64_t before = size_of(memory);
    char *block = realloc(memory ? (char *)memory - BEFORE : NULL, bytes + BEFORE);
    if (!block) {
        return NULL;
    }
    memcpy(block, &size, sizeof size);
    own->live += memory == NULL;
    own->bytes += size - before;
    own->peak = own->bytes > own->peak ? own->bytes : own->peak;
    return block + BEFORE;
}

static void release(void *user, void *memory) {
    scarce *own = user;
    if (memory) {
        own->live--;
        own->bytes -= size_of(memory);
        free((char *)memory - BEFORE);
    }
}

nmf_allocator scarce_allocator(scarce *memory) {
    return (nmf_allocator){resize, release, memory};
}

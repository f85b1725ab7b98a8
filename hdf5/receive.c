#include "receive.h"
#include "limits.h"
#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void take_bytes(void *bytes, size_t count) {
    char *at = bytes;
    while (count > 0) {
        ssize_t done = read(STDIN_FILENO, at, count);
        if (done == 0 || (done < 0 && errno != EINTR)) {
            stop("the numbers to write stopped coming");
        }
        at += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    limits_renew();
}

bool receive_next(incoming *in) {
    unsigned char head[WIRE_HEAD];
    take_bytes(head, sizeof head);
    in->tag = little_get32(head);
    in->length = little_get64(head + 4);
    if (in->length > WIRE_BLOCK_MOST) {
        stop("the numbers to write came in a block of %zu bytes; %d are allowed", in->length, WIRE_BLOCK_MOST);
    }
    take_bytes(in->payload, in->length);
    return in->tag != WIRE_END;
}

static void take_names(const incoming *in, text_list *names) {
    for (size_t at = 0; at + 4 <= in->length;) {
        size_t bytes = little_get32(in->payload + at);
        if (bytes > in->length - at - 4) {
            stop("the names to write do not fit their block");
        }
        text_add(names, (const char *)in->payload + at + 4, bytes);
        at += 4 + bytes;
    }
}

static void take_starts(incoming *in) {
    for (size_t at = 0; at + 8 <= in->length; at += 8) {
        in->start = room_for_more(in->start, in->starts, &in->start_room, sizeof *in->start);
        in->start[in->starts++] = (int64_t)little_get64(in->payload + at);
    }
}

/* False for what holds numbers. */
static bool take_block(incoming *in) {
    switch (in->tag) {
    case WIRE_ROWS:
        take_names(in, &in->row_names);
        return true;
    case WIRE_COLUMNS:
        take_names(in, &in->col_names);
        return true;
    case WIRE_START:
        take_starts(in);
        return true;
    case WIRE_NOTES:
        free(in->notes);
        in->notes = room_for(in->length + 1, 1);
        memcpy(in->notes, in->payload, in->length);
        return true;
    default:
        return false;
    }
}

void receive_table(incoming *in) {
    char magic[WIRE_MAGIC_BYTES];
    *in = (incoming){.payload = room_for(WIRE_BLOCK_MOST, 1)};
    take_bytes(magic, sizeof magic);
    if (memcmp(magic, WIRE_MAGIC, sizeof magic) != 0 || !receive_next(in) || in->tag != WIRE_SHAPE ||
        in->length != WIRE_SHAPE_BYTES) {
        stop("this nmf-hdf5 is of another version than what started it");
    }
    in->shape = wire_get_shape(in->payload);
    bool more = true;
    while (more && receive_next(in)) {
        more = take_block(in);
    }
    if (in->shape.flags & WIRE_SPARSE && in->starts != wire_lines(&in->shape) + 1) {
        stop("the lines to write came without their starts");
    }
}

void receive_free(incoming *in) {
    text_free(&in->row_names);
    text_free(&in->col_names);
    free(in->start);
    free(in->notes);
    free(in->payload);
}

#include "send.h"
#include "limits.h"
#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void send_bytes(const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t done = write(STDOUT_FILENO, at, count);
        if (done < 0 && errno != EINTR) {
            stop("what was read could not be handed on: %s", strerror(errno));
        }
        if (done > 0) {
            at += done;
            count -= (size_t)done;
        }
    }
    limits_renew();
}

static void send_head(wire_tag tag, size_t bytes) {
    unsigned char head[WIRE_HEAD];
    little_put32(head, tag);
    little_put64(head + 4, bytes);
    send_bytes(head, sizeof head);
}

void send_block(wire_tag tag, const void *payload, size_t bytes) {
    if (bytes > 0) {
        send_head(tag, bytes);
        send_bytes(payload, bytes);
    }
}

void send_begin(const wire_shape *shape) {
    unsigned char payload[WIRE_SHAPE_BYTES];
    wire_put_shape(payload, shape);
    send_bytes(WIRE_MAGIC, WIRE_MAGIC_BYTES);
    send_block(WIRE_SHAPE, payload, sizeof payload);
}

void send_names(wire_tag tag, const text_list *names) {
    unsigned char *block = room_for(WIRE_BLOCK_MOST, 1);
    size_t used = 0;
    for (int64_t i = 0; i < names->count; i++) {
        size_t length = strlen(text_at(names, i));
        if (used + 4 + length > WIRE_BLOCK_MOST) {
            send_block(tag, block, used);
            used = 0;
        }
        little_put32(block + used, (uint32_t)length);
        memcpy(block + used + 4, text_at(names, i), length);
        used += 4 + length;
    }
    send_block(tag, block, used);
    free(block);
}

void send_end(void) {
    send_head(WIRE_END, 0);
}

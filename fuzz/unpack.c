#include "unpack.h"

#include <string.h>

enum {
    BY_LINES = 0x01,
    STEPS = 0x06,
    FEW_BYTES = 1 << 18,        /* unpacked of an input that is not an ample one */
    UNPACKED_FREE = 64000000,   /* that may come of any file, */
    UNPACKED_PER_BYTE = 256,    /* that may come of each of its bytes, */
    UNPACKED_AT_ONCE = 1000000, /* and what comes before that is noticed */
};

static nmf_status next_bytes(stream *in, size_t step, size_t *got) {
    static char bytes[1 << 16];
    const unsigned char *ahead;
    size_t seen;
    nmf_status status = stream_peek(in, step < STREAM_PEEK ? step : STREAM_PEEK, &ahead, &seen);
    return status == NMF_OK ? stream_read(in, bytes, step, got) : status;
}

static nmf_status next_line(stream *in, size_t *got) {
    char *line;
    int64_t number;
    nmf_status status = stream_line(in, &line, got, &number);
    if (status == NMF_OK && line) {
        if (line[*got] != '\0') {
            broken("a line ends with a NUL");
        }
        (*got)++;
    }
    return status;
}

static nmf_status drain(const input *in, stream *from) {
    static const size_t steps[] = {1, 7, 4096, 1 << 16};
    size_t step = steps[(in->choice & STEPS) >> 1];
    int64_t most = in->ample ? INT64_MAX : step == 1 ? 4096 : FEW_BYTES;
    size_t got = 1;
    nmf_status status = NMF_OK;
    while (status == NMF_OK && got > 0 && stream_offset(from) < most) {
        status = in->choice & BY_LINES ? next_line(from, &got) : next_bytes(from, step, &got);
    }
    if ((double)stream_offset(from) > UNPACKED_FREE + UNPACKED_AT_ONCE + UNPACKED_PER_BYTE * (double)in->count) {
        broken("a packed file is unpacked to no more than it is worth");
    }
    return status;
}

nmf_status unpack(const input *in, const packing *by) {
    stream *from;
    if (in->count < by->magic_bytes || memcmp(in->bytes, by->magic, by->magic_bytes) != 0) {
        return NMF_OK;
    }
    nmf_status status = input_open(in, &from);
    if (status == NMF_OK) {
        status = drain(in, from);
        stream_close(from);
    }
    return status;
}

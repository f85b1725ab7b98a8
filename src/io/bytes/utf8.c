#include "io/bytes/utf8.h"

/* The lead byte's length, and the range of the second byte, which leaves out surrogates and longer ways than needed. */
typedef struct lead {
    unsigned char first, last, length, low, high;
} lead;

static const lead leads[] = {
    {0x01, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static size_t length_if_whole(const lead *kind, const unsigned char *text, size_t bytes) {
    if (bytes < kind->length || (kind->length > 1 && (text[1] < kind->low || text[1] > kind->high))) {
        return 0;
    }
    for (size_t i = 2; i < kind->length; i++) {
        if (text[i] < 0x80 || text[i] > 0xbf) {
            return 0;
        }
    }
    return kind->length;
}

size_t utf8_character(const char *text, size_t bytes) {
    const unsigned char *at = (const unsigned char *)text;
    for (size_t i = 0; bytes > 0 && i < sizeof leads / sizeof *leads; i++) {
        if (*at >= leads[i].first && *at <= leads[i].last) {
            return length_if_whole(&leads[i], at, bytes);
        }
    }
    return 0;
}

size_t utf8_run(const char *text, size_t bytes) {
    size_t done = 0, length;
    while ((length = utf8_character(text + done, bytes - done)) > 0) {
        done += length;
    }
    return done;
}

#include "legible.h"

#include "say.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the printable character at `text`, or 0: not one that is cut, longer than need be or a control character. */
static size_t printable(const char *text) {
    static const uint32_t least[] = {0, 0x20, 0xa0, 0x800, 0x10000};
    unsigned char first = (unsigned char)*text;
    size_t bytes = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    uint32_t code = bytes > 1 ? first & (0x7fU >> bytes) : first;
    for (size_t i = 1; i < bytes; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (next & 0x3fU);
    }
    bool fine = code >= least[bytes] && code != 0x7f && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return fine ? bytes : 0;
}

char *legible(const char *text) {
    char *clean = text_of("%s", text);
    for (char *at = clean; *at;) {
        size_t bytes = printable(at);
        if (bytes == 0) {
            *at = '?';
            bytes = 1;
        }
        at += bytes;
    }
    return clean;
}

#include "base/printable.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character that begins with `first`; 0 where none does. */
static size_t length_of(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    return first >= 0xf8 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
}

static bool is_printable(uint32_t code, size_t bytes) {
    static const uint32_t least[] = {0, 0x20, 0xa0, 0x800, 0x10000};
    bool surrogate = code >= 0xd800 && code < 0xe000;
    return code >= least[bytes] && code != 0x7f && code <= 0x10ffff && !surrogate;
}

/* Bytes of the printable character at `text`, or 0. */
static size_t printable(const unsigned char *text) {
    size_t bytes = length_of(*text);
    uint32_t code = bytes > 1 ? *text & (0x7fU >> bytes) : *text;
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (text[i] & 0x3fU);
    }
    return is_printable(code, bytes) ? bytes : 0;
}

void make_printable(char *text) {
    while (*text) {
        size_t bytes = printable((const unsigned char *)text);
        if (bytes == 0) {
            *text = '?';
            bytes = 1;
        }
        text += bytes;
    }
}

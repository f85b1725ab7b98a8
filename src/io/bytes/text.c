#include "io/bytes/text.h"

#include <stddef.h>

const char *text_blanks(const char *text) {
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    return text;
}

const char *text_integer(const char *text, int64_t *value) {
    const char *first = text_blanks(text);
    const char *at = first;
    *value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (*value > INT64_MAX / 10 - 1) {
            return NULL;
        }
        *value = 10 * *value + (*at - '0');
    }
    return at > first ? at : NULL;
}

#include "quote.h"

#include "say.h"

#include <string.h>

char *quoted(const char *name) {
    char *text = room_for(2 * strlen(name) + 3, 1);
    size_t used = 0;
    text[used++] = '"';
    for (; *name; name++) {
        if (*name == '"') {
            text[used++] = '"';
        }
        text[used++] = (char)(*name == '\n' || *name == '\r' ? ' ' : *name);
    }
    text[used] = '"';
    return text;
}

char *csv_field_of(const char *name) {
    size_t length = strlen(name);
    bool plain = length > 0 && !strpbrk(name, ",;\"\t\r\n") && name[0] != ' ' && name[length - 1] != ' ';
    return plain ? text_of("%s", name) : quoted(name);
}

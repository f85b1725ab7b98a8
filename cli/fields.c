#include "fields.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

char fields_separator(const char *line) {
    static const char candidates[] = "\t,;";
    for (const char *c = candidates; *c; c++) {
        bool in_quotes = false;
        for (const char *at = line; *at; at++) {
            in_quotes = in_quotes != (*at == '"');
            if (*at == *c && !in_quotes) {
                return *c;
            }
        }
    }
    return ' ';
}

static bool is_blank(char c, char separator) {
    return c == ' ' || (c == '\t' && separator != '\t');
}

static char *skip_blanks(char *at, char separator) {
    while (is_blank(*at, separator)) {
        at++;
    }
    return at;
}

static bool ends_field(char c, char separator) {
    return c == '\0' || c == separator || (separator == ' ' && is_blank(c, separator));
}

/* From the opening quote to past the closing one, undoubling in place; NULL where there is none. */
static char *take_quoted(char *at, char **field) {
    char *to = at;
    *field = at;
    for (at++; *at != '\0'; at++) {
        if (*at == '"' && *++at != '"') {
            *to = '\0';
            return at;
        }
        *to++ = *at;
    }
    return NULL;
}

/* To where the field ends; what stands there is not overwritten yet. */
static char *take_plain(char *at, char separator, char **field, char **last) {
    *field = at;
    while (!ends_field(*at, separator)) {
        at++;
    }
    *last = at;
    while (*last > *field && is_blank((*last)[-1], separator)) {
        (*last)--;
    }
    return at;
}

/* The field that begins at `at`; returns what ends it, or NULL where its quotes are wrong. */
static char *take_field(char *at, char separator, char **field, char **last) {
    *last = NULL;
    if (*at != '"') {
        return take_plain(at, separator, field, last);
    }
    at = take_quoted(at, field);
    if (at && separator != ' ') {
        at = skip_blanks(at, separator);
    }
    return at && ends_field(*at, separator) ? at : NULL;
}

int fields_split(char *line, char separator, char **fields, int most) {
    int count = 0;
    bool more = true;
    for (char *at = line; more; count++) {
        char *field = NULL, *last = NULL;
        at = take_field(skip_blanks(at, separator), separator, &field, &last);
        if (!at) {
            return -1;
        }
        if (count < most) {
            fields[count] = field;
        }
        more = *at != '\0';
        at += more;
        if (last) {
            *last = '\0';
        }
        more = more && (separator != ' ' || *skip_blanks(at, separator) != '\0');
    }
    return count;
}

#include "base/number.h"
#include "io/csv/csv.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c, char separator) {
    return c == ' ' || (c == '\t' && separator != '\t');
}

char *csv_trim(char *line, char **end, char separator) {
    while (line < *end && is_blank(*line, separator)) {
        line++;
    }
    while (*end > line && is_blank((*end)[-1], separator)) {
        (*end)--;
    }
    return line;
}

/* From after the opening quote to the closing one, or to the end of the line. */
static char *close_quote(char *at, char *end) {
    while (at < end && (*at != '"' || (at + 1 < end && at[1] == '"'))) {
        at += *at == '"' ? 2 : 1;
    }
    return at;
}

static bool ends_field(char c, char separator) {
    return separator == CSV_BLANKS ? is_blank(c, separator) : c == separator;
}

/* Past what separates this field from the next one; NULL where there is none. */
static char *after_separator(char *at, char *end, char separator) {
    if (at >= end) {
        return NULL;
    }
    at++;
    while (at < end && is_blank(*at, separator)) {
        at++;
    }
    return at;
}

char *csv_next(char *at, char *end, char separator, csv_field *field) {
    *field = (csv_field){.text = at};
    if (at < end && *at == '"') {
        field->quoted = true;
        field->text = at + 1;
        at = close_quote(at + 1, end);
        field->length = (size_t)(at - field->text);
        field->broken = at >= end;
        at += at < end;
        while (at < end && is_blank(*at, separator) && separator != CSV_BLANKS) {
            at++;
        }
        field->broken = field->broken || (at < end && !ends_field(*at, separator));
    }
    while (at < end && !ends_field(*at, separator)) {
        at++;
    }
    if (!field->quoted) {
        char *last = at;
        csv_trim(field->text, &last, separator);
        field->length = (size_t)(last - field->text);
    }
    return after_separator(at, end, separator);
}

int64_t csv_count(char *line, char *end, char separator) {
    int64_t count = 0;
    csv_field field;
    for (char *at = csv_trim(line, &end, separator); at; count++) {
        at = csv_next(at, end, separator, &field);
    }
    return count;
}

bool csv_number(const csv_field *field, double *value) {
    double found = 0;
    const char *end = field->length > 0 ? number_parse(field->text, &found) : NULL;
    if (value) {
        *value = found;
    }
    return end && end == field->text + field->length && !isnan(found);
}

bool csv_is_number(const csv_field *field) {
    return csv_number(field, NULL);
}

bool csv_is_missing(const csv_field *field) {
    static const char *const words[] = {"", "NA", "N/A", "NaN", "-NaN", "+NaN", "null", "none"};
    for (size_t i = 0; !field->quoted && i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == field->length && strncasecmp(words[i], field->text, field->length) == 0) {
            return true;
        }
    }
    return false;
}

nmf_status csv_add_name(names *list, csv_field *field) {
    size_t length = 0;
    for (size_t i = 0; i < field->length; i++) {
        char c = field->text[i];
        field->text[length++] = c;
        i += field->quoted && c == '"';
    }
    return names_add(list, field->text, length);
}

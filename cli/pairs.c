#include "pairs.h"

#include "fields.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIELDS = 3 };

static const char banner[] = "%%MatrixMarket";

typedef struct reader {
    const char *name; /* of the file, for sentences */
    FILE *from;
    char *line; /* the current one, without its end */
    size_t room;
    int64_t number; /* of that line */
    bool in_mtx;
    char separator;
    int fields;       /* a line; 0: not known yet */
    int64_t promised; /* entries, of Matrix Market */
    lookup rows, cols;
    pair_list *pairs;
} reader;

/* Complain of the current line; `sentence` comes from text_of, and is freed. */
static nmf_status complain_line(const reader *r, char *sentence) {
    complain(NMF_ERROR_INPUT, "%s, line %" PRId64 ": %s", r->name, r->number, sentence);
    free(sentence);
    return NMF_ERROR_INPUT;
}

static nmf_status check_text(const reader *r, size_t length) {
    if (r->number == 1 && (strncmp(r->line, "\x1f\x8b", 2) == 0 || strncmp(r->line, "\x28\xb5\x2f\xfd", 4) == 0)) {
        return complain(NMF_ERROR_INPUT, "%s is packed: unpack it first; - reads pairs from the standard input",
                        r->name);
    }
    if (strlen(r->line) != length) {
        return complain_line(r, text_of("a NUL byte, where text is expected"));
    }
    return NMF_OK;
}

/* The next line into r->line; `more` is false where there is none. */
static nmf_status next_line(reader *r, bool *more) {
    errno = 0;
    ssize_t length = getline(&r->line, &r->room, r->from);
    *more = length >= 0;
    if (!*more) {
        bool failed = ferror(r->from) || !feof(r->from);
        return failed ? complain(NMF_ERROR_INPUT, "%s cannot be read: %s", r->name, strerror(errno)) : NMF_OK;
    }
    r->number++;
    nmf_status status = check_text(r, (size_t)length);
    while (length > 0 && (r->line[length - 1] == '\n' || r->line[length - 1] == '\r')) {
        r->line[--length] = '\0';
    }
    if (r->number == 1 && length >= 3 && strncmp(r->line, "\xef\xbb\xbf", 3) == 0) {
        memmove(r->line, r->line + 3, (size_t)length - 2);
    }
    return status;
}

static bool is_blank_line(const char *line) {
    return line[strspn(line, " \t")] == '\0';
}

/* The next line that says something. */
static nmf_status next_words(reader *r, bool *more) {
    nmf_status status = NMF_OK;
    do {
        status = next_line(r, more);
    } while (status == NMF_OK && *more && (is_blank_line(r->line) || (r->in_mtx && r->line[0] == '%')));
    return status;
}

static bool to_number(const char *text, double *value) {
    char *end = NULL;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

static void *longer(void *list, int64_t count, int64_t room, size_t size) {
    void *longer_list = room_for((size_t)room, size);
    if (count > 0) {
        memcpy(longer_list, list, (size_t)count * size);
    }
    free(list);
    return longer_list;
}

static void add_pair(pair_list *pairs, int64_t row, int64_t col, double truth) {
    if (pairs->count == pairs->room) {
        pairs->room = pairs->room > 0 ? 2 * pairs->room : 256;
        pairs->rows = longer(pairs->rows, pairs->count, pairs->room, sizeof *pairs->rows);
        pairs->cols = longer(pairs->cols, pairs->count, pairs->room, sizeof *pairs->cols);
        pairs->truths = longer(pairs->truths, pairs->count, pairs->room, sizeof *pairs->truths);
    }
    pairs->rows[pairs->count] = row;
    pairs->cols[pairs->count] = col;
    pairs->truths[pairs->count++] = truth;
}

static nmf_status look_up(const reader *r, const lookup *in, const char *word, int64_t *place) {
    *place = lookup_find(in, word);
    if (*place >= 0) {
        return NMF_OK;
    }
    char *where = text_of("%s, line %" PRId64, r->name, r->number);
    nmf_status status = lookup_refuse(in, word, where, NMF_ERROR_INPUT);
    free(where);
    return status;
}

static nmf_status take_pair(reader *r, char **fields) {
    int64_t row = 0, col = 0;
    double truth = 0;
    nmf_status status = look_up(r, &r->rows, fields[0], &row);
    if (status == NMF_OK) {
        status = look_up(r, &r->cols, fields[1], &col);
    }
    if (status == NMF_OK && r->fields == FIELDS && !to_number(fields[2], &truth)) {
        return complain_line(r, text_of("\"%s\" is not a number, which the true value must be", fields[2]));
    }
    if (status == NMF_OK) {
        add_pair(r->pairs, row, col, truth);
    }
    return status;
}

static bool is_heading(const lookup *in, const char *word) {
    double value;
    return lookup_find(in, word) == LOOKUP_NONE && (in->names || !to_number(word, &value));
}

/* A first line is taken as headings where no word of it can be what stands in its place. */
static bool is_header(const reader *r, char **fields) {
    double value;
    return is_heading(&r->rows, fields[0]) && is_heading(&r->cols, fields[1]) &&
           (r->fields < FIELDS || !to_number(fields[2], &value));
}

/* Where both words look like misspelt names, they may be a pair after all. */
static void warn_of_header(const reader *r, char **fields) {
    if (lookup_is_close(&r->rows, fields[0]) && lookup_is_close(&r->cols, fields[1])) {
        char *sentence = text_of("%s, line %" PRId64 ": \"%s\" and \"%s\" are taken as headings, since no row and no "
                                 "column is called so",
                                 r->name, r->number, fields[0], fields[1]);
        say_warning(NULL, sentence);
        free(sentence);
    }
}

/* The fields of the current line: as many as there were in the first one. */
static nmf_status split(reader *r, char **fields) {
    int count = fields_split(r->line, r->separator, fields, FIELDS);
    if (count < 0) {
        return complain_line(r, text_of("a quote that is not closed, or something behind it; quotes are as in CSV"));
    }
    if (count < 2 || count > FIELDS) {
        return complain_line(r,
                             text_of("%d field%s; expected are a row, a column and, where it is known, the true value",
                                     count, count == 1 ? "" : "s"));
    }
    if (r->fields > 0 && count != r->fields) {
        return complain_line(r, text_of("%d fields; after the first line, %d are expected", count, r->fields));
    }
    r->fields = count;
    return NMF_OK;
}

/* The first line tells what separates fields, how many there are, and whether it is one of headings. */
static nmf_status read_first(reader *r) {
    char *fields[FIELDS];
    r->separator = fields_separator(r->line);
    nmf_status status = split(r, fields);
    if (status == NMF_OK && is_header(r, fields)) {
        warn_of_header(r, fields);
        return NMF_OK;
    }
    return status == NMF_OK ? take_pair(r, fields) : status;
}

/* Of its kinds, only a general list of coordinates says which pairs it means. */
static nmf_status read_banner(reader *r) {
    char *words[6] = {NULL};
    int count = fields_split(r->line, ' ', words, 6);
    bool pattern = count == 5 && strcasecmp(words[3], "pattern") == 0;
    bool good = count == 5 && strcasecmp(words[1], "matrix") == 0 && strcasecmp(words[2], "coordinate") == 0 &&
                (pattern || strcasecmp(words[3], "real") == 0 || strcasecmp(words[3], "integer") == 0) &&
                strcasecmp(words[4], "general") == 0;
    if (!good) {
        return complain_line(r, text_of("of Matrix Market, pairs are read from \"%s matrix coordinate real general\", "
                                        "integer or pattern in the place of real",
                                        banner));
    }
    r->in_mtx = true;
    r->separator = ' ';
    r->fields = pattern ? 2 : 3;
    r->rows = lookup_by_number(&r->rows);
    r->cols = lookup_by_number(&r->cols);
    return NMF_OK;
}

static nmf_status read_sizes(reader *r) {
    bool more = false;
    double sizes[FIELDS];
    char *fields[FIELDS];
    nmf_status status = next_words(r, &more);
    if (status != NMF_OK) {
        return status;
    }
    bool good = more && fields_split(r->line, ' ', fields, FIELDS) == FIELDS;
    for (int i = 0; i < FIELDS && good; i++) {
        good = to_number(fields[i], &sizes[i]) && sizes[i] >= 0 && sizes[i] < 1e15 && sizes[i] == floor(sizes[i]);
    }
    if (!good) {
        return complain_line(r, text_of("expected are three whole numbers: rows, columns and entries"));
    }
    if (sizes[0] != (double)r->rows.count || sizes[1] != (double)r->cols.count) {
        return complain_line(r, text_of("%.0f x %.0f, but W H is %" PRId64 " x %" PRId64 ": both must be the same",
                                        sizes[0], sizes[1], r->rows.count, r->cols.count));
    }
    r->promised = (int64_t)sizes[2];
    return NMF_OK;
}

static nmf_status read_rest(reader *r) {
    char *fields[FIELDS];
    bool more = false;
    nmf_status status = next_words(r, &more);
    while (status == NMF_OK && more) {
        status = split(r, fields);
        if (status == NMF_OK) {
            status = take_pair(r, fields);
        }
        if (status == NMF_OK) {
            status = next_words(r, &more);
        }
    }
    return status;
}

static nmf_status read_mtx(reader *r) {
    nmf_status status = read_banner(r);
    if (status == NMF_OK) {
        status = read_sizes(r);
    }
    if (status == NMF_OK) {
        status = read_rest(r);
    }
    if (status == NMF_OK && r->pairs->count != r->promised) {
        return complain(NMF_ERROR_INPUT, "%s holds %" PRId64 " entries, but speaks of %" PRId64, r->name,
                        r->pairs->count, r->promised);
    }
    return status;
}

static nmf_status read_text(reader *r) {
    nmf_status status = read_first(r);
    return status == NMF_OK ? read_rest(r) : status;
}

static nmf_status read_all(reader *r) {
    bool more = false;
    nmf_status status = next_words(r, &more);
    if (status == NMF_OK && more) {
        status = strncmp(r->line, banner, sizeof banner - 1) == 0 ? read_mtx(r) : read_text(r);
    }
    if (status == NMF_OK && r->pairs->count == 0) {
        return complain(NMF_ERROR_INPUT, "%s holds no pairs; expected are a row and a column a line", r->name);
    }
    return status;
}

nmf_status pairs_read(const char *path, const lookup *rows, const lookup *cols, pair_list *pairs) {
    bool standard = strcmp(path, "-") == 0;
    reader r = {.name = standard ? "the standard input" : path,
                .from = standard ? stdin : fopen(path, "re"),
                .rows = *rows,
                .cols = *cols,
                .pairs = pairs};
    if (!r.from) {
        return complain(NMF_ERROR_INPUT, "%s cannot be opened: %s", path, strerror(errno));
    }
    nmf_status status = read_all(&r);
    pairs->has_truths = r.fields == FIELDS;
    free(r.line);
    if (!standard) {
        fclose(r.from);
    }
    return status;
}

void pairs_free(pair_list *pairs) {
    free(pairs->rows);
    free(pairs->cols);
    free(pairs->truths);
}

#include "lookup.h"

#include "options.h"
#include "quote.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *left, const void *right, void *names) {
    const char *const *all = names;
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    int order = strcmp(all[a], all[b]);
    return order != 0 ? order : (a > b) - (a < b);
}

static void sort_names(lookup *in) {
    in->sorted = room_for((size_t)in->count, sizeof *in->sorted);
    for (int64_t i = 0; i < in->count; i++) {
        in->sorted[i] = i;
    }
    qsort_r(in->sorted, (size_t)in->count, sizeof *in->sorted, by_name, in->names);
}

lookup lookup_new(const nmf_matrix *matrix, bool columns) {
    const char *(*name_of)(const nmf_matrix *, int64_t) = columns ? nmf_matrix_col_name : nmf_matrix_row_name;
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    lookup in = {.what = columns ? "column" : "row", .count = columns ? info.cols : info.rows};
    if (name_of(matrix, 0)) {
        in.names = room_for((size_t)in.count, sizeof *in.names);
        for (int64_t i = 0; i < in.count; i++) {
            in.names[i] = name_of(matrix, i);
        }
        sort_names(&in);
    }
    return in;
}

lookup lookup_by_number(const lookup *in) {
    return (lookup){.what = in->what, .count = in->count};
}

void lookup_free(lookup *in) {
    free(in->names);
    free(in->sorted);
}

/* Where in the sorted list the names begin that are not before `word`. */
static int64_t first_of(const lookup *in, const char *word) {
    int64_t low = 0, high = in->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (strcmp(in->names[in->sorted[middle]], word) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_named(const lookup *in, int64_t at, const char *word) {
    return at < in->count && strcmp(in->names[in->sorted[at]], word) == 0;
}

static int64_t find_number(const lookup *in, const char *word) {
    char *end = NULL;
    errno = 0;
    long long number = strtoll(word, &end, 10);
    bool good = *word >= '0' && *word <= '9' && *end == '\0' && errno == 0 && number >= 1 && number <= in->count;
    return good ? number - 1 : LOOKUP_NONE;
}

int64_t lookup_find(const lookup *in, const char *word) {
    if (!in->names) {
        return find_number(in, word);
    }
    int64_t at = first_of(in, word);
    if (!is_named(in, at, word)) {
        return LOOKUP_NONE;
    }
    return is_named(in, at + 1, word) ? LOOKUP_SHARED : in->sorted[at];
}

bool lookup_is_close(const lookup *in, const char *word) {
    return in->names && nmf_closest(word, in->names, in->count);
}

static nmf_status refuse_name(const lookup *in, const char *word, const char *where, nmf_status status) {
    int64_t at = first_of(in, word);
    if (is_named(in, at, word)) {
        return complain(status,
                        "%s: \"%s\" is the name of %ss %" PRId64 " and %" PRId64 ": which one is meant is not guessed",
                        where, word, in->what, in->sorted[at] + 1, in->sorted[at + 1] + 1);
    }
    char *close = did_you_mean(word, "", in->names, in->count);
    char *first = text_of("; expected is one of the %" PRId64 " names of the fit, as \"%s\"", in->count, in->names[0]);
    complain(status, "%s: no %s is called \"%s\"%s", where, in->what, word, *close ? close : first);
    free(first);
    free(close);
    return status;
}

nmf_status lookup_refuse(const lookup *in, const char *word, const char *where, nmf_status status) {
    if (in->names) {
        return refuse_name(in, word, where, status);
    }
    return complain(status, "%s: \"%s\" is no %s; expected is a whole number from 1 to %" PRId64, where, word, in->what,
                    in->count);
}

char *lookup_field(const lookup *in, int64_t i) {
    return in->names ? csv_field_of(in->names[i]) : text_of("%" PRId64, i + 1);
}

#include "io/select.h"

#include "io/name_lines.h"
#include "matrix/prepare.h"

/* What is chosen, and by what. */
typedef struct selection {
    nmf_context *context;
    const char *path;
    const char *side; /* "row" */
    const names *all; /* of the matrix */
    names wanted;     /* name i in line i + 1 */
    int64_t *places;  /* of the chosen ones, ascending */
    int64_t count;
} selection;

static nmf_status read_wanted(selection *s) {
    bool more;
    nmf_status status = name_lines_read(s->context, s->path, INT64_MAX, &s->wanted, &more);
    if (status != NMF_OK) {
        return status;
    }
    while (s->wanted.count > 0 && *names_at(&s->wanted, s->wanted.count - 1) == '\0') {
        s->wanted.count--;
    }
    return s->wanted.count > 0 ? NMF_OK
                               : fail(s->context, NMF_ERROR_INPUT,
                                      "%s holds no names; at least one %s must be named, one a line", s->path, s->side);
}

/* The sentence about a name that nothing has, with one close to it where there is any. */
static nmf_status fail_unknown(const selection *s, int64_t line) {
    const char **all;
    nmf_status status = array_new(s->context, s->all->count, sizeof *all, "names to compare", (void **)&all);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t i = 0; i < s->all->count; i++) {
        all[i] = names_at(s->all, i);
    }
    const char *name = names_at(&s->wanted, line), *close = nmf_closest(name, all, s->all->count);
    status = fail(s->context, NMF_ERROR_INPUT, "%s, line %lld: the matrix has no %s \"%.80s\"%s%.80s%s", s->path,
                  (long long)line + 1, s->side, name, close ? "; did you mean \"" : "", close ? close : "",
                  close ? "\"?" : "");
    array_free(s->context, all);
    return status;
}

/* A mark for every row (column) that is wanted. */
static nmf_status mark(const selection *s, unsigned char *marks) {
    name_index index;
    nmf_status status = name_index_new(s->all, &index);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t line = 0; line < s->wanted.count && status == NMF_OK; line++) {
        int64_t count;
        const int64_t *found = name_index_find(&index, names_at(&s->wanted, line), &count);
        if (count == 0) {
            status = fail_unknown(s, line);
        }
        /* Where the first is marked, the name came before, and they all are. */
        for (int64_t i = 0; i < count && !(i == 0 && marks[found[0]]); i++) {
            marks[found[i]] = 1;
        }
    }
    name_index_free(&index);
    return status;
}

static nmf_status choose(selection *s) {
    unsigned char *marks;
    nmf_status status =
        array_new(s->context, s->all->count, sizeof *s->places, "the places of names", (void **)&s->places);
    if (status != NMF_OK) {
        return status;
    }
    status = array_new(s->context, s->all->count, 1, "the marks of names", (void **)&marks);
    if (status == NMF_OK) {
        status = mark(s, marks);
    }
    for (int64_t i = 0; i < s->all->count && status == NMF_OK; i++) {
        if (marks[i]) {
            s->places[s->count++] = i;
        }
    }
    array_free(s->context, marks);
    return status;
}

nmf_status select_by_file(const nmf_matrix *matrix, bool columns, const char *path, nmf_matrix **copy) {
    selection s = {.context = matrix->context,
                   .path = path,
                   .side = columns ? "column" : "row",
                   .all = columns ? &matrix->col_names : &matrix->row_names,
                   .wanted = names_empty(matrix->context)};
    *copy = NULL;
    if (s.all->count == 0) {
        return fail(s.context, NMF_ERROR_INPUT,
                    "%s names %ss, but those of the matrix have no names; give them with --%s-names (%s_names of "
                    "nmf_read_options), or in %ss.txt beside the file",
                    path, s.side, columns ? "col" : "row", columns ? "col" : "row", columns ? "col" : "row");
    }
    nmf_status status = read_wanted(&s);
    if (status == NMF_OK) {
        status = choose(&s);
    }
    if (status == NMF_OK) {
        status = matrix_pick(matrix, columns, s.places, s.count, copy);
    }
    array_free(s.context, s.places);
    names_free(&s.wanted);
    return status;
}

#include "io/walk.h"

static nmf_status walk_line(const table *t, bool column, int64_t i, entry_line *line) {
    walk *way = (walk *)t->of;
    (void)column;
    while (!way->at.rows || i >= way->at.first + way->at.rows->info.rows) {
        if (!matrix_next(way->matrix, &way->at)) {
            return matrix_status(way->matrix);
        }
    }
    *line = way->at.rows->kind->line(way->at.rows, false, i - way->at.first);
    return NMF_OK;
}

static const char *walk_name(const table *t, bool column, int64_t i) {
    const walk *way = t->of;
    return column ? nmf_matrix_col_name(way->matrix, i) : nmf_matrix_row_name(way->matrix, i);
}

table table_of_walk(walk *way) {
    table t = table_of_matrix(way->matrix);
    t.line = walk_line;
    t.name = walk_name;
    t.of = way;
    return t;
}

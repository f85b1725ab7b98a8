/* A matrix that is spread, as a kind: its entries are looked at by all processes together. */
#include "matrix/spread.h"
#include "matrix/scan.h"

#include <string.h>

static void leave(nmf_crowd *crowd) {
    if (crowd->leave) {
        crowd->leave(crowd);
    }
}

void spread_free(nmf_context *context, spread *over) {
    nmf_matrix_free(over->block);
    nmf_matrix_free(over->columns);
    if (!over->borrowed) {
        array_free(context, over->flags);
        array_free(context, over->counts);
        leave(&over->group);
        leave(&over->peers);
    }
    for (int t = 0; t < 2 && !over->borrowed; t++) {
        spread_side *side = &over->side[t];
        leave(&side->others);
        array_free(context, side->seen);
        array_free(context, side->bounds);
    }
    array_free(context, over);
}

nmf_status spread_shell(const nmf_matrix *of, int64_t rows, int64_t cols, spread *over, nmf_matrix **out) {
    nmf_status status = matrix_new(of->context, &matrix_spread, rows, cols, over->block->info.dtype, of->allowed, out);
    if (status == NMF_OK) {
        (*out)->as.spread = over;
        (*out)->info = of->info;
        (*out)->info.rows = rows;
        (*out)->info.cols = cols;
        (*out)->info.dtype = over->block->info.dtype;
        (*out)->info.bytes = over->block->info.bytes + (over->columns ? over->columns->info.bytes : 0);
    }
    return status;
}

static void spread_release(nmf_matrix *matrix) {
    if (matrix->as.spread) {
        spread_free(matrix->context, matrix->as.spread);
    }
}

/* Which of one's own rows, or columns, have an entry in any block. */
static void share_seen(const spread *over, bool columns, const unsigned char *in_block, unsigned char *own) {
    const spread_side *side = &over->side[columns];
    int64_t count = columns ? over->block->info.cols : over->block->info.rows;
    float *all = side->seen, *share = side->seen + count;
    for (int64_t i = 0; i < count; i++) {
        all[i] = in_block[i];
    }
    const int64_t *owned = spread_counts(over, columns, false, 1);
    side->others.sum_shares(side->others.user, NMF_F32, all, owned, share);
    side->others.wait(side->others.user);
    for (int64_t i = 0; i < owned[side->others.rank]; i++) {
        own[i] |= share[i] > 0;
    }
}

/* Of the entries that are not allowed the one in the lowest row, that everybody knows of it. */
static void share_bad(const spread *over, scan *found) {
    const nmf_crowd *crowd = over->crowd;
    double all = (double)over->side[0].all, lowest = found->bad_row < 0 ? 0 : all - (double)found->bad_row;
    double first = lowest;
    crowd->largest(crowd->user, &first, 1);
    if (first == 0) {
        return;
    }
    crowd->broadcast(crowd->user, crowd_first(crowd, lowest == first), found, sizeof *found);
}

/* The blocks of all processes are all of A, each entry once. */
static void share_scan(const spread *over, scan *found) {
    const nmf_crowd *crowd = over->crowd;
    double sums[] = {(double)found->stored, (double)found->nnz, (double)found->missing, found->squares};
    int64_t count = over->in_order ? 3 : 4;
    double most[] = {-found->min, found->max};
    crowd->sum(crowd->user, sums, count);
    crowd->largest(crowd->user, most, 2);
    share_bad(over, found);
    found->stored = (int64_t)sums[0];
    found->nnz = (int64_t)sums[1];
    found->missing = (int64_t)sums[2];
    found->squares = sums[3];
    found->min = -most[0];
    found->max = most[1];
}

static void spread_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols) {
    const spread *over = matrix->as.spread;
    const nmf_matrix_info *info = &over->block->info;
    unsigned char *seen_rows = over->flags, *seen_cols = seen_rows + info->rows;
    memset(seen_rows, 0, (size_t)(info->rows + info->cols));
    if (over->in_order) {
        crowd_before(over->crowd, &out->squares, 1);
    }
    over->block->kind->scan(over->block, scale, out, seen_rows, seen_cols);
    if (over->in_order) {
        crowd_after(over->crowd, &out->squares, 1);
    }
    if (out->bad_row >= 0) {
        range of_rows, of_cols;
        matrix_here(matrix, &of_rows, &of_cols);
        out->bad_row += of_rows.from;
        out->bad_col += of_cols.from;
    }
    share_scan(over, out);
    share_seen(over, false, seen_rows, rows);
    share_seen(over, true, seen_cols, cols);
}

static nmf_status spread_convert(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy) {
    nmf_context *context = matrix->context;
    const nmf_matrix *block = matrix_block(matrix), *columns = matrix->as.spread->columns;
    spread *over;
    *copy = NULL;
    nmf_status status = array_new(context, 1, sizeof *over, "a spread matrix", (void **)&over);
    if (status == NMF_OK) {
        *over = *matrix->as.spread;
        over->borrowed = true;
        over->block = over->columns = NULL;
        status = block->kind->convert(block, dtype, scale, &over->block);
    }
    if (status == NMF_OK && columns) {
        status = columns->kind->convert(columns, dtype, scale, &over->columns);
    }
    if (status == NMF_OK) {
        status = spread_shell(matrix, matrix->info.rows, matrix->info.cols, over, copy);
    }
    if (status != NMF_OK && over) {
        spread_free(context, over);
    }
    return nmf_context_agree(context, status);
}

/* Lines are those of the items that are here. */
static entry_line spread_line(const nmf_matrix *matrix, bool column, int64_t i) {
    const nmf_matrix *of = column ? matrix->as.spread->columns : matrix->as.spread->block;
    return of->kind->line(of, column, i);
}

static void spread_next(const nmf_matrix *matrix, block *b) {
    if (!matrix_next(matrix->as.spread->block, b)) {
        b->rows = NULL;
    }
}

static nmf_status spread_status(const nmf_matrix *matrix) {
    return matrix_status(matrix->as.spread->block);
}

const matrix_kind matrix_spread = {
    .next = spread_next,
    .status = spread_status,
    .line = spread_line,
    .scan = spread_scan,
    .convert = spread_convert,
    .release = spread_release,
};

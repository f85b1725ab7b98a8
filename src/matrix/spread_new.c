/* How a matrix is spread: the grid, who owns what, and the block of this process. */
#include "matrix/scattered.h"
#include "matrix/spread.h"
#include "matrix/triplets.h"

#include <math.h>
#include <string.h>

nmf_status matrix_is_same(const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    bool known = !matrix_is_in_file(matrix);
    const double shown[] = {(double)info->rows,
                            (double)info->cols,
                            info->sparse,
                            info->dtype,
                            matrix_is_in_file(matrix),
                            matrix_is_scattered(matrix),
                            known ? (double)info->nnz : 0,
                            known ? info->norm : 0,
                            known ? info->min : 0,
                            known ? info->max : 0};
    return nmf_context_same(matrix->context, "the matrix", shown, sizeof shown);
}

bool spread_has_blocks(const nmf_matrix *matrix, int64_t processes) {
    int64_t least = matrix->info.rows < matrix->info.cols ? matrix->info.rows : matrix->info.cols;
    return least / KERNEL_GRID >= processes;
}

/* What the items of a process are a multiple of, where `count` processes share `total`: whole blocks, if all get one.
 */
static int64_t unit_of(int64_t total, int64_t count) {
    return total / count >= KERNEL_GRID ? KERNEL_GRID : 1;
}

int64_t spread_most(int64_t total, int64_t count, int64_t parts) {
    int64_t unit = unit_of(total, count), each = total / parts + (total % parts > 0);
    int64_t whole = each / unit * unit + (each % unit > 0 ? unit : 0);
    return whole < total ? whole : total;
}

/*
 * Where the items of each process begin: as many for each as whole blocks of items allow, where there are enough of
 * those; where it is known how many entries stand `before` each, counted half by their entries.
 */
static void find_bounds(const int64_t *before, int64_t total, int64_t count, int64_t *bounds) {
    int64_t at = 0, unit = unit_of(total, count);
    double each = before && before[total] > 0 ? (double)before[total] / (double)total : 1;
    double all = (double)total * each + (before ? (double)before[total] : 0);
    for (int64_t t = 1; t < count; t++) {
        while ((double)at * each + (before ? (double)before[at] : 0) < all * (double)t / (double)count) {
            at = at + unit < total ? at + unit : total;
        }
        /* Everybody has some. */
        int64_t most = (total - (count - t) * unit) / unit * unit;
        at = at > bounds[t - 1] ? at : bounds[t - 1] + unit;
        at = at < most ? at : most;
        bounds[t] = at;
    }
    bounds[count] = total;
}

/*
 * Entries before each row (0) and before each column, and at last all, of a sparse matrix; those that no process has
 * all of are counted by all together, each a part of the rows or what it has read. NULL: of a dense one.
 */
typedef struct entry_counts {
    int64_t *before[2];
} entry_counts;

static void copy_counts(const nmf_matrix *whole, entry_counts *counts) {
    const int64_t *start[] = {whole->as.sparse.by_row.start, whole->as.sparse.by_col.start};
    memcpy(counts->before[0], start[0], (size_t)(whole->info.rows + 1) * sizeof *start[0]);
    memcpy(counts->before[1], start[1], (size_t)(whole->info.cols + 1) * sizeof *start[1]);
}

/* Of one in memory as they are at hand; else of this process's part those in each line, one place on. */
static nmf_status count_own(const nmf_matrix *whole, const nmf_crowd *crowd, entry_counts *counts) {
    const nmf_matrix_info *info = &whole->info;
    for (int t = 0; t < 2; t++) {
        nmf_status status = array_new(whole->context, (t ? info->cols : info->rows) + 1, sizeof *counts->before[t],
                                      "the count of the entries", (void **)&counts->before[t]);
        if (status != NMF_OK) {
            return status;
        }
    }
    if (!matrix_is_in_file(whole)) {
        copy_counts(whole, counts);
        return NMF_OK;
    }
    if (matrix_is_scattered(whole)) {
        scattered_count(whole, counts->before[0] + 1, counts->before[1] + 1);
        return NMF_OK;
    }
    range rows = {crowd_share(crowd, info->rows, crowd->rank), crowd_share(crowd, info->rows, crowd->rank + 1)};
    return matrix_count(whole, rows, counts->before[0] + 1, counts->before[1] + 1);
}

/* Of as many rows as columns both are cut alike, so that of a symmetric matrix a process has row and column i. */
static void count_alike(const nmf_matrix_info *info, entry_counts *counts) {
    for (int64_t i = 0; info->rows == info->cols && i <= info->rows; i++) {
        counts->before[0][i] += counts->before[1][i];
        counts->before[1][i] = counts->before[0][i];
    }
}

/* Every process comes here, and all come out the same. */
static nmf_status count_entries(const nmf_matrix *whole, const nmf_crowd *crowd, entry_counts *counts) {
    if (!whole->info.sparse) {
        return NMF_OK;
    }
    nmf_status status = nmf_context_agree(whole->context, count_own(whole, crowd, counts));
    for (int t = 0; t < 2 && status == NMF_OK && matrix_is_in_file(whole); t++) {
        int64_t *before = counts->before[t], lines = t ? whole->info.cols : whole->info.rows;
        crowd_sum_counts(crowd, before, lines + 1);
        for (int64_t i = 0; i < lines; i++) {
            before[i + 1] += before[i];
        }
    }
    if (status == NMF_OK) {
        count_alike(&whole->info, counts);
    }
    return status;
}

static range part_of(const spread_side *side, int64_t part) {
    return (range){side->bounds[part * side->sharers], side->bounds[(part + 1) * side->sharers]};
}

/* Processes stand in the grid row by row. */
static int64_t place_of(const spread *over, int64_t rank, bool columns) {
    int64_t across = over->side[1].parts;
    return columns ? rank % across : rank / across;
}

void matrix_here(const nmf_matrix *matrix, range *rows, range *cols) {
    const spread *over = matrix_spread_of(matrix);
    *rows = (range){0, matrix->info.rows};
    *cols = (range){0, matrix->info.cols};
    if (over) {
        *rows = part_of(&over->side[0], place_of(over, over->crowd->rank, false));
        *cols = part_of(&over->side[1], place_of(over, over->crowd->rank, true));
    }
}

/* Of its part of the grid, the share of its turn there. */
range spread_owned(const spread *over, int64_t rank, bool columns) {
    const spread_side *side = &over->side[columns];
    int64_t turn = place_of(over, rank, columns) * side->sharers + place_of(over, rank, !columns);
    return (range){side->bounds[turn], side->bounds[turn + 1]};
}

/* An iteration has every process meet H of its columns and W of its rows, and add up as many. */
int64_t spread_grid(int64_t count, int64_t rows, int64_t cols) {
    int64_t best = 1;
    double least = INFINITY;
    for (int64_t down = 1; down <= count; down++) {
        int64_t across = count / down;
        double words = (double)(down - 1) * (double)cols + (double)(across - 1) * (double)rows;
        if (count % down == 0 && words < least) {
            best = down;
            least = words;
        }
    }
    return best;
}

const int64_t *spread_counts(const spread *over, bool columns, bool of_all, int64_t each) {
    const spread_side *side = &over->side[columns];
    int64_t here = place_of(over, over->crowd->rank, columns) * side->sharers;
    for (int64_t t = 0; t < (of_all ? over->crowd->count : side->sharers); t++) {
        range owned =
            of_all ? spread_owned(over, t, columns) : (range){side->bounds[here + t], side->bounds[here + t + 1]};
        over->counts[t] = (owned.to - owned.from) * each;
    }
    return over->counts;
}

static nmf_status make_room(nmf_context *context, spread *over) {
    int64_t count = over->crowd->count;
    nmf_status status = array_new(context, count, sizeof *over->counts, "a spread matrix", (void **)&over->counts);
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        status = array_new(context, count + 1, sizeof *over->side[t].bounds, "a spread matrix",
                           (void **)&over->side[t].bounds);
    }
    return status;
}

static void fill_sides(const nmf_matrix *whole, spread_for what, const entry_counts *counts, spread *over) {
    const nmf_crowd *crowd = over->crowd;
    over->side[0].parts =
        what == SPREAD_PRODUCTS ? spread_grid(crowd->count, whole->info.rows, whole->info.cols) : crowd->count;
    over->side[1].parts = crowd->count / over->side[0].parts;
    for (int t = 0; t < 2; t++) {
        spread_side *side = &over->side[t];
        side->all = t ? whole->info.cols : whole->info.rows;
        side->sharers = over->side[!t].parts;
        find_bounds(counts->before[t], side->all, crowd->count, side->bounds);
        side->first = spread_owned(over, crowd->rank, t).from;
        crowd->split(crowd->user, place_of(over, crowd->rank, t), &side->others);
    }
}

/* Who owns what, and who is to be met. */
static nmf_status fill_spread(nmf_context *context, const nmf_matrix *whole, spread_for what, spread *over) {
    entry_counts counts = {{NULL, NULL}};
    nmf_status status = nmf_context_agree(context, make_room(context, over));
    if (status == NMF_OK) {
        status = count_entries(whole, over->crowd, &counts);
    }
    if (status == NMF_OK) {
        fill_sides(whole, what, &counts, over);
    }
    for (int t = 0; t < 2; t++) {
        array_free(context, counts.before[t]);
    }
    return status;
}

/* The block and, for fits by lines, one's own columns. */
static nmf_status cut_block(const nmf_matrix *whole, spread_for what, spread *over) {
    int64_t rank = over->crowd->rank;
    range rows = part_of(&over->side[0], place_of(over, rank, false));
    range cols = part_of(&over->side[1], place_of(over, rank, true));
    nmf_status status = matrix_cut(whole, rows, cols, &over->block);
    if (status == NMF_OK && what != SPREAD_PRODUCTS) {
        status = matrix_cut(whole, (range){0, whole->info.rows}, spread_owned(over, rank, true), &over->columns);
    }
    return status;
}

/* The same of entries that the processes have read wherever they stand. */
static nmf_status receive_block(nmf_matrix *whole, spread_for what, spread *over) {
    bool by_lines = what != SPREAD_PRODUCTS;
    const spread_side *rows = &over->side[0], *cols = &over->side[1];
    const int64_t every_row[] = {0, rows->all};
    const block_owners of_block = {
        {rows->parts, cols->parts}, {rows->sharers, cols->sharers}, {rows->bounds, cols->bounds}};
    const block_owners of_columns = {{1, over->crowd->count}, {1, 1}, {every_row, cols->bounds}};
    int64_t repeated, again;
    nmf_status status = scattered_send(whole, &of_block, !by_lines, &repeated, &over->block);
    if (status == NMF_OK && by_lines) {
        status = scattered_send(whole, &of_columns, true, &again, &over->columns);
    }
    if (status == NMF_OK) {
        triplets_tell_repeated(whole->context, scattered_path(whole), repeated);
    }
    return status;
}

static void take_names(nmf_matrix *from, nmf_matrix *to) {
    to->row_names = from->row_names;
    to->col_names = from->col_names;
    from->row_names = from->col_names = names_empty(from->context);
}

/* About what a process will have of the matrix. */
static nmf_status check_room(const nmf_matrix *whole, spread_for what, const spread *over) {
    double most = context_memory(whole->context);
    double bytes = matrix_bytes(&whole->info, whole->info.dtype) / (double)over->crowd->count;
    bytes *= what != SPREAD_PRODUCTS && !whole->info.sparse ? 2 : 1;
    return bytes <= most ? NMF_OK
                         : fail(whole->context, NMF_ERROR_MEMORY,
                                "a process would have %.0f MB of the matrix, and %.0f MB may be used: more processes "
                                "have less each",
                                bytes / 1e6, most / 1e6);
}

/* The block, and room to look at it. */
static nmf_status fill_block(nmf_context *context, nmf_matrix *whole, spread_for what, spread *over) {
    if (matrix_is_streamed(whole)) {
        streamed_take_room(whole, 0);
    }
    nmf_status status = check_room(whole, what, over);
    if (matrix_is_scattered(whole)) {
        status = nmf_context_agree(context, status);
        status = status == NMF_OK ? receive_block(whole, what, over) : status;
    } else if (status == NMF_OK) {
        status = cut_block(whole, what, over);
    }
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        int64_t lines = t ? over->block->info.cols : over->block->info.rows;
        status = array_new(context, 2 * lines, sizeof *over->side[t].seen, "the check of the entries",
                           (void **)&over->side[t].seen);
    }
    return status == NMF_OK ? array_new(context, over->block->info.rows + over->block->info.cols, 1,
                                        "the check of the entries", (void **)&over->flags)
                            : status;
}

nmf_status spread_check_count(nmf_context *context, int64_t count, int64_t rows, int64_t cols) {
    int64_t least = rows < cols ? rows : cols;
    return count <= least
               ? NMF_OK
               : fail(context, NMF_ERROR_USAGE,
                      "there are %lld processes for a matrix of %lld × %lld; %lld of them have something to do",
                      (long long)count, (long long)rows, (long long)cols, (long long)least);
}

/* The grid, this process's block, and what it is to it; every process comes here. */
static nmf_status spread_new(nmf_matrix *whole, spread_for what, spread *over, nmf_matrix **out) {
    nmf_context *context = whole->context;
    nmf_status status = fill_spread(context, whole, what, over);
    if (status == NMF_OK) {
        status = fill_block(context, whole, what, over);
    }
    if (status == NMF_OK) {
        range rows = spread_owned(over, over->crowd->rank, false), cols = spread_owned(over, over->crowd->rank, true);
        status = spread_shell(whole, rows.to - rows.from, cols.to - cols.from, over, out);
    }
    nmf_status agreed = nmf_context_agree(context, status);
    if (status != NMF_OK) {
        spread_free(context, over);
    }
    return agreed;
}

static nmf_status check_spread(const nmf_matrix *whole, nmf_matrix *out) {
    if (!matrix_is_in_file(whole) || whole->checked) {
        matrix_take_findings(whole, out);
        return NMF_OK;
    }
    if (matrix_is_scattered(whole)) {
        return matrix_check(out, scattered_path(whole));
    }
    streamed_tell(whole);
    return matrix_check(out, streamed_source(whole)->path);
}

/* Groups of processes whose numbers follow each other. */
static void make_groups(int64_t groups, spread *over) {
    const nmf_crowd *all = over->all;
    int64_t each = all->count / groups;
    over->crowd = all;
    if (groups > 1) {
        all->split(all->user, all->rank / each, &over->group);
        all->split(all->user, all->rank % each, &over->peers);
        over->group.here = all->here;
        over->crowd = &over->group;
    }
}

/* A group is by itself until it has its matrix; then all agree. */
static nmf_status spread_in_group(nmf_matrix *whole, spread_for what, spread *over, nmf_matrix **out) {
    nmf_context *context = whole->context;
    const nmf_crowd *all = over->all;
    nmf_context_join(context, over->crowd);
    nmf_status status = matrix_is_scattered(whole) ? scattered_read(whole) : NMF_OK;
    if (status == NMF_OK) {
        status = spread_new(whole, what, over, out);
    } else {
        spread_free(context, over);
    }
    nmf_context_join(context, all);
    return nmf_context_agree(context, status);
}

nmf_status spread_matrix(spread_for what, int64_t groups, nmf_matrix **matrix) {
    nmf_matrix *whole = *matrix, *out = NULL;
    nmf_context *context = whole->context;
    const nmf_crowd *crowd = context_crowd(context);
    spread *over = NULL;
    nmf_status status = spread_check_count(context, crowd->count / groups, whole->info.rows, whole->info.cols);
    if (status == NMF_OK) {
        status = array_new(context, 1, sizeof *over, "a spread matrix", (void **)&over);
    }
    status = nmf_context_agree(context, status);
    if (status == NMF_OK) {
        over->all = crowd;
        make_groups(groups, over);
        over->in_order = what == SPREAD_IN_ORDER;
        status = spread_in_group(whole, what, over, &out);
    } else {
        array_free(context, over);
    }
    if (status == NMF_OK) {
        take_names(whole, out);
        status = check_spread(whole, out);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(out);
        return status;
    }
    nmf_matrix_free(whole);
    *matrix = out;
    return NMF_OK;
}

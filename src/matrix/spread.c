#include "matrix/spread.h"
#include "matrix/scan.h"
#include "matrix/streamed.h"

#include <math.h>
#include <string.h>

static int64_t block_side(const nmf_matrix *matrix, bool columns) {
    const nmf_matrix_info *info = &matrix_block(matrix)->info;
    return columns ? info->cols : info->rows;
}

static size_t packed_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, bool of_block) {
    int64_t rows = of_block ? block_side(matrix, false) : matrix->info.rows;
    int64_t cols = of_block ? block_side(matrix, true) : matrix->info.cols;
    return (size_t)((rows > cols ? rows : cols) * k) * dtype_size(dtype);
}

nmf_status spread_room_new(nmf_context *context, const nmf_matrix *matrix, nmf_dtype dtype, int64_t k,
                           spread_room *room) {
    const spread *over = matrix_spread_of(matrix);
    *room = (spread_room){.own = NULL};
    if (!over) {
        return NMF_OK;
    }
    items *const each[] = {&room->w, &room->p, &room->h, &room->n};
    nmf_status status = NMF_OK;
    for (int t = 0; t < 4 && status == NMF_OK; t++) {
        int64_t count = spread_apart(over, t / 2) ? block_side(matrix, t / 2) : 0;
        status = items_new(context, dtype, count, k, "the factors of other processes", each[t]);
    }
    if (status == NMF_OK) {
        status = items_new(context, dtype, spread_apart(over, false) ? matrix->info.rows : 0, k,
                           "the factors of other processes", &room->own_p);
    }
    if (status == NMF_OK) {
        status = array_new(context, (int64_t)packed_bytes(matrix, dtype, k, false), 1, "the factors of other processes",
                           (void **)&room->own);
    }
    return status == NMF_OK ? array_new(context, (int64_t)packed_bytes(matrix, dtype, k, true), 1,
                                        "the factors of other processes", (void **)&room->all)
                            : status;
}

double spread_room_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k) {
    const spread *over = matrix_spread_of(matrix);
    double bytes = 0;
    for (int t = 0; t < 2 && over; t++) {
        bytes += spread_apart(over, t) ? 2 * items_bytes(dtype, block_side(matrix, t), k) : 0;
    }
    bytes += spread_apart(over, false) ? items_bytes(dtype, matrix->info.rows, k) : 0;
    return over ? bytes + (double)packed_bytes(matrix, dtype, k, true) + (double)packed_bytes(matrix, dtype, k, false)
                : 0;
}

void spread_room_free(nmf_context *context, spread_room *room) {
    items_free(context, &room->w);
    items_free(context, &room->p);
    items_free(context, &room->h);
    items_free(context, &room->n);
    items_free(context, &room->own_p);
    array_free(context, room->own);
    array_free(context, room->all);
    *room = (spread_room){.own = NULL};
}

/* Only what counts of items travels, not what pads them. */
static void pack(const items *from, char *to) {
    size_t size = dtype_size(from->dtype), each = (size_t)from->k * size;
    for (int64_t i = 0; i < from->count; i++) {
        memcpy(to + (size_t)i * each, (const char *)from->data + (size_t)(i * from->stride) * size, each);
    }
}

static void unpack(const char *from, const items *to) {
    size_t size = dtype_size(to->dtype), each = (size_t)to->k * size;
    for (int64_t i = 0; i < to->count; i++) {
        memcpy((char *)to->data + (size_t)(i * to->stride) * size, from + (size_t)i * each, each);
    }
}

void spread_meet(spread *over, const spread_room *room, bool columns, const items *own, items *all) {
    const spread_side *side = &over->side[columns];
    int64_t each = own->k * (int64_t)dtype_size(own->dtype);
    for (int64_t r = 0; r < side->others.count; r++) {
        side->shares[r] = side->owned[r] * each;
    }
    pack(own, room->own);
    side->others.gather(side->others.user, room->own, side->shares, room->all);
    unpack(room->all, all);
    over->words += (double)((all->count - own->count) * own->k);
}

nmf_status spread_lines_new(nmf_context *context, const nmf_matrix *matrix, nmf_dtype dtype, int64_t k,
                            spread_room *room) {
    static const char what[] = "the factors of other processes";
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true);
    int64_t bytes = k * (int64_t)dtype_size(dtype);
    *room = (spread_room){.own = NULL};
    if (!matrix_spread_of(matrix)) {
        return NMF_OK;
    }
    nmf_status status = items_new(context, dtype, rows, k, what, &room->w);
    if (status == NMF_OK) {
        status = items_new(context, dtype, cols, k, what, &room->h);
    }
    if (status == NMF_OK) {
        int64_t longer = matrix->info.rows > matrix->info.cols ? matrix->info.rows : matrix->info.cols;
        status = array_new(context, longer * bytes, 1, what, (void **)&room->own);
    }
    return status == NMF_OK ? array_new(context, (rows > cols ? rows : cols) * bytes, 1, what, (void **)&room->all)
                            : status;
}

double spread_lines_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k) {
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true);
    int64_t own = matrix->info.rows > matrix->info.cols ? matrix->info.rows : matrix->info.cols;
    double packed = (double)((rows > cols ? rows : cols) + own) * (double)k * (double)dtype_size(dtype);
    return matrix_spread_of(matrix) ? packed + items_bytes(dtype, rows + cols, k) : 0;
}

const items *spread_meet_all(spread *over, const spread_room *room, bool columns, const items *own) {
    const spread_side *side = &over->side[columns];
    const items *all = columns ? &room->h : &room->w;
    int64_t each = own->k * (int64_t)dtype_size(own->dtype);
    for (int64_t r = 0; r < over->crowd->count; r++) {
        over->bytes[r] = side->each[r] * each;
    }
    pack(own, room->own);
    over->crowd->gather(over->crowd->user, room->own, over->bytes, room->all);
    unpack(room->all, all);
    over->words += (double)((all->count - own->count) * own->k);
    return all;
}

void spread_add(spread *over, const spread_room *room, bool columns, const items *all, items *own) {
    const spread_side *side = &over->side[columns];
    for (int64_t r = 0; r < side->others.count; r++) {
        side->shares[r] = side->owned[r] * own->k;
    }
    pack(all, room->all);
    side->others.sum_shares(side->others.user, own->dtype, room->all, side->shares, room->own);
    unpack(room->own, own);
    over->words += (double)((all->count - own->count) * own->k);
}

/*
 * Where the items of each process begin: as many for each as whole blocks of items allow, where there are enough of
 * those; of a sparse matrix that is in memory counted half by their entries.
 */
static void find_bounds(const nmf_matrix *whole, bool columns, int64_t count, int64_t *bounds) {
    int64_t total = columns ? whole->info.cols : whole->info.rows, at = 0;
    int64_t unit = total >= count * KERNEL_GRID ? KERNEL_GRID : 1;
    const sparse_data *entries = whole->kind == &matrix_sparse ? &whole->as.sparse : NULL;
    const int64_t *before = !entries ? NULL : columns ? entries->by_col.start : entries->by_row.start;
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

/* The items of a side that a process owns: of its part of the grid, the share of its turn there. */
static range owned_by(const spread *over, int64_t rank, bool columns) {
    const spread_side *side = &over->side[columns];
    int64_t turn = place_of(over, rank, columns) * side->sharers + place_of(over, rank, !columns);
    return (range){side->bounds[turn], side->bounds[turn + 1]};
}

/* The items of all processes, in their order, where they belong. */
static void place_items(const spread *over, bool columns, const char *gathered, const items *all) {
    for (int64_t r = 0; r < over->crowd->count; r++) {
        range owned = owned_by(over, r, columns);
        items to = items_range(all, owned.from, owned.to - owned.from);
        unpack(gathered, &to);
        gathered += over->bytes[r];
    }
}

static void collect(const spread *over, bool columns, const items *own, char *here, char *gathered) {
    const nmf_crowd *crowd = over->crowd;
    for (int64_t r = 0; r < crowd->count; r++) {
        over->bytes[r] = over->side[columns].each[r] * own->k * (int64_t)dtype_size(own->dtype);
    }
    pack(own, here);
    crowd->collect(crowd->user, here, over->bytes, gathered);
}

nmf_status spread_whole(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own, items *all) {
    static const char what[] = "the whole factors";
    const spread *over = matrix_spread_of(matrix);
    int64_t count = over->crowd->rank == 0 ? matrix_all(matrix, columns) : 0;
    int64_t each = own->k * (int64_t)dtype_size(own->dtype);
    char *here = NULL, *gathered = NULL;
    nmf_status status = items_new(context, own->dtype, count, own->k, what, all);
    if (status == NMF_OK) {
        status = array_new(context, own->count * each, 1, what, (void **)&here);
    }
    if (status == NMF_OK) {
        status = array_new(context, count * each, 1, what, (void **)&gathered);
    }
    if (crowd_any(over->crowd, status != NMF_OK)) {
        status =
            status != NMF_OK ? status : fail(context, NMF_ERROR_MEMORY, "another process had no memory for %s", what);
    } else {
        collect(over, columns, own, here, gathered);
    }
    if (status == NMF_OK && count > 0) {
        place_items(over, columns, gathered, all);
    }
    array_free(context, gathered);
    array_free(context, here);
    return status;
}

/*
 * Parts of the rows of the grid whose numbers that travel are the fewest: an iteration has every process meet H of its
 * columns and W of its rows, and add up as many.
 */
static int64_t choose_grid(int64_t count, int64_t rows, int64_t cols) {
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

/* Room for a side's lists. */
static nmf_status side_new(nmf_context *context, int64_t count, spread_side *side) {
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } lists[] = {{(void **)&side->bounds, count + 1, sizeof *side->bounds},
                 {(void **)&side->each, count, sizeof *side->each},
                 {(void **)&side->owned, side->sharers, sizeof *side->owned},
                 {(void **)&side->shares, side->sharers, sizeof *side->shares}};
    nmf_status status = NMF_OK;
    for (size_t t = 0; t < sizeof lists / sizeof *lists && status == NMF_OK; t++) {
        status = array_new(context, lists[t].count, lists[t].size, "a spread matrix", lists[t].array);
    }
    return status;
}

/* Who owns what of a side, and who is to be met there. */
static void fill_side(const nmf_matrix *whole, spread *over, bool columns) {
    const nmf_crowd *crowd = over->crowd;
    spread_side *side = &over->side[columns];
    int64_t here = place_of(over, crowd->rank, columns);
    for (int64_t t = 0; t < crowd->count; t++) {
        range owned = owned_by(over, t, columns);
        side->each[t] = owned.to - owned.from;
    }
    for (int64_t t = 0; t < side->sharers; t++) {
        side->owned[t] = side->bounds[here * side->sharers + t + 1] - side->bounds[here * side->sharers + t];
    }
    side->all = columns ? whole->info.cols : whole->info.rows;
    side->first = owned_by(over, crowd->rank, columns).from;
    crowd->split(crowd->user, here, &side->others);
}

static void release(nmf_context *context, spread *over) {
    nmf_matrix_free(over->block);
    nmf_matrix_free(over->columns);
    if (!over->borrowed) {
        array_free(context, over->flags);
        array_free(context, over->bytes);
    }
    for (int t = 0; t < 2 && !over->borrowed; t++) {
        spread_side *side = &over->side[t];
        if (side->others.leave) {
            side->others.leave(&side->others);
        }
        array_free(context, side->owned);
        array_free(context, side->shares);
        array_free(context, side->seen);
        array_free(context, side->each);
        array_free(context, side->bounds);
    }
    array_free(context, over);
}

static nmf_status fill_spread(nmf_context *context, const nmf_matrix *whole, bool by_lines, spread *over) {
    const nmf_crowd *crowd = over->crowd;
    nmf_status status = array_new(context, crowd->count, sizeof *over->bytes, "a spread matrix", (void **)&over->bytes);
    over->side[0].parts = by_lines ? crowd->count : choose_grid(crowd->count, whole->info.rows, whole->info.cols);
    over->side[1].parts = crowd->count / over->side[0].parts;
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        over->side[t].sharers = over->side[!t].parts;
        status = side_new(context, crowd->count, &over->side[t]);
    }
    status = nmf_context_agree(context, status);
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        find_bounds(whole, t, crowd->count, over->side[t].bounds);
    }
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        fill_side(whole, over, t);
    }
    return status;
}

/* The block and, for fits by lines, one's own columns. */
static nmf_status cut_block(const nmf_matrix *whole, bool by_lines, spread *over) {
    int64_t rank = over->crowd->rank;
    range rows = part_of(&over->side[0], place_of(over, rank, false));
    range cols = part_of(&over->side[1], place_of(over, rank, true));
    nmf_status status = matrix_cut(whole, rows, cols, &over->block);
    if (status == NMF_OK && by_lines) {
        status = matrix_cut(whole, (range){0, whole->info.rows}, owned_by(over, rank, true), &over->columns);
    }
    return status;
}

/* What is here of a matrix, over a block of it. */
static nmf_status shell_new(const nmf_matrix *of, int64_t rows, int64_t cols, spread *over, nmf_matrix **out) {
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

static void take_names(nmf_matrix *from, nmf_matrix *to) {
    to->row_names = from->row_names;
    to->col_names = from->col_names;
    from->row_names = from->col_names = names_empty(from->context);
}

/* About what a process will have of the matrix. */
static nmf_status check_room(const nmf_matrix *whole, bool by_lines, const spread *over) {
    double most = context_memory(whole->context);
    double bytes = matrix_bytes(&whole->info, whole->info.dtype) / (double)over->crowd->count;
    bytes *= by_lines && !whole->info.sparse ? 2 : 1;
    return bytes <= most ? NMF_OK
                         : fail(whole->context, NMF_ERROR_MEMORY,
                                "a process would have %.0f MB of the matrix, and %.0f MB may be used: more processes "
                                "have less each",
                                bytes / 1e6, most / 1e6);
}

/* The block, and room to look at it. */
static nmf_status fill_block(nmf_context *context, nmf_matrix *whole, bool by_lines, spread *over) {
    if (matrix_is_streamed(whole)) {
        streamed_take_room(whole, 0);
    }
    nmf_status status = check_room(whole, by_lines, over);
    if (status == NMF_OK) {
        status = cut_block(whole, by_lines, over);
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

static nmf_status check_count(const nmf_matrix *whole, const nmf_crowd *crowd) {
    int64_t least = whole->info.rows < whole->info.cols ? whole->info.rows : whole->info.cols;
    return crowd->count <= least
               ? NMF_OK
               : fail(whole->context, NMF_ERROR_USAGE,
                      "there are %lld processes for a matrix of %lld × %lld; %lld of them have something to do",
                      (long long)crowd->count, (long long)whole->info.rows, (long long)whole->info.cols,
                      (long long)least);
}

/* The grid, this process's block, and what it is to it; every process comes here. */
static nmf_status spread_new(nmf_matrix *whole, bool by_lines, spread *over, nmf_matrix **out) {
    nmf_context *context = whole->context;
    nmf_status status = fill_spread(context, whole, by_lines, over);
    if (status == NMF_OK) {
        status = fill_block(context, whole, by_lines, over);
    }
    if (status == NMF_OK) {
        range rows = owned_by(over, over->crowd->rank, false), cols = owned_by(over, over->crowd->rank, true);
        status = shell_new(whole, rows.to - rows.from, cols.to - cols.from, over, out);
    }
    nmf_status agreed = nmf_context_agree(context, status);
    if (status != NMF_OK) {
        release(context, over);
    }
    return agreed;
}

static nmf_status check_spread(const nmf_matrix *whole, nmf_matrix *out) {
    if (!matrix_is_streamed(whole) || whole->checked) {
        matrix_take_findings(whole, out);
        return NMF_OK;
    }
    streamed_tell(whole);
    return matrix_check(out, streamed_source(whole)->path);
}

nmf_status spread_matrix(bool by_lines, nmf_matrix **matrix) {
    nmf_matrix *whole = *matrix, *out = NULL;
    nmf_context *context = whole->context;
    const nmf_crowd *crowd = context_crowd(context);
    spread *over = NULL;
    nmf_status status = check_count(whole, crowd);
    if (status == NMF_OK) {
        status = array_new(context, 1, sizeof *over, "a spread matrix", (void **)&over);
    }
    status = nmf_context_agree(context, status);
    if (status == NMF_OK) {
        over->crowd = crowd;
        status = spread_new(whole, by_lines, over, &out);
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

static void spread_release(nmf_matrix *matrix) {
    if (matrix->as.spread) {
        release(matrix->context, matrix->as.spread);
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
    side->others.sum_shares(side->others.user, NMF_F32, all, side->owned, share);
    for (int64_t i = 0; i < side->owned[side->others.rank]; i++) {
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
    double speaker = lowest == first ? (double)(crowd->count - crowd->rank) : 0;
    crowd->largest(crowd->user, &speaker, 1);
    crowd->broadcast(crowd->user, crowd->count - (int64_t)speaker, found, sizeof *found);
}

/* The blocks of all processes are all of A, each entry once. */
static void share_scan(const spread *over, scan *found) {
    const nmf_crowd *crowd = over->crowd;
    double sums[] = {(double)found->stored, (double)found->nnz, (double)found->missing, found->squares};
    double most[] = {-found->min, found->max};
    crowd->sum(crowd->user, sums, 4);
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
    over->block->kind->scan(over->block, scale, out, seen_rows, seen_cols);
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
        status = shell_new(matrix, matrix->info.rows, matrix->info.cols, over, copy);
    }
    if (status != NMF_OK && over) {
        release(context, over);
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

/* What processes have to say to each other of the items that each owns. */
#include "matrix/spread.h"

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
    if (over->in_order) {
        nmf_status made = spread_lines_new(context, matrix, dtype, k, room);
        return made == NMF_OK
                   ? items_new(context, dtype, matrix->info.rows, k, "the products of the rows", &room->own_p)
                   : made;
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
    if (over && over->in_order) {
        return spread_lines_bytes(matrix, dtype, k) + items_bytes(dtype, matrix->info.rows, k);
    }
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

static int64_t packed_item(const items *x) {
    return x->k * (int64_t)dtype_size(x->dtype);
}

void spread_wait(spread *over) {
    spread_pending *pending = &over->pending;
    if (pending->crowd) {
        pending->crowd->wait(pending->crowd->user);
        unpack(pending->packed, &pending->to);
        pending->crowd = NULL;
    }
}

static void gather(spread *over, const nmf_crowd *from, const int64_t *bytes, const spread_room *room, const items *own,
                   const items *all) {
    spread_wait(over);
    pack(own, room->own);
    from->gather(from->user, room->own, bytes, room->all);
    over->pending = (spread_pending){from, room->all, *all};
    over->words += (double)((all->count - own->count) * own->k);
}

void spread_meet_begin(spread *over, const spread_room *room, bool columns, const items *own, items *all) {
    gather(over, &over->side[columns].others, spread_counts(over, columns, false, packed_item(own)), room, own, all);
}

void spread_meet(spread *over, const spread_room *room, bool columns, const items *own, items *all) {
    spread_meet_begin(over, room, columns, own, all);
    spread_wait(over);
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

const items *spread_meet_all_begin(spread *over, const spread_room *room, bool columns, const items *own) {
    const items *all = columns ? &room->h : &room->w;
    gather(over, over->crowd, spread_counts(over, columns, true, packed_item(own)), room, own, all);
    return all;
}

const items *spread_meet_all(spread *over, const spread_room *room, bool columns, const items *own) {
    const items *all = spread_meet_all_begin(over, room, columns, own);
    spread_wait(over);
    return all;
}

void spread_add(spread *over, const spread_room *room, bool columns, const items *all, items *own) {
    spread_add_begin(over, room, columns, all, own);
    spread_wait(over);
}

void spread_add_begin(spread *over, const spread_room *room, bool columns, const items *all, items *own) {
    const nmf_crowd *others = &over->side[columns].others;
    spread_wait(over);
    pack(all, room->all);
    others->sum_shares(others->user, own->dtype, room->all, spread_counts(over, columns, false, own->k), room->own);
    over->pending = (spread_pending){others, room->own, *own};
    over->words += (double)((all->count - own->count) * own->k);
}

/* The items of all processes, in their order, where they belong. */
static void place_items(const spread *over, bool columns, const char *gathered, const items *all) {
    for (int64_t r = 0; r < over->crowd->count; r++) {
        range owned = spread_owned(over, r, columns);
        items to = items_range(all, owned.from, owned.to - owned.from);
        unpack(gathered, &to);
        gathered += to.count * packed_item(all);
    }
}

nmf_status spread_whole(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own, items *all) {
    static const char what[] = "the whole factors";
    const spread *over = matrix_spread_of(matrix);
    int64_t count = over->crowd->rank == 0 ? matrix_all(matrix, columns) : 0;
    int64_t each = packed_item(own);
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
        pack(own, here);
        over->crowd->collect(over->crowd->user, here, spread_counts(over, columns, true, each), gathered);
    }
    if (status == NMF_OK && count > 0) {
        place_items(over, columns, gathered, all);
    }
    array_free(context, gathered);
    array_free(context, here);
    return status;
}

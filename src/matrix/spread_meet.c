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

/* Bytes of items that come to the leading process at a time. */
enum { POURED_AT_ONCE = 1 << 20 };

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

/* The process whose items begin at `first`. */
static int64_t owner_of(const spread *over, bool columns, int64_t first) {
    int64_t rank = 0;
    for (int64_t r = 0; r < over->crowd->count; r++) {
        range owned = spread_owned(over, r, columns);
        rank = owned.from == first && owned.to > first ? r : rank;
    }
    return rank;
}

/* Some items of a process, from its `next` on, which come to the leading one. */
static void pour_some(const spread *over, int64_t from, const items *own, int64_t next, char *packed, items *some) {
    const nmf_crowd *crowd = over->crowd;
    int64_t bytes = some->count * packed_item(own);
    for (int64_t r = 0; r < crowd->count; r++) {
        over->counts[r] = r == from ? bytes : 0;
    }
    if (crowd->rank == from) {
        items mine = items_range(own, next, some->count);
        pack(&mine, packed);
    }
    crowd->collect(crowd->user, packed, over->counts, crowd->rank == 0 ? packed + bytes : NULL);
    if (crowd->rank == 0) {
        unpack(packed + bytes, some);
    }
}

nmf_status spread_pour(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own,
                       spread_take *take, void *user) {
    const spread *over = matrix_spread_of(matrix);
    int64_t each = POURED_AT_ONCE / packed_item(own) + 1, total = matrix_all(matrix, columns);
    items room;
    char *packed = NULL;
    nmf_status status = items_new(context, own->dtype, each, own->k, "items on their way", &room);
    if (status == NMF_OK) {
        status = array_new(context, 2 * each * packed_item(own), 1, "items on their way", (void **)&packed);
    }
    status = crowd_together(context, over->crowd, status);
    for (int64_t first = 0; first < total && status == NMF_OK;) {
        int64_t from = owner_of(over, columns, first);
        range owned = spread_owned(over, from, columns);
        for (; first < owned.to; first += each) {
            items some = items_range(&room, 0, owned.to - first < each ? owned.to - first : each);
            pour_some(over, from, own, first - owned.from, packed, &some);
            if (over->crowd->rank == 0) {
                take(user, first, &some);
            }
        }
        first = owned.to;
    }
    array_free(context, packed);
    items_free(context, &room);
    return status;
}

static void take_into(void *user, int64_t first, const items *some) {
    items to = items_range(user, first, some->count);
    items_copy(some, &to);
}

nmf_status spread_whole(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own, items *all) {
    const nmf_crowd *crowd = matrix_crowd(matrix);
    int64_t count = crowd->rank == 0 ? matrix_all(matrix, columns) : 0;
    nmf_status status = items_new(context, own->dtype, count, own->k, "the whole factors", all);
    status = crowd_together(context, crowd, status);
    return status == NMF_OK ? spread_pour(context, matrix, columns, own, take_into, all) : status;
}

#include "select/hold_out.h"
#include "base/philox.h"

#include <math.h>

enum { STREAM_HELD = 13, MOST_HELD = 200000 };

/* What is known while entries are drawn. */
typedef struct drawing {
    const nmf_matrix *matrix;
    const plan *plan;
    observation seen;
    observe_room room;
    double share;
    uint64_t seed;
    triplet *hidden; /* what becomes the mask */
    int64_t hidden_count, hidden_room;
    hold_out *out;
} drawing;

static nmf_status hide(drawing *d, int64_t row, int64_t col) {
    nmf_status status = buffer_reserve(d->out->context, (void **)&d->hidden, &d->hidden_room, d->hidden_count + 1,
                                       sizeof *d->hidden, "a mask");
    if (status == NMF_OK) {
        d->hidden[d->hidden_count++] = (triplet){(uint32_t)row, (uint32_t)col, 1};
    }
    return status;
}

static nmf_status hold(drawing *d, int64_t row, int64_t col, double value, double weight) {
    hold_out *out = d->out;
    if (!(weight > 0) || (d->plan->symmetric && col > row)) {
        return NMF_OK;
    }
    nmf_status status = buffer_reserve(out->context, (void **)&out->entries, &out->room, out->count + 1,
                                       sizeof *out->entries, "the entries held out");
    if (status == NMF_OK) {
        out->entries[out->count++] = (held_entry){(uint32_t)row, (uint32_t)col, value, weight};
        status = hide(d, row, col);
    }
    return status == NMF_OK && d->plan->symmetric && row != col ? hide(d, col, row) : status;
}

/* Of a row that counts for nothing else than its list each entry of that is looked at. */
static nmf_status draw_listed(drawing *d, int64_t row, const entry_list *list) {
    nmf_status status = NMF_OK;
    for (int64_t e = 0; e < list->count && status == NMF_OK; e++) {
        int64_t col = list->index[e];
        if (philox_uniform(d->seed, STREAM_HELD, (uint64_t)row, (uint32_t)col) < d->share) {
            status = hold(d, row, col, list->value[e], list->weight[e]);
        }
    }
    return status;
}

/* Where entry `col` of a row stands in its list, from `from` on; or what follows it. */
static int64_t find(const entry_list *list, int64_t from, int64_t col) {
    if (!list->index) {
        return col;
    }
    while (from < list->count && (int64_t)list->index[from] < col) {
        from++;
    }
    return from;
}

/* Of any other row the gaps between the entries drawn are drawn: geometric, one number each. */
static nmf_status draw_gaps(drawing *d, int64_t row, const entry_list *list) {
    double cols = (double)d->matrix->info.cols, at = -1, keep = log1p(-d->share);
    int64_t e = 0;
    nmf_status status = NMF_OK;
    for (uint32_t turn = 0; status == NMF_OK; turn++) {
        double uniform = 1 - philox_uniform(d->seed, STREAM_HELD, (uint64_t)row, turn);
        at += 1 + floor(log(uniform) / keep);
        if (!(at < cols)) {
            break;
        }
        int64_t col = (int64_t)at;
        e = find(list, e, col);
        bool listed = !list->index || (e < list->count && (int64_t)list->index[e] == col);
        status = hold(d, row, col, listed ? list->value[e] : 0, listed ? list->weight[e] : list->base);
    }
    return status;
}

/* What the plan's own mask hides in a row stays hidden. */
static nmf_status hide_masked(drawing *d, int64_t row) {
    nmf_status status = NMF_OK;
    entry_line line = d->plan->mask->kind->line(d->plan->mask, false, row);
    for (int64_t e = 0; e < line.count && status == NMF_OK; e++) {
        if (entry_value(d->plan->mask->info.dtype, &line, e) != 0) {
            status = hide(d, row, entry_place(&line, e));
        }
    }
    return status;
}

/* Entries of a row that count and are not held out, as those from `held` on are, raise what is seen. */
static void see(hold_out *out, int64_t row, const entry_list *list, int64_t held) {
    for (int64_t e = 0; e < list->count; e++) {
        int64_t col = list->index ? (int64_t)list->index[e] : e;
        while (held < out->count && (int64_t)out->entries[held].col < col) {
            held++;
        }
        bool hidden = held < out->count && (int64_t)out->entries[held].col == col;
        if (list->weight[e] > 0 && !hidden) {
            out->most[SIDE_W][row] = fmax(out->most[SIDE_W][row], list->value[e]);
            out->most[SIDE_H][col] = fmax(out->most[SIDE_H][col], list->value[e]);
        }
    }
}

/* Entries that count. */
static double count_all(drawing *d) {
    double count = 0;
    for (int64_t i = 0; i < d->matrix->info.rows; i++) {
        entry_list list;
        observe_line(&d->seen, &d->room, false, i, &list);
        count += list.base > 0 ? (double)observe_unlisted(&list, d->matrix->info.cols) : 0;
        for (int64_t e = 0; e < list.count; e++) {
            count += list.weight[e] > 0;
        }
    }
    return count;
}

static nmf_status draw(drawing *d) {
    double count = count_all(d);
    nmf_status status = NMF_OK;
    d->share = d->share * count > MOST_HELD ? MOST_HELD / count : d->share;
    for (int64_t i = 0; i < d->matrix->info.rows && status == NMF_OK; i++) {
        entry_list list;
        int64_t before = d->out->count;
        observe_line(&d->seen, &d->room, false, i, &list);
        status = list.index && list.base == 0 ? draw_listed(d, i, &list) : draw_gaps(d, i, &list);
        if (status == NMF_OK && d->plan->mask) {
            status = hide_masked(d, i);
        }
        if (status == NMF_OK) {
            see(d->out, i, &list, before);
        }
    }
    return status;
}

nmf_status hold_out_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, double share, uint64_t seed,
                        hold_out *out) {
    drawing d = {.matrix = matrix,
                 .plan = plan,
                 .seen = plan_observation(plan, matrix),
                 .share = share,
                 .seed = seed,
                 .out = out};
    *out = (hold_out){.context = context};
    nmf_status status = observe_room_new(context, &d.seen, &d.room);
    const int64_t lines[SIDES] = {matrix->info.rows, matrix->info.cols};
    for (int s = 0; s < SIDES && status == NMF_OK; s++) {
        status = array_new(context, lines[s], sizeof(double), "the entries held out", (void **)&out->most[s]);
    }
    if (status == NMF_OK) {
        status = draw(&d);
    }
    observe_room_free(&d.room);
    if (status != NMF_OK) {
        buffer_free(context, d.hidden);
        return status;
    }
    return matrix_new_sparse(context, "the mask", matrix->info.rows, matrix->info.cols, matrix->info.dtype, 0,
                             &d.hidden, d.hidden_count, NULL, &out->mask);
}

void hold_out_free(hold_out *own) {
    if (own->context) {
        buffer_free(own->context, own->entries);
        array_free(own->context, own->most[SIDE_W]);
        array_free(own->context, own->most[SIDE_H]);
        nmf_matrix_free(own->mask);
        *own = (hold_out){0};
    }
}

static double predicted(const fit *f, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t c = 0; c < f->w.k; c++) {
        sum += items_get(&f->w, i, c) * items_get(&f->h, j, c);
    }
    return sum;
}

/* The loss of the list for these b. */
static double loss_of(const fit *f, const entry_list *list, const double *b) {
    return f->plan.loss->error(f->plan.loss->value(&f->form, list, b));
}

nmf_status hold_out_error(const hold_out *own, const fit *f, double *relative) {
    double *numbers, sum = 0, weight = 0;
    nmf_status status =
        array_new(own->context, 4 * own->count, sizeof *numbers, "the entries held out", (void **)&numbers);
    if (status != NMF_OK) {
        return status;
    }
    double *a = numbers, *w = a + own->count, *b = w + own->count, *null = b + own->count;
    for (int64_t e = 0; e < own->count; e++) {
        const held_entry *entry = &own->entries[e];
        a[e] = ldexp(entry->value, f->exponent);
        w[e] = entry->weight;
        double most = fmax(own->most[SIDE_W][entry->row], own->most[SIDE_H][entry->col]);
        b[e] = fmin(predicted(f, entry->row, entry->col), ldexp(most, f->exponent));
        sum += w[e] * fabs(a[e]);
        weight += w[e];
    }
    for (int64_t e = 0; e < own->count; e++) {
        null[e] = f->plan.loss->null(sum / weight);
    }
    entry_list list = {.count = own->count, .value = a, .weight = w};
    double of_null = loss_of(f, &list, null);
    *relative = of_null > 0 ? loss_of(f, &list, b) / of_null : 0;
    array_free(own->context, numbers);
    return status;
}

/*
 * The engine for everything that is not a plain sum of squares over all of A: every item has a model of its own, made
 * from its line of A, rows for W and columns for H. A is read twice an iteration.
 */
#include "fit/lines.h"
#include "fit/forces.h"
#include "fit/groups.h"
#include "fit/ties.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>

typedef struct lines {
    observation seen;
    item_room *rooms; /* one for every thread */
    groups groups[SIDES];
    double *base_gram, *base_sum; /* Yᵀ·Y and Σ y of the fixed factor */
    double *loss;                 /* of every row, or what is summed over items */
    double *entries[SIDES];       /* that count in every row and column */
    spread_room others;           /* of a matrix that is spread */
} lines;

static int64_t longest(const nmf_matrix *matrix) {
    return matrix->info.rows > matrix->info.cols ? matrix->info.rows : matrix->info.cols;
}

static double lines_bytes(const plan *plan, const nmf_matrix *matrix) {
    observation seen = plan_observation(plan, matrix);
    double k = (double)plan->k, length = (double)longest(matrix);
    double lists = 5 * (double)(matrix->info.rows + matrix->info.cols) * sizeof(int64_t);
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true);
    return plan->threads * item_room_bytes(plan, &seen, rows > cols ? rows : cols) + lists +
           spread_lines_bytes(matrix, plan->dtype, plan->k) + length * sizeof(double) + (k * k + k) * sizeof(double) +
           (plan->loss->quadratic ? groups_bytes(&seen) : 0);
}

/* Lines of the same weights share their G where that depends on nothing else. */
static nmf_status open_groups(fit *f, lines *own, side which) {
    const nmf_matrix_info *info = &f->matrix->info;
    const chunking how = {item_at_once(&f->plan, which), f->plan.reproducible};
    if (f->plan.loss->quadratic && !ties_vary(f, which)) {
        return groups_by_weights(f->context, &own->seen, which == SIDE_H, &how, &own->groups[which]);
    }
    return groups_apart(f->context, which == SIDE_W ? info->rows : info->cols, &how, &own->groups[which]);
}

static nmf_status open_rooms(fit *f, lines *own) {
    int64_t k = f->plan.k;
    nmf_status status =
        array_new(f->context, f->plan.threads, sizeof *own->rooms, "the room of the threads", (void **)&own->rooms);
    for (int t = 0; t < f->plan.threads && status == NMF_OK; t++) {
        status = item_room_new(f, &own->seen, &own->rooms[t]);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, k * k, sizeof(double), "the Gram matrices", (void **)&own->base_gram);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, k, sizeof(double), "sums of a factor", (void **)&own->base_sum);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, longest(f->matrix), sizeof(double), "partial sums", (void **)&own->loss);
    }
    if (status == NMF_OK) {
        status = spread_lines_new(f->context, f->matrix, f->plan.dtype, k, &own->others);
    }
    for (int which = 0; which < SIDES && status == NMF_OK; which++) {
        int64_t count = which == SIDE_W ? f->matrix->info.rows : f->matrix->info.cols;
        status = array_new(f->context, count, sizeof(double), "counts of entries", (void **)&own->entries[which]);
        f->entries[which] = own->entries[which];
    }
    return status;
}

/* What a look at all entries finds: Σ ω·|a| and Σ ω, entries that count, rows and columns of which none does. */
enum { SUM, WEIGHT, OBSERVED, UNSEEN_ROWS, UNSEEN_COLS, TOTALS };

typedef struct totals {
    double of[TOTALS];
    int64_t zero_row, zero_col; /* an entry that is 0 and counts; zero_row < 0: none */
} totals;

/* Sums over row i, those of what is not listed too. */
static void add_row(const fit *f, const entry_list *list, int64_t i, totals *all) {
    int64_t unlisted = list->base > 0 ? observe_unlisted(list, matrix_all(f->matrix, true)) : 0;
    all->of[WEIGHT] += (double)unlisted;
    all->of[OBSERVED] += (double)unlisted;
    for (int64_t e = 0; e < list->count; e++) {
        all->of[SUM] += list->weight[e] * fabs(list->value[e]);
        all->of[WEIGHT] += list->weight[e];
        all->of[OBSERVED] += list->weight[e] > 0;
        if (list->weight[e] > 0 && list->value[e] == 0 && all->zero_row < 0) {
            all->zero_row = i;
            all->zero_col = list->index ? (int64_t)list->index[e] : e;
        }
    }
    if (unlisted > 0 && all->zero_row < 0) {
        all->zero_row = i;
        all->zero_col = -1;
    }
}

/* Entries of a line that count. */
static double count_entries(const entry_list *list, int64_t length) {
    int64_t count = list->base > 0 ? observe_unlisted(list, length) : 0;
    for (int64_t e = 0; e < list->count; e++) {
        count += list->weight[e] > 0;
    }
    return (double)count;
}

static totals look(fit *f, lines *own) {
    totals all = {.zero_row = -1};
    item_room *room = own->rooms;
    reduce_begin(&f->room.reduce, all.of, TOTALS);
    for (int64_t i = 0; i < f->matrix->info.rows; i++) {
        observe_line(&own->seen, &room->seen, false, i, &room->list);
        add_row(f, &room->list, i, &all);
        own->entries[SIDE_W][i] = count_entries(&room->list, matrix_all(f->matrix, true));
        all.of[UNSEEN_ROWS] += own->entries[SIDE_W][i] == 0;
    }
    for (int64_t j = 0; j < f->matrix->info.cols; j++) {
        observe_line(&own->seen, &room->seen, true, j, &room->list);
        own->entries[SIDE_H][j] = count_entries(&room->list, matrix_all(f->matrix, false));
        all.of[UNSEEN_COLS] += own->entries[SIDE_H][j] == 0;
    }
    reduce_all(&f->room.reduce, all.of, TOTALS);
    return all;
}

/* What is summed of it. */
enum { NULL_LOSS, WEIGHED, SQUARES, LOG_CONSTANT, SIZE, MEASURES };

/* The loss of every b = `mean`, the size of the KKT residual, and what a Poisson model's log-likelihood adds. */
static void measure(fit *f, lines *own, double mean) {
    const loss *by = f->plan.loss;
    item_room *room = own->rooms;
    double at = by->null(mean), sums[MEASURES];
    reduce_begin(&f->room.reduce, sums, MEASURES);
    for (int64_t i = 0; i < f->matrix->info.rows; i++) {
        entry_list *list = &room->list;
        observe_line(&own->seen, &room->seen, false, i, list);
        for (int64_t e = 0; e < list->count; e++) {
            double value = list->value[e], a = ldexp(value, -f->exponent);
            room->b[e] = at;
            sums[WEIGHED] += list->weight[e] * value * value;
            sums[SQUARES] += value * value;
            sums[LOG_CONSTANT] += by == &loss_kl && a > 0 ? list->weight[e] * (a * log(a) - a - lgamma(a + 1)) : 0;
        }
        sums[NULL_LOSS] += by->value(&f->form, list, room->b);
        sums[NULL_LOSS] += list->base > 0 && by->zeros == ZEROS_SUM
                               ? (double)observe_unlisted(list, matrix_all(f->matrix, true)) * at
                               : 0;
        sums[SIZE] += by->size(&f->form, list);
    }
    reduce_all(&f->room.reduce, sums, MEASURES);
    f->log_constant = sums[LOG_CONSTANT];
    f->size = sums[SIZE];
    f->null_error = by->error(sums[NULL_LOSS]);
    f->draw = sums[SQUARES] > 0 ? sums[WEIGHED] / sqrt(sums[SQUARES]) : 0;
}

static nmf_status refuse_zero(const fit *f, const totals *all) {
    const nmf_matrix *matrix = f->matrix;
    int64_t zero_row = matrix_first(matrix, false) + all->zero_row;
    const char *name = names_at(&f->asked->row_names, zero_row);
    char where[64] = " has entries that are";
    if (all->zero_col >= 0) {
        snprintf(where, sizeof where, ", column %lld is", (long long)all->zero_col + 1);
    }
    return fail(
        f->context, NMF_ERROR_INPUT,
        "row %lld%s%.60s%s%s 0, of which loss %s is infinite: add a small number to every entry, hide the zeros "
        "by a mask, or take loss kl",
        (long long)zero_row + 1, name ? " (" : "", name ? name : "", name ? ")" : "", where, f->plan.loss->name);
}

/* Rows and columns of which nothing counts have nothing to be fitted to. */
static void caution_unseen(const fit *f, const totals *all) {
    if (all->of[UNSEEN_ROWS] > 0 || all->of[UNSEEN_COLS] > 0) {
        caution(
            f->context,
            "%lld rows and %lld columns of the matrix have no entry that counts; so what W and H have for them is 0",
            (long long)all->of[UNSEEN_ROWS], (long long)all->of[UNSEEN_COLS]);
    }
}

static nmf_status open_own(fit *f, lines *own) {
    own->seen = plan_observation(&f->plan, f->matrix);
    own->seen.implicit = ldexp(own->seen.implicit, -f->a_exponent);
    nmf_status status = open_rooms(f, own);
    for (int which = 0; which < SIDES && status == NMF_OK; which++) {
        status = open_groups(f, own, (side)which);
    }
    return status;
}

static nmf_status lines_open(fit *f) {
    nmf_status status = array_new(f->context, 1, sizeof *f->lines, "the lines", (void **)&f->lines);
    if (status == NMF_OK) {
        status = open_own(f, f->lines);
    }
    status = fit_agree(f, status);
    if (status != NMF_OK) {
        return status;
    }
    lines *own = f->lines;
    totals all = look(f, own);
    double mean = all.of[WEIGHT] > 0 ? all.of[SUM] / all.of[WEIGHT] : 0;
    f->observed = (int64_t)all.of[OBSERVED];
    f->form.parameter = f->plan.loss->scaled(f->plan.loss_parameter, f->exponent, mean);
    f->form.floor = mean > 0 ? 1e-12 * mean : 1;
    if (f->plan.loss->positive && f->form.parameter <= 0 && all.zero_row >= 0) {
        status = refuse_zero(f, &all);
    }
    status = fit_agree(f, status);
    if (status != NMF_OK) {
        return status;
    }
    if (!f->plan.batch) {
        measure(f, own, mean);
    }
    if (!f->plan.given) {
        caution_unseen(f, &all);
    }
    return NMF_OK;
}

static void lines_close(fit *f) {
    lines *own = f->lines;
    if (own) {
        for (int t = 0; own->rooms && t < f->plan.threads; t++) {
            item_room_free(&own->rooms[t]);
        }
        spread_room_free(f->context, &own->others);
        groups_free(&own->groups[SIDE_W]);
        groups_free(&own->groups[SIDE_H]);
        array_free(f->context, own->rooms);
        array_free(f->context, own->base_gram);
        array_free(f->context, own->base_sum);
        array_free(f->context, own->loss);
        array_free(f->context, own->entries[SIDE_W]);
        array_free(f->context, own->entries[SIDE_H]);
        array_free(f->context, own);
        f->lines = NULL;
    }
}

static item_room *room_of(const fit *f) {
    return &f->lines->rooms[omp_get_thread_num()];
}

const items *lines_whole_h(fit *f, const items *h) {
    spread *over = matrix_spread_of(f->matrix);
    return over ? spread_meet_all(over, &f->lines->others, true, h) : h;
}

/* Make what the items of a step share of the fixed factor, all of which is there then. */
static item_model share(fit *f, half *step) {
    lines *own = f->lines;
    spread *over = matrix_spread_of(f->matrix);
    const items *summed = step->fixed;
    if (over) {
        step->fixed = spread_meet_all_begin(over, &own->others, step->which == SIDE_W, summed);
    }
    if (matrix_in_order(f->matrix)) {
        spread_wait(over);
        summed = step->fixed;
    }
    if (f->plan.loss->zeros == ZEROS_SQUARES) {
        reduce_gram(&f->room.reduce, summed, own->base_gram);
    }
    reduce_sum(&f->room.reduce, summed, own->base_sum);
    if (over) {
        spread_wait(over);
    }
    if (ties_vary(f, step->which)) {
        step->around = lines_whole_h(f, step->from);
    }
    return (item_model){
        .f = f, .step = step, .base_gram = own->base_gram, .base_sum = own->base_sum, .seen = own->seen};
}

/* The items of a chunk, made. */
static nmf_status make_chunk(const item_model *model, item_room *room, const chunk *some, const int64_t *which) {
    if (some->shared) {
        return item_step_shared(model, room, which, some->count);
    }
    if (some->count > 1) {
        item_step_apart(model, room, which, some->count);
        return NMF_OK;
    }
    bool quadratic = model->f->plan.loss->quadratic;
    return quadratic ? item_step_shared(model, room, which, 1) : item_step(model, room, which[0]);
}

/* Extrapolation leaves a part of every number: where a wh came near 0 under an entry, the loss would have no bound. */
static void keep_above(const items *next, items *hat) {
    static const double part = 0.1;
    for (int64_t c = 0; c < next->k; c++) {
        items_set(hat, 0, c, fmax(items_get(hat, 0, c), part * items_get(next, 0, c)));
    }
}

/* Items of a chunk, made, moved on into hat, and where they are W's their losses noted. */
static nmf_status step_chunk(const item_model *model, const chunk *some, double beta) {
    fit *f = model->f;
    const half *step = model->step;
    const int64_t *which = f->lines->groups[step->which].order + some->begin;
    item_room *room = room_of(f);
    room->update.iteration = f->update.iteration;
    nmf_status status = make_chunk(model, room, some, which);
    for (int64_t i = 0; i < some->count && status == NMF_OK; i++) {
        items next = items_range(step->next, which[i], 1), last = items_range(step->last, which[i], 1);
        items hat = items_range(step->hat, which[i], 1);
        if (step->which == SIDE_W) {
            if (some->count > 1) {
                item_list(model, room, which[i]);
            }
            f->lines->loss[which[i]] = item_loss(model, room, &next);
        }
        f->simd->extrapolate(next.data, last.data, beta, &step->rules->bounds, hat.data, 1, next.stride);
        if (f->plan.loss->positive) {
            keep_above(&next, &hat);
        }
    }
    return status;
}

/* Chunks that a thread takes at a time. */
enum { CHUNKS_AT_ONCE = 4 };

static nmf_status step_all(fit *f, side which) {
    half step = fit_half(f, which);
    const item_model model = share(f, &step);
    double by = step.rules->moves ? f->beta : 0;
    int64_t chunks = f->lines->groups[which].chunks;
    nmf_status failed = NMF_OK;
#pragma omp parallel for schedule(dynamic, CHUNKS_AT_ONCE) num_threads(f->plan.threads)
    for (int64_t c = 0; c < chunks; c++) {
        nmf_status status = step_chunk(&model, &f->lines->groups[which].list[c], by);
        if (status != NMF_OK) {
#pragma omp atomic write
            failed = status;
        }
    }
    return fit_agree(f, failed);
}

static nmf_status lines_half_step_h(const team *all) {
    return step_all(all->fits[0], SIDE_H);
}

static nmf_status lines_half_step_w(const team *all) {
    fit *f = all->fits[0];
    nmf_status status = step_all(f, SIDE_W);
    f->found.loss = reduce_add(&f->room.reduce, f->lines->loss, f->w.count);
    f->found.penalty = fit_penalty(f, &f->w_next, &f->h_hat);
    return status;
}

/* Σ G_cc·d² over the items of one factor; and the loss, over those of W. */
static double residual_of(fit *f, side which, const items *x, const items *fixed, double *loss) {
    half step = fit_half(f, which);
    step.from = x;
    step.fixed = fixed;
    step.apart = true;
    const item_model model = share(f, &step);
    double *part = f->lines->loss;
#pragma omp parallel for schedule(dynamic, KERNEL_GRID) num_threads(f->plan.threads)
    for (int64_t i = 0; i < x->count; i++) {
        item_list(&model, room_of(f), i);
        part[i] = item_stationarity(&model, room_of(f), i);
    }
    double sum = reduce_add(&f->room.reduce, part, x->count);
    if (loss) {
#pragma omp parallel for schedule(dynamic, KERNEL_GRID) num_threads(f->plan.threads)
        for (int64_t i = 0; i < x->count; i++) {
            items item = items_range(x, i, 1);
            item_list(&model, room_of(f), i);
            part[i] = item_loss(&model, room_of(f), &item);
        }
        *loss = reduce_add(&f->room.reduce, part, x->count);
    }
    return sum;
}

static double lines_residual(fit *f, bool w_fixed, double *loss) {
    double of_w = residual_of(f, SIDE_W, &f->w, &f->h, loss);
    return (w_fixed ? 0 : of_w) + residual_of(f, SIDE_H, &f->h, &f->w, NULL);
}

double lines_forces(fit *f, double *above, double *below) {
    half step = fit_half(f, SIDE_W);
    const item_model model = share(f, &step);
    int64_t k = f->plan.k;
#pragma omp parallel for schedule(dynamic, CHUNKS_AT_ONCE) num_threads(f->plan.threads)
    for (int64_t i = 0; i < f->w.count; i++) {
        items x = items_range(&f->w, i, 1);
        item_list(&model, room_of(f), i);
        f->lines->loss[i] = item_loss(&model, room_of(f), &x);
        item_forces(&model, room_of(f), i, &x, above + i * k, below + i * k);
    }
    return reduce_add(&f->room.reduce, f->lines->loss, f->w.count);
}

/* Fits share nothing: each reads its lines by itself. */
static int64_t lines_most(const plan *plan) {
    (void)plan;
    return 1;
}

static double lines_team_bytes(const plan *plan, const nmf_matrix *matrix, int64_t fits) {
    (void)plan, (void)matrix, (void)fits;
    return 0;
}

static nmf_status lines_join(team *all) {
    (void)all;
    return NMF_OK;
}

static void lines_part(team *all) {
    (void)all;
}

static void lines_prepare(const team *all) {
    (void)all;
}

/* h times Σ ω·a/Σ ω·b, so that W·H is as large as A where that counts; of squares times what fits best. */
static void lines_scale(fit *f) {
    half step = fit_half(f, SIDE_W);
    step.fixed = &f->h;
    const item_model model = share(f, &step);
    item_room *room = f->lines->rooms;
    double sums[2];
    reduce_begin(&f->room.reduce, sums, 2);
    for (int64_t i = 0; i < f->w.count; i++) {
        items x = items_range(&f->w, i, 1);
        item_list(&model, room, i);
        item_sums(&model, room, &x, &sums[0], &sums[1]);
    }
    reduce_all(&f->room.reduce, sums, 2);
    double scale = sums[0] > 0 && sums[1] > 0 ? sums[0] / sums[1] : 1;
    f->simd->extrapolate(f->h_next.data, f->h.data, -scale, &KERNEL_PLAIN, f->h.data, f->h.count, f->h.stride);
}

static bool lines_cover(fit *f) {
    half step = fit_half(f, SIDE_W);
    step.fixed = &f->h;
    const item_model model = share(f, &step);
    bool covers = true;
    for (int64_t i = 0; i < f->w.count && covers; i++) {
        items x = items_range(&f->w, i, 1);
        item_list(&model, f->lines->rooms, i);
        covers = item_covers(&model, f->lines->rooms, &x);
    }
    const nmf_crowd *crowd = matrix_crowd(f->matrix);
    return crowd ? !crowd_any(crowd, !covers) : covers;
}

const engine engine_lines = {
    .bytes = lines_bytes,
    .open = lines_open,
    .close = lines_close,
    .most = lines_most,
    .team_bytes = lines_team_bytes,
    .join = lines_join,
    .part = lines_part,
    .prepare = lines_prepare,
    .scale = lines_scale,
    .covers = lines_cover,
    .half_step_h = lines_half_step_h,
    .half_step_w = lines_half_step_w,
    .residual = lines_residual,
};

/* From nothing to the first W and H: what was given, or a start that is filled or fitted to a sample, and scaled. */
#include "fit/fit.h"
#include "fit/sample.h"

#include <math.h>

/* Where b must not be 0, zeros of a start become this part of the mean of their factor. */
static const double filled = 1e-2;

nmf_status fit_take(fit *f, const nmf_matrix *values, bool across, int exponent, items *to) {
    double *row;
    nmf_status status = array_new(f->context, values->info.cols, sizeof *row, "a row of a factor", (void **)&row);
    int64_t first = matrix_first(f->matrix, across);
    for (int64_t i = 0; i < (across ? values->info.rows : to->count) && status == NMF_OK; i++) {
        matrix_row(values, across ? i : first + i, row);
        for (int64_t j = 0; j < (across ? to->count : values->info.cols); j++) {
            items_set(to, across ? j : i, across ? i : j, ldexp(row[across ? first + j : j], exponent));
        }
    }
    array_free(f->context, row);
    return status;
}

static nmf_status take_held(fit *f) {
    const side_plan *w = &f->plan.side[SIDE_W], *h = &f->plan.side[SIDE_H];
    nmf_status status = w->fixed ? fit_take(f, w->fixed, false, f->w_exponent, &f->w) : NMF_OK;
    return status == NMF_OK && h->fixed ? fit_take(f, h->fixed, true, f->h_exponent, &f->h) : status;
}

static nmf_status take_given(fit *f) {
    nmf_status status = fit_take(f, f->plan.start_w, false, f->w_exponent, &f->w);
    return status == NMF_OK && f->plan.start_h ? fit_take(f, f->plan.start_h, true, f->h_exponent, &f->h) : status;
}

void fit_fill_zeros(const reduce_room *room, items *x) {
    double sum, count = (double)x->count;
    reduce_begin(room, &sum, 1);
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = 0; c < x->k; c++) {
            sum += items_get(x, i, c);
        }
    }
    reduce_all(room, &sum, 1);
    if (room->crowd) {
        room->crowd->sum(room->crowd->user, &count, 1);
    }
    double least = filled * sum / count / (double)x->k;
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = 0; c < x->k; c++) {
            items_set(x, i, c, fmax(items_get(x, i, c), least));
        }
    }
}

/* Within the bounds, and in the simplex. */
static void bound(fit *f, const side_rules *rules, items *x) {
    f->simd->extrapolate(x->data, x->data, 0, &rules->bounds, x->data, x->count, x->stride);
    for (int64_t i = 0; i < x->count && rules->simplex; i++) {
        double sum = 0;
        for (int64_t c = 0; c < x->k; c++) {
            sum += items_get(x, i, c);
        }
        for (int64_t c = 0; c < x->k; c++) {
            items_set(x, i, c, sum > 0 ? items_get(x, i, c) / sum : 1 / (double)x->k);
        }
    }
}

/* With W = H^T both begin the same. */
static void mirror(fit *f) {
    for (int64_t i = 0; i < f->w.count; i++) {
        for (int64_t c = 0; c < f->w.k; c++) {
            double root = sqrt(items_get(&f->w, i, c) * items_get(&f->h, i, c));
            items_set(&f->w, i, c, root);
            items_set(&f->h, i, c, root);
        }
    }
}

static nmf_status fill(fit *f) {
    init_request request = {f->context, f->matrix, f->simd, f->plan.seed, f->plan.threads, &f->course.worked};
    nmf_status status = f->plan.init ? f->plan.init->fill(&request, &f->w, &f->h) : take_given(f);
    if (status == NMF_OK) {
        status = take_held(f);
    }
    status = fit_agree(f, status);
    /* A start that was given stays what it is where it can. */
    if (status == NMF_OK && f->plan.loss->positive && (f->plan.init || !f->engine->covers(f))) {
        fit_fill_zeros(&f->room.reduce, &f->w);
        fit_fill_zeros(&f->room.reduce, &f->h);
    }
    return status == NMF_OK ? take_held(f) : status;
}

/* W, and an H that is not yet as large as it should be. */
static nmf_status begin_filled(fit *f) {
    nmf_status status = fill(f);
    if (status == NMF_OK) {
        bound(f, &f->rules[SIDE_W], &f->w);
        items_copy(&f->w, &f->w_hat);
    }
    return status;
}

/* W from H: where W's signs are free no H could be found from W's random ones. */
static nmf_status make_w(fit *f) {
    team alone = fit_alone(&f);
    items_copy(&f->h, &f->h_hat);
    items_copy(&f->h, &f->h_last);
    f->beta = 0;
    f->update.iteration = f->course.worked;
    nmf_status status = f->engine->half_step_w(&alone);
    fit_swap(&f->w, &f->w_next);
    return status;
}

/* H from W, whose columns come to a fit: as far as an update goes that has worked long. */
static nmf_status make_h(fit *f) {
    team alone = fit_alone(&f);
    f->beta = 0;
    f->update.iteration = INT64_MAX;
    nmf_status status = f->engine->half_step_h(&alone);
    items_copy(&f->h_hat, &f->h);
    items_copy(&f->h, &f->h_last);
    return status;
}

/* Of the factor that the sample did not give, the first iteration makes H, and W is made here. */
static nmf_status begin_sampled(fit *f) {
    if (fit_samples_columns(&f->matrix->info)) {
        items_copy(&f->w, &f->w_hat);
        return NMF_OK;
    }
    return make_w(f);
}

static nmf_status begin(fit *f) {
    nmf_status status = f->plan.init && f->plan.init->on_sample ? fit_sample(f) : NMF_OK;
    return status != NMF_OK ? status : f->sampled ? begin_sampled(f) : begin_filled(f);
}

/* The engine knows W: H is scaled to it. */
static void settle(fit *f) {
    if (f->plan.init && !f->plan.side[SIDE_H].fixed) {
        f->engine->scale(f);
    }
    bound(f, &f->rules[SIDE_H], &f->h);
    if (f->plan.symmetric) {
        mirror(f);
        items_copy(&f->w, &f->w_hat);
    }
    items_copy(&f->h, &f->h_last);
}

/* Was W made of H, and the engine so prepared, in all of them? */
static bool made_w(const team *all) {
    bool made = !fit_samples_columns(&all->fits[0]->matrix->info);
    for (int64_t t = 0; t < all->count; t++) {
        made = made && all->fits[t]->sampled;
    }
    return made;
}

nmf_status fit_start(const team *all) {
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        status = begin(all->fits[t]);
    }
    status = fit_agree(all->fits[0], status);
    if (status != NMF_OK) {
        return status;
    }
    if (!made_w(all)) {
        all->fits[0]->engine->prepare(all);
    }
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        fit *f = all->fits[t];
        if (!f->sampled) {
            settle(f);
        }
        if (f->plan.side[SIDE_W].free && f->plan.init) {
            status = make_w(f);
        } else if (f->plan.memory) {
            status = make_h(f);
        }
    }
    return status;
}

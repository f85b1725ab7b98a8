#include "select/peers.h"

#include <string.h>

void peers_sum(const nmf_crowd *peers, double *numbers, int64_t count) {
    if (peers) {
        peers->sum(peers->user, numbers, count);
    }
}

/* Numbers at a time, of which sums are made as doubles. */
enum { AT_ONCE = 4096 };

void peers_sum_items(const nmf_crowd *peers, items *x) {
    double numbers[AT_ONCE];
    int64_t all = x->count * x->k;
    for (int64_t from = 0; peers && from < all; from += AT_ONCE) {
        int64_t count = all - from < AT_ONCE ? all - from : AT_ONCE;
        for (int64_t e = 0; e < count; e++) {
            numbers[e] = items_get(x, (from + e) / x->k, (from + e) % x->k);
        }
        peers_sum(peers, numbers, count);
        for (int64_t e = 0; e < count; e++) {
            items_set(x, (from + e) / x->k, (from + e) % x->k, numbers[e]);
        }
    }
}

static void take_items(const nmf_crowd *peers, int64_t from, items *x) {
    int64_t bytes = x->count * x->stride * (int64_t)dtype_size(x->dtype);
    peers->broadcast(peers->user, from, x->data, bytes);
}

/* Of what a fit says of itself all but texts, which are where each process has them, and what sums up at the end. */
typedef struct news {
    course course;
    int64_t reason, best_iteration;
    double best_error, words;
    bool converged;
} news;

static news news_of(const fit *f) {
    news told = {.course = f->course,
                 .best_iteration = f->summary.best_iteration,
                 .best_error = f->summary.best_error,
                 .words = f->summary.words,
                 .converged = f->summary.converged};
    while (fit_reasons[told.reason] && strcmp(fit_reasons[told.reason], f->summary.stop_reason) != 0) {
        told.reason++;
    }
    return told;
}

static void hear(fit *f, const news *told) {
    nmf_step *history = f->course.history;
    int64_t room = f->course.history_room;
    f->course = told->course;
    f->course.history = history;
    f->course.history_room = room;
    f->summary.stop_reason = fit_reasons[told->reason];
    f->summary.best_iteration = told->best_iteration;
    f->summary.best_error = told->best_error;
    f->summary.words = told->words;
    f->summary.converged = told->converged;
}

nmf_status peers_take_fit(const nmf_crowd *peers, int64_t from, fit *f) {
    news told = news_of(f);
    peers->broadcast(peers->user, from, &told, sizeof told);
    nmf_status status = buffer_reserve(f->context, (void **)&f->course.history, &f->course.history_room,
                                       told.course.steps, sizeof *f->course.history, "the history");
    status = nmf_context_agree(f->context, status);
    if (status != NMF_OK) {
        return status;
    }
    hear(f, &told);
    peers->broadcast(peers->user, from, f->course.history, told.course.steps * (int64_t)sizeof(nmf_step));
    take_items(peers, from, &f->w);
    take_items(peers, from, &f->h);
    return NMF_OK;
}

/* Starts that are shared out among processes: what each knows of its own all know after every round. */
#include "select/field.h"
#include "select/peers.h"

/* What they tell each other: FIELD_SHARED numbers. */
enum { THERE, DONE, MEASURE, ITERATIONS, ERROR, RELATIVE_ERROR, OBJECTIVE };

/* And whether one was asked to stop, or is late. */
static void share(field *all) {
    double flags[] = {all->stopped, all->late};
    for (int64_t t = 0; t < all->count; t++) {
        const start *s = &all->starts[t];
        const nmf_start *told = &all->told[t];
        double own[FIELD_SHARED] = {
            s->there,       s->done, s->measure, (double)told->iterations, told->error, told->relative_error,
            told->objective};
        for (int i = 0; i < FIELD_SHARED; i++) {
            all->shared[t * FIELD_SHARED + i] = peers_own(all->peers, t) ? own[i] : 0;
        }
    }
    peers_sum(all->peers, all->shared, all->count * FIELD_SHARED);
    all->peers->largest(all->peers->user, flags, 2);
    all->stopped = flags[0] > 0;
    all->late = flags[1] > 0;
}

static void hear(field *all) {
    for (int64_t t = 0; t < all->count; t++) {
        const double *of = all->shared + t * FIELD_SHARED;
        start *s = &all->starts[t];
        s->there = of[THERE] > 0;
        s->done = of[DONE] > 0;
        s->measure = of[MEASURE];
        all->told[t].iterations = (int64_t)of[ITERATIONS];
        all->told[t].error = of[ERROR];
        all->told[t].relative_error = of[RELATIVE_ERROR];
        all->told[t].objective = of[OBJECTIVE];
    }
}

nmf_status field_agree(const field *all, nmf_status status) {
    return all->peers ? nmf_context_agree(all->request->context, status) : status;
}

nmf_status field_meet(field *all, nmf_status status) {
    if (!all->peers) {
        return status;
    }
    nmf_status failed = field_agree(all, status == NMF_INTERRUPTED ? NMF_OK : status);
    if (failed != NMF_OK) {
        return failed;
    }
    share(all);
    hear(all);
    bool interrupted = crowd_any(context_crowd(all->request->context), status == NMF_INTERRUPTED);
    return interrupted ? fail(all->request->context, NMF_INTERRUPTED, "interrupted while starts were fitted") : NMF_OK;
}

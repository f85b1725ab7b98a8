#include "select/field.h"
#include "select/peers.h"

#include <stdlib.h>

/* A start that is at its end is shown to who asked for it. */
static nmf_status show(const field *all, int64_t t, const fit *f) {
    const starts_request *request = all->request;
    return request->visit && f->course.done ? request->visit(request->user, f, t) : NMF_OK;
}

/* Some of those that race, until so many iterations. */
static nmf_status race_team(field *all, const int64_t *which, int64_t count, int64_t until) {
    team at_work = {.context = all->request->context, .fits = all->team, .count = count, .stack = all->stack};
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < count && status == NMF_OK; t++) {
        all->team[t] = all->fits[t];
        status = field_take_up(all, which[t], all->fits[t]);
    }
    status = fit_agree(all->fits[0], status);
    nmf_status ran = status == NMF_OK ? fit_run(&at_work, until) : status;
    if (ran != NMF_OK && ran != NMF_INTERRUPTED) {
        return ran;
    }
    all->stopped = all->stopped || at_work.stopped;
    all->late = all->late || at_work.late;
    for (int64_t t = 0; t < count && status == NMF_OK; t++) {
        status = ran == NMF_OK ? show(all, which[t], all->fits[t]) : NMF_OK;
        if (status == NMF_OK && all->count > 1) {
            status = field_leave(all, which[t], all->fits[t]);
        }
    }
    status = fit_agree(all->fits[0], status);
    return status == NMF_OK ? ran : status;
}

/* Is there a start that is neither done nor dropped? Where there is but one, its fit knows. */
static bool goes_on(const field *all) {
    bool goes = false;
    for (int64_t t = 0; t < all->count && all->count > 1 && !goes; t++) {
        goes = !all->starts[t].done && !all->starts[t].dropped;
    }
    return goes;
}

/* Those that go on are counted, and one's own listed. */
static int64_t list_racing(field *all, int64_t *own) {
    int64_t racing = 0;
    *own = 0;
    for (int64_t t = 0; t < all->count; t++) {
        if (!all->starts[t].done && !all->starts[t].dropped) {
            racing++;
            if (peers_own(all->peers, t)) {
                all->racing[(*own)++] = t;
            }
        }
    }
    return racing;
}

/* The better ones first, and of equal ones the earlier. */
static int better_first(const void *left, const void *right) {
    const ranked *a = left, *b = right;
    if (a->measure != b->measure) {
        return a->measure < b->measure ? -1 : 1;
    }
    return (a->start > b->start) - (a->start < b->start);
}

/* The worse half of those that were not dropped, as far as it is not done. */
static void drop_half(const field *all) {
    int64_t left = 0;
    for (int64_t t = 0; t < all->count; t++) {
        if (!all->starts[t].dropped) {
            all->ranks[left++] = (ranked){t, all->starts[t].measure};
        }
    }
    qsort(all->ranks, (size_t)left, sizeof *all->ranks, better_first);
    for (int64_t place = (left + 1) / 2; place < left; place++) {
        int64_t t = all->ranks[place].start;
        start *s = &all->starts[t];
        if (!s->done) {
            s->dropped = all->told[t].dropped = true;
            field_forget(all, t);
        }
    }
}

/* One's own starts, so many, a team at a time. */
static nmf_status race_own(field *all, int64_t own, int64_t until) {
    int64_t teams = (own + all->team_size - 1) / all->team_size;
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < teams && status == NMF_OK && !all->late; t++) {
        int64_t first = t * own / teams, end = (t + 1) * own / teams;
        status = race_team(all, all->racing + first, end - first, until);
        if (status == NMF_OK && all->stopped && goes_on(all)) {
            status = fail(all->request->context, NMF_INTERRUPTED, "interrupted while some starts were to go on");
        }
    }
    return status;
}

static nmf_status race(field *all) {
    bool halves = plan_drops(all->request->plan);
    int64_t own, racing = list_racing(all, &own);
    nmf_status status = NMF_OK;
    for (int64_t until = FIELD_FIRST; racing > 0 && status == NMF_OK && !all->late; until += (until + 1) / 2) {
        status = field_meet(all, race_own(all, own, halves && racing > 1 ? until : INT64_MAX));
        if (halves && status == NMF_OK) {
            drop_half(all);
        }
        racing = all->count > 1 ? list_racing(all, &own) : 0;
    }
    return status;
}

/* The first worker has the best start: as it was left, or from the process that fitted it. */
static nmf_status take_best(field *all) {
    fit *f = all->fits[0];
    int64_t best = field_best(all);
    nmf_status status = fit_agree(f, field_take_up(all, best, f));
    if (all->peers) {
        status = field_agree(all, status);
        status = status == NMF_OK ? peers_take_fit(all->peers, best % all->peers->count, f) : status;
        f->summary.processes *= all->peers->count;
    }
    f->summary.stop_reason = f->course.done ? f->summary.stop_reason : all->late ? "time" : "interrupted";
    return status;
}

/* It is the result. */
static nmf_status hand_over(field *all, nmf_result **best) {
    fit *f = all->fits[0];
    nmf_status status = all->count > 1 ? take_best(all) : NMF_OK;
    if (status == NMF_OK) {
        status = field_agree(all, fit_finish(f));
    }
    if (status != NMF_OK) {
        return status;
    }
    *best = all->workers[0];
    all->workers[0] = NULL;
    (*best)->starts = all->told;
    all->told = NULL;
    f->summary.starts = (*best)->starts;
    f->summary.restarts = all->count;
    return NMF_OK;
}

nmf_status starts_run(const starts_request *request, nmf_result **best) {
    field all;
    *best = NULL;
    nmf_status status = field_new(request, &all);
    status = field_agree(&all, status);
    if (status == NMF_OK) {
        status = race(&all);
    }
    if (status == NMF_OK || status == NMF_INTERRUPTED) {
        nmf_status handed = hand_over(&all, best);
        status = handed == NMF_OK ? status : handed;
    }
    field_free(&all);
    if (*best) {
        fit_shrink(&(*best)->fit);
    }
    return status;
}

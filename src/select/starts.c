#include "select/starts.h"

#include <unistd.h>

/*
 * Successive halving (Jamieson & Talwalkar 2016): the worse half goes after FIRST iterations, and again each time half
 * as many more have been made: 8, 12, 18, 27, 41, …. docs/performance.md says what that saves and loses.
 */
enum { FIRST = 8 };

/* The starts of a request, of which some are in memory. */
typedef struct field {
    const starts_request *request;
    nmf_result **results; /* those in memory */
    fit **fits;           /* their fits */
    fit **racing;         /* those that go on */
    int64_t begin, count; /* the first of them, and how many */
    double began;         /* when the first of all was */
    nmf_start *starts;    /* what became of each; NULL where there is but one */
    nmf_result *best;
} field;

int64_t starts_at_once(const plan *plan, const nmf_matrix *matrix) {
    double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 2;
    int64_t count = plan->restarts;
    while (count > 1 && there > 0 && fit_bytes(plan, matrix, count) > there) {
        count = (count + 1) / 2;
    }
    return count;
}

static nmf_status field_new(const starts_request *request, int64_t at_once, field *all) {
    nmf_context *context = request->context;
    int64_t restarts = request->plan->restarts;
    *all = (field){.request = request};
    nmf_status status = array_new(context, at_once, sizeof(nmf_result *), "the starts", (void **)&all->results);
    if (status == NMF_OK) {
        status = array_new(context, at_once, sizeof(fit *), "the starts", (void **)&all->fits);
    }
    if (status == NMF_OK) {
        status = array_new(context, at_once, sizeof(fit *), "the starts", (void **)&all->racing);
    }
    if (status == NMF_OK && restarts > 1) {
        status = array_new(context, restarts, sizeof *all->starts, "the starts", (void **)&all->starts);
    }
    return status;
}

/* The first of them has what the others share of the matrix, and goes last. */
static void leave_memory(field *all) {
    for (int64_t t = all->count - 1; t >= 0; t--) {
        nmf_result_free(all->results[t]);
        all->results[t] = NULL;
    }
    all->count = 0;
}

static void field_free(field *all) {
    nmf_context *context = all->request->context;
    leave_memory(all);
    nmf_result_free(all->best);
    array_free(context, all->results);
    array_free(context, all->fits);
    array_free(context, all->racing);
    array_free(context, all->starts);
}

/* Bring the next one into memory. */
static nmf_status enter(field *all) {
    const starts_request *request = all->request;
    plan plan = *request->plan;
    int64_t t = all->count;
    plan.seed += (uint64_t)(all->begin + t);
    nmf_status status = array_new(request->context, 1, sizeof **all->results, "the result", (void **)&all->results[t]);
    if (status != NMF_OK) {
        return status;
    }
    all->count++;
    all->fits[t] = &all->results[t]->fit;
    status = fit_new(request->context, request->matrix, &plan, t > 0 ? all->fits[0] : NULL, all->fits[t]);
    all->began = all->begin + t == 0 ? all->fits[t]->began : all->began;
    all->fits[t]->began = all->began;
    return status;
}

/* What became of those in memory is noted, and shown to who asked for it. */
static nmf_status note(const field *all, bool interrupted) {
    const starts_request *request = all->request;
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        const fit *f = all->fits[t];
        if (all->starts && f->steps > 0) {
            const nmf_step *last = &f->history[f->steps - 1];
            all->starts[all->begin + t] =
                (nmf_start){f->plan.seed, f->steps, last->error, last->relative_error, last->objective, f->dropped};
        }
        if (request->visit && !f->dropped && !interrupted) {
            status = request->visit(request->user, f, all->begin + t);
        }
    }
    return status;
}

/* The best of those in memory takes the place of the best so far, if it is better. */
static nmf_status choose(field *all) {
    int64_t best = 0;
    for (int64_t t = 1; t < all->count; t++) {
        const fit *f = all->fits[t];
        best = f->steps > 0 && fit_measure(f) < fit_measure(all->fits[best]) ? t : best;
    }
    if (all->best && fit_measure(&all->best->fit) <= fit_measure(all->fits[best])) {
        return NMF_OK;
    }
    nmf_status status = fit_finish(all->fits[best]);
    nmf_matrix *shared = all->fits[0]->own;
    all->fits[0]->own = NULL;
    fit_shrink(all->fits[best]);
    nmf_result_free(all->best);
    all->best = all->results[best];
    all->results[best] = NULL;
    leave_memory(all);
    nmf_matrix_free(shared);
    return status;
}

/* Those that go on are listed, and counted. */
static int64_t list_racing(field *all) {
    int64_t racing = 0;
    for (int64_t t = 0; t < all->count; t++) {
        if (!all->fits[t]->done && !all->fits[t]->dropped) {
            all->racing[racing++] = all->fits[t];
        }
    }
    return racing;
}

/* Until so many iterations of each: in teams as large as is of use, none much smaller than the others. */
static nmf_status race(field *all, team *room, int64_t racing, int64_t until) {
    int64_t most = fit_team_most(all->request->plan, all->request->matrix), teams = (racing + most - 1) / most;
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < teams && status == NMF_OK; t++) {
        int64_t first = t * racing / teams, end = (t + 1) * racing / teams;
        room->fits = all->racing + first;
        room->count = end - first;
        status = fit_run(room, until);
    }
    return status;
}

/* Those that are better, or as good and earlier, of all that were not dropped. */
static int64_t better_than(const field *all, int64_t which) {
    double own = fit_measure(all->fits[which]);
    int64_t better = 0;
    for (int64_t t = 0; t < all->count; t++) {
        double other = fit_measure(all->fits[t]);
        better += !all->fits[t]->dropped && (other < own || (other == own && t < which));
    }
    return better;
}

/* The worse half of those that were not dropped, as far as it is not done. The worst go first, and change no place. */
static void drop_half(const field *all) {
    int64_t left = 0;
    for (int64_t t = 0; t < all->count; t++) {
        left += !all->fits[t]->dropped;
    }
    for (int64_t place = left - 1; place >= (left + 1) / 2; place--) {
        for (int64_t t = 0; t < all->count; t++) {
            fit *f = all->fits[t];
            if (!f->dropped && better_than(all, t) == place) {
                f->dropped = !f->done;
                break;
            }
        }
    }
}

static nmf_status race_all(field *all) {
    bool keep_all = all->request->plan->keep_all || all->count == 1;
    int64_t most = fit_team_most(all->request->plan, all->request->matrix), racing = list_racing(all);
    team room = {.context = all->request->context, .fits = all->racing, .count = most < racing ? most : racing};
    nmf_status status = all->fits[0]->engine->join(&room);
    for (int64_t until = FIRST; racing > 0 && status == NMF_OK; until += (until + 1) / 2) {
        status = race(all, &room, racing, keep_all || racing == 1 ? INT64_MAX : until);
        if (!keep_all) {
            drop_half(all);
        }
        racing = list_racing(all);
    }
    all->fits[0]->engine->part(&room);
    return status;
}

/* `count` starts, from the first that has not been looked at. */
static nmf_status run_some(field *all, int64_t count) {
    nmf_status status = NMF_OK;
    while (all->count < count && status == NMF_OK) {
        status = enter(all);
    }
    if (status != NMF_OK) {
        return status;
    }
    nmf_status ran = race_all(all);
    if (ran != NMF_OK && ran != NMF_INTERRUPTED) {
        return ran;
    }
    status = note(all, ran == NMF_INTERRUPTED);
    if (status == NMF_OK) {
        status = choose(all);
    }
    leave_memory(all);
    return status == NMF_OK ? ran : status;
}

static void hand_over(field *all, int64_t tried, nmf_result **best) {
    nmf_summary *summary = &all->best->fit.summary;
    *best = all->best;
    all->best = NULL;
    (*best)->starts = all->starts;
    all->starts = NULL;
    summary->starts = (*best)->starts;
    summary->restarts = tried;
    summary->seconds = fit_seconds(&(*best)->fit);
}

nmf_status starts_run(const starts_request *request, nmf_result **best) {
    int64_t restarts = request->plan->restarts, at_once = starts_at_once(request->plan, request->matrix);
    field all;
    nmf_status status = field_new(request, at_once, &all);
    while (status == NMF_OK && all.begin < restarts) {
        int64_t left = restarts - all.begin, count = left < at_once ? left : at_once;
        status = run_some(&all, count);
        all.begin += count;
    }
    if ((status == NMF_OK || status == NMF_INTERRUPTED) && all.best) {
        hand_over(&all, all.begin, best);
    }
    field_free(&all);
    return status;
}

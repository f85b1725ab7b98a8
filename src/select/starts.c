#include "select/starts.h"

/*
 * Successive halving (Jamieson & Talwalkar 2016): the worse half goes after FIRST iterations, and again each time half
 * as many more have been made: 5, 8, 12, 18, 27, …. docs/performance.md says what that saves and loses.
 */
enum { FIRST = 5 };

/* A start: where its fit has come to, and the factors while they are of interest and in no fit. */
typedef struct start {
    course course;
    nmf_summary summary;
    items w, h;
    bool dropped;
} start;

/* All starts of a request. A few fits work for them in turn, since a fit takes several times the memory of W and H. */
typedef struct field {
    const starts_request *request;
    int64_t count;
    start *starts;
    int64_t *racing;      /* those that go on */
    nmf_result **workers; /* as many as are of use as a team */
    int64_t team_size;
    fit **fits; /* theirs */
    fit **team; /* those at work, which become fewer */
    struct stack *stack;
    nmf_start *told; /* for the summary; NULL where there is but one */
} field;

static int64_t team_of(const plan *plan, const nmf_matrix *matrix) {
    int64_t most = fit_team_most(plan, matrix);
    return most < plan->restarts ? most : plan->restarts;
}

static bool drops(const plan *plan) {
    return plan->restarts > 1 && !plan->keep_all && plan->update->monotone;
}

double starts_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    double factors = items_bytes(plan->dtype, info->rows + info->cols, plan->k);
    double kept = plan->restarts == 1 ? 0 : drops(plan) ? (double)plan->restarts : 1;
    return fit_bytes(plan, matrix, team_of(plan, matrix)) + kept * factors + (double)plan->restarts * sizeof(start);
}

static void factors_free(nmf_context *context, start *s) {
    items_free(context, &s->w);
    items_free(context, &s->h);
    buffer_free(context, s->course.history);
    s->course.history = NULL;
}

static void field_free(field *all) {
    nmf_context *context = all->request->context;
    for (int64_t t = 0; all->starts && t < all->count; t++) {
        factors_free(context, &all->starts[t]);
    }
    team room = {.context = context, .stack = all->stack};
    if (all->stack) {
        all->fits[0]->engine->part(&room);
    }
    /* The first has what the others share of the matrix. */
    for (int64_t t = all->team_size - 1; all->workers && t >= 0; t--) {
        nmf_result_free(all->workers[t]);
    }
    void *const arrays[] = {all->starts, all->racing, all->workers, all->fits, all->team, all->told};
    for (size_t t = 0; t < sizeof arrays / sizeof *arrays; t++) {
        array_free(context, arrays[t]);
    }
}

static nmf_status new_arrays(field *all) {
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } wanted[] = {{(void **)&all->starts, all->count, sizeof *all->starts},
                  {(void **)&all->racing, all->count, sizeof *all->racing},
                  {(void **)&all->workers, all->team_size, sizeof(nmf_result *)},
                  {(void **)&all->fits, all->team_size, sizeof(fit *)},
                  {(void **)&all->team, all->team_size, sizeof(fit *)},
                  {(void **)&all->told, all->count > 1 ? all->count : 0, sizeof *all->told}};
    nmf_status status = NMF_OK;
    for (size_t t = 0; t < sizeof wanted / sizeof *wanted && status == NMF_OK; t++) {
        status = array_new(all->request->context, wanted[t].count, wanted[t].size, "the starts", wanted[t].array);
    }
    return status;
}

static nmf_status field_new(const starts_request *request, field *all) {
    nmf_context *context = request->context;
    *all = (field){
        .request = request, .count = request->plan->restarts, .team_size = team_of(request->plan, request->matrix)};
    nmf_status status = new_arrays(all);
    for (int64_t t = 0; t < all->team_size && status == NMF_OK; t++) {
        status = array_new(context, 1, sizeof **all->workers, "the result", (void **)&all->workers[t]);
        if (status == NMF_OK) {
            all->fits[t] = &all->workers[t]->fit;
            const fit *like = t > 0 ? all->fits[0] : NULL;
            status = fit_new(context, request->matrix, request->plan, like, all->fits[t]);
        }
    }
    if (status == NMF_OK) {
        team room = {.context = context, .fits = all->fits, .count = all->team_size};
        status = all->fits[0]->engine->join(&room);
        all->stack = room.stack;
    }
    return status;
}

static double measure(const field *all, int64_t t) {
    const course *came = &all->starts[t].course;
    return all->request->plan->keep_best ? came->best_measured : fit_measure(all->fits[0], came->kept);
}

/* The best so far, of which the factors are kept, or may be: the first one of several. */
static int64_t find_best(const field *all) {
    int64_t best = -1;
    for (int64_t t = 0; t < all->count; t++) {
        if (all->starts[t].w.data && (best < 0 || measure(all, t) < measure(all, best))) {
            best = t;
        }
    }
    return best;
}

/* A fit takes a start up where it was left. */
static nmf_status take_up(const field *all, int64_t t, fit *f) {
    start *s = &all->starts[t];
    if (s->course.steps == 0) {
        return fit_begin(f, all->request->plan->seed + (uint64_t)t);
    }
    f->course = s->course;
    f->summary = s->summary;
    f->plan.seed = s->summary.seed;
    s->course.history = NULL;
    items_copy(&s->w, &f->w);
    items_copy(&s->h, &f->h);
    fit_go_on(f);
    return NMF_OK;
}

/* And leaves it: with its factors, where they are still of interest. */
static nmf_status leave(const field *all, int64_t t, fit *f) {
    start *s = &all->starts[t];
    nmf_context *context = f->context;
    int64_t best = drops(&f->plan) ? -1 : find_best(all);
    s->course = f->course;
    s->summary = f->summary;
    f->course.history = NULL;
    if (s->course.steps == 0 || (best >= 0 && measure(all, best) <= measure(all, t))) {
        buffer_free(context, s->course.history);
        s->course.history = NULL;
        return NMF_OK;
    }
    if (best >= 0) {
        s->w = all->starts[best].w;
        s->h = all->starts[best].h;
        all->starts[best].w = all->starts[best].h = (items){0};
        factors_free(context, &all->starts[best]);
    }
    nmf_status status = NMF_OK;
    if (!s->w.data) {
        status = items_new(context, f->plan.dtype, f->w.count, f->plan.k, "the factors", &s->w);
    }
    if (status == NMF_OK && !s->h.data) {
        status = items_new(context, f->plan.dtype, f->h.count, f->plan.k, "the factors", &s->h);
    }
    if (status == NMF_OK) {
        items_copy(&f->w, &s->w);
        items_copy(&f->h, &s->h);
    }
    return status;
}

/* What became of a start is noted, and shown to who asked for it where it is at its end. */
static nmf_status tell(const field *all, int64_t t, const fit *f) {
    const starts_request *request = all->request;
    if (all->told && f->course.steps > 0) {
        const nmf_step *last = &f->course.history[f->course.steps - 1];
        all->told[t] =
            (nmf_start){f->plan.seed, f->course.steps, last->error, last->relative_error, last->objective, false};
    }
    return request->visit && f->course.done ? request->visit(request->user, f, t) : NMF_OK;
}

/* Some of those that race, until so many iterations. */
static nmf_status race_team(field *all, const int64_t *which, int64_t count, int64_t until) {
    team at_work = {.context = all->request->context, .fits = all->team, .count = count, .stack = all->stack};
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < count && status == NMF_OK; t++) {
        all->team[t] = all->fits[t];
        status = take_up(all, which[t], all->fits[t]);
    }
    nmf_status ran = status == NMF_OK ? fit_run(&at_work, until) : status;
    if (ran != NMF_OK && ran != NMF_INTERRUPTED) {
        return ran;
    }
    for (int64_t t = 0; t < count && all->count > 1 && status == NMF_OK; t++) {
        status = tell(all, which[t], all->fits[t]);
        if (status == NMF_OK) {
            status = leave(all, which[t], all->fits[t]);
        }
    }
    return status == NMF_OK ? ran : status;
}

/* Those that go on are listed, and counted. */
static int64_t list_racing(field *all) {
    int64_t racing = 0;
    for (int64_t t = 0; t < all->count; t++) {
        if (!all->starts[t].course.done && !all->starts[t].dropped) {
            all->racing[racing++] = t;
        }
    }
    return racing;
}

/* Those that are better, or as good and earlier, of all that were not dropped. */
static int64_t better_than(const field *all, int64_t which) {
    int64_t better = 0;
    for (int64_t t = 0; t < all->count; t++) {
        double own = measure(all, which), other = measure(all, t);
        better += !all->starts[t].dropped && (other < own || (other == own && t < which));
    }
    return better;
}

/* The worse half of those that were not dropped, as far as it is not done. The worst go first, and change no place. */
static void drop_half(const field *all) {
    int64_t left = 0;
    for (int64_t t = 0; t < all->count; t++) {
        left += !all->starts[t].dropped;
    }
    for (int64_t place = left - 1; place >= (left + 1) / 2; place--) {
        for (int64_t t = 0; t < all->count; t++) {
            start *s = &all->starts[t];
            if (!s->dropped && better_than(all, t) == place) {
                s->dropped = all->told[t].dropped = !s->course.done;
                break;
            }
        }
    }
    for (int64_t t = 0; t < all->count; t++) {
        if (all->starts[t].dropped) {
            factors_free(all->request->context, &all->starts[t]);
        }
    }
}

static nmf_status race(field *all) {
    bool halves = drops(all->request->plan);
    int64_t racing = list_racing(all);
    nmf_status status = NMF_OK;
    for (int64_t until = FIRST; racing > 0 && status == NMF_OK; until += (until + 1) / 2) {
        int64_t teams = (racing + all->team_size - 1) / all->team_size;
        for (int64_t t = 0; t < teams && status == NMF_OK; t++) {
            int64_t first = t * racing / teams, end = (t + 1) * racing / teams;
            status = race_team(all, all->racing + first, end - first, halves && racing > 1 ? until : INT64_MAX);
        }
        if (halves && status == NMF_OK) {
            drop_half(all);
        }
        racing = all->count > 1 ? list_racing(all) : 0;
    }
    return status;
}

/* The first worker takes up the best, and it is the result. */
static nmf_status hand_over(field *all, nmf_result **best) {
    fit *f = all->fits[0];
    nmf_status status = NMF_OK;
    if (all->count > 1) {
        status = take_up(all, find_best(all), f);
    }
    if (status == NMF_OK) {
        status = fit_finish(f);
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

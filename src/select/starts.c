#include "select/starts.h"

#include <stdlib.h>

/*
 * Successive halving (Jamieson & Talwalkar 2016): the worse half goes after FIRST iterations, and again each time half
 * as many more have been made: 5, 8, 12, 18, 27, …. docs/performance.md says what that saves and loses.
 */
enum { FIRST = 5 };

/* A start: where its fit has come to, and, in the store, the factors while they are of interest and in no fit. */
typedef struct start {
    course course;
    nmf_summary summary;
    items w, h;
    bool dropped;
} start;

/* A start that may be dropped, and what is to be low. */
typedef struct ranked {
    int64_t start;
    double measure;
} ranked;

/* All starts of a request. A few fits work for them in turn, since a fit takes several times the memory of W and H. */
typedef struct field {
    const starts_request *request;
    int64_t count;
    start *starts;
    int64_t *racing; /* those that go on */
    ranked *ranks;
    nmf_result **workers; /* as many as are of use as a team */
    int64_t team_size;
    fit **fits; /* theirs */
    fit **team; /* those at work, which become fewer */
    struct stack *stack;
    char *store; /* W and H of every start, or where none is dropped of the best: one array, which large pages suit */
    nmf_start *told; /* for the summary; NULL where there is but one */
    int64_t best;    /* of those that were fitted, where none is dropped; < 0: none yet */
    bool stopped;    /* the observer asked to stop */
    bool late;       /* time is up */
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
    double all = (double)plan->restarts, first = FIRST < plan->max_iter ? FIRST : (double)plan->max_iter;
    double lists = all * (sizeof(start) + sizeof(nmf_start) + sizeof(ranked) + sizeof(int64_t));
    double kept = plan->restarts == 1 ? 0
                  : drops(plan)       ? all * (factors + first * sizeof(nmf_step))
                                      : factors + fit_history_bytes(plan);
    return fit_bytes(plan, matrix, team_of(plan, matrix)) + kept + lists;
}

/* Bytes of W and of H. */
static size_t bytes_of(const field *all, int64_t count) {
    const plan *plan = all->request->plan;
    return (size_t)(count * items_stride(plan->dtype, plan->k)) * dtype_size(plan->dtype);
}

static size_t bytes_of_start(const field *all) {
    const nmf_matrix_info *info = &all->request->matrix->info;
    return bytes_of(all, info->rows) + bytes_of(all, info->cols);
}

static void forget(nmf_context *context, start *s) {
    s->w = s->h = (items){0};
    buffer_free(context, s->course.history);
    s->course.history = NULL;
}

static void field_free(field *all) {
    nmf_context *context = all->request->context;
    for (int64_t t = 0; all->starts && t < all->count; t++) {
        forget(context, &all->starts[t]);
    }
    team room = {.context = context, .stack = all->stack};
    if (all->stack) {
        all->fits[0]->engine->part(&room);
    }
    /* The first has what the others share of the matrix. */
    for (int64_t t = all->team_size - 1; all->workers && t >= 0; t--) {
        nmf_result_free(all->workers[t]);
    }
    void *const arrays[] = {all->starts, all->racing, all->ranks, all->workers,
                            all->fits,   all->team,   all->told,  all->store};
    for (size_t t = 0; t < sizeof arrays / sizeof *arrays; t++) {
        array_free(context, arrays[t]);
    }
}

/* Starts whose factors are kept at a time. */
static int64_t stored(const field *all) {
    return drops(all->request->plan) ? all->count : all->count > 1 ? 1 : 0;
}

static nmf_status new_arrays(field *all) {
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } wanted[] = {{(void **)&all->starts, all->count, sizeof *all->starts},
                  {(void **)&all->racing, all->count, sizeof *all->racing},
                  {(void **)&all->ranks, drops(all->request->plan) ? all->count : 0, sizeof *all->ranks},
                  {(void **)&all->workers, all->team_size, sizeof(nmf_result *)},
                  {(void **)&all->fits, all->team_size, sizeof(fit *)},
                  {(void **)&all->team, all->team_size, sizeof(fit *)},
                  {(void **)&all->told, all->count > 1 ? all->count : 0, sizeof *all->told},
                  {(void **)&all->store, stored(all), bytes_of_start(all)}};
    nmf_status status = NMF_OK;
    for (size_t t = 0; t < sizeof wanted / sizeof *wanted && status == NMF_OK; t++) {
        if (wanted[t].count > 0) {
            status = array_new(all->request->context, wanted[t].count, wanted[t].size, "the starts", wanted[t].array);
        }
    }
    for (int64_t t = 0; t < all->count && all->count > 1 && status == NMF_OK; t++) {
        all->told[t].seed = all->request->plan->seed + (uint64_t)t;
    }
    return status;
}

static nmf_status field_new(const starts_request *request, field *all) {
    nmf_context *context = request->context;
    *all = (field){.request = request,
                   .count = request->plan->restarts,
                   .team_size = team_of(request->plan, request->matrix),
                   .best = -1};
    nmf_status status = fit_check_bytes(context, request->plan, starts_bytes(request->plan, request->matrix));
    if (status == NMF_OK) {
        status = new_arrays(all);
    }
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

/* The best of which the factors are kept: the first one of several. */
static int64_t find_best(const field *all) {
    int64_t best = all->best;
    for (int64_t t = 0; t < all->count && drops(all->request->plan); t++) {
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
    return fit_go_on(f);
}

/* The factors of a fit, and its history, are kept for its start. */
static nmf_status keep(const field *all, int64_t t, const fit *f) {
    start *s = &all->starts[t];
    char *place = all->store + (drops(&f->plan) ? (size_t)t : 0) * bytes_of_start(all);
    s->w = items_at(f->plan.dtype, f->w.count, f->plan.k, place);
    s->h = items_at(f->plan.dtype, f->h.count, f->plan.k, place + bytes_of(all, f->w.count));
    items_copy(&f->w, &s->w);
    items_copy(&f->h, &s->h);
    return buffer_trim(f->context, (void **)&s->course.history, &s->course.history_room, s->course.steps,
                       sizeof *s->course.history, "the history");
}

/* A start leaves its fit: with its factors, where they are still of interest. */
static nmf_status leave(field *all, int64_t t, fit *f) {
    start *s = &all->starts[t];
    s->course = f->course;
    s->summary = f->summary;
    f->course.history = NULL;
    if (drops(&f->plan)) {
        return keep(all, t, f);
    }
    if (all->best >= 0 && measure(all, all->best) <= measure(all, t)) {
        forget(f->context, s);
        return NMF_OK;
    }
    if (all->best >= 0) {
        forget(f->context, &all->starts[all->best]);
    }
    all->best = t;
    return keep(all, t, f);
}

/* What became of a start is noted. */
static void tell(const field *all, int64_t t, const fit *f) {
    int64_t iteration = f->plan.keep_best ? f->summary.best_iteration : f->course.steps;
    const nmf_step *step = &f->course.history[iteration - 1];
    all->told[t] =
        (nmf_start){f->plan.seed, f->course.steps, step->error, step->relative_error, step->objective, false};
}

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
        status = take_up(all, which[t], all->fits[t]);
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
            tell(all, which[t], all->fits[t]);
            status = leave(all, which[t], all->fits[t]);
        }
    }
    return status == NMF_OK ? ran : status;
}

/* Is there a start that is neither done nor dropped? Where there is but one, its fit knows. */
static bool goes_on(const field *all) {
    bool goes = false;
    for (int64_t t = 0; t < all->count && all->count > 1 && !goes; t++) {
        goes = !all->starts[t].course.done && !all->starts[t].dropped;
    }
    return goes;
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
            all->ranks[left++] = (ranked){t, measure(all, t)};
        }
    }
    qsort(all->ranks, (size_t)left, sizeof *all->ranks, better_first);
    for (int64_t place = (left + 1) / 2; place < left; place++) {
        int64_t t = all->ranks[place].start;
        start *s = &all->starts[t];
        if (!s->course.done) {
            s->dropped = all->told[t].dropped = true;
            forget(all->request->context, s);
        }
    }
}

static nmf_status race(field *all) {
    bool halves = drops(all->request->plan);
    int64_t racing = list_racing(all);
    nmf_status status = NMF_OK;
    for (int64_t until = FIRST; racing > 0 && status == NMF_OK && !all->late; until += (until + 1) / 2) {
        int64_t teams = (racing + all->team_size - 1) / all->team_size;
        for (int64_t t = 0; t < teams && status == NMF_OK && !all->late; t++) {
            int64_t first = t * racing / teams, end = (t + 1) * racing / teams;
            status = race_team(all, all->racing + first, end - first, halves && racing > 1 ? until : INT64_MAX);
            if (status == NMF_OK && all->stopped && goes_on(all)) {
                status = fail(all->request->context, NMF_INTERRUPTED, "interrupted while some starts were to go on");
            }
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
        status = fit_agree(f, take_up(all, find_best(all), f));
        f->summary.stop_reason = f->course.done ? f->summary.stop_reason : all->late ? "time" : "interrupted";
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

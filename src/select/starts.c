#include "select/starts.h"
#include "select/peers.h"

#include <stdlib.h>

/*
 * Successive halving (Jamieson & Talwalkar 2016): the worse half goes after FIRST iterations, and again each time half
 * as many more have been made: 5, 8, 12, 18, 27, …. docs/performance.md says what that saves and loses.
 */
enum { FIRST = 5 };

/*
 * A start: where its fit has come to, and, in the store, the factors while they are of interest and in no fit. Of a
 * start that another process fits only the rest is known: of which `there` says that it has begun.
 */
typedef struct start {
    course course;
    nmf_summary summary;
    items w, h;
    double measure; /* what is to be low */
    bool there, done, dropped;
} start;

/* A start that may be dropped, and what is to be low. */
typedef struct ranked {
    int64_t start;
    double measure;
} ranked;

/* All starts of a request. A few fits work for them in turn, since a fit takes several times the memory of W and H. */
typedef struct field {
    const starts_request *request;
    const nmf_crowd *peers; /* among whom they are shared out; NULL: all are fitted here */
    int64_t count;
    start *starts;
    int64_t *racing; /* those of one's own that go on */
    ranked *ranks;
    nmf_result **workers; /* as many as are of use as a team */
    int64_t team_size;
    fit **fits; /* theirs */
    fit **team; /* those at work, which become fewer */
    struct stack *stack;
    char *store; /* W and H of every start, or where none is dropped of the best: one array, which large pages suit */
    nmf_start *told; /* for the summary; NULL where there is but one */
    double *shared;  /* what is known of every start, for a while */
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

/* Starts that one process fits at most. */
static int64_t own_starts(const plan *plan, const nmf_crowd *peers) {
    return peers ? (plan->restarts + peers->count - 1) / peers->count : plan->restarts;
}

double starts_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    double factors = items_bytes(plan->dtype, info->rows + info->cols, plan->k);
    double own = (double)own_starts(plan, plan->restarts > 1 ? matrix_peers(matrix) : NULL);
    double all = (double)plan->restarts, first = FIRST < plan->max_iter ? FIRST : (double)plan->max_iter;
    double lists = all * (sizeof(start) + sizeof(nmf_start) + sizeof(ranked) + sizeof(int64_t));
    double kept = plan->restarts == 1 ? 0
                  : drops(plan)       ? own * (factors + first * sizeof(nmf_step))
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
    void *const arrays[] = {all->starts, all->racing, all->ranks, all->workers, all->fits,
                            all->team,   all->told,   all->store, all->shared};
    for (size_t t = 0; t < sizeof arrays / sizeof *arrays; t++) {
        array_free(context, arrays[t]);
    }
}

/* Starts whose factors are kept at a time. */
static int64_t stored(const field *all) {
    return drops(all->request->plan) ? own_starts(all->request->plan, all->peers) : all->count > 1 ? 1 : 0;
}

/* What processes tell each other of a start. */
enum { THERE, DONE, MEASURE, ITERATIONS, ERROR, RELATIVE_ERROR, OBJECTIVE, SHARED };

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
                  {(void **)&all->shared, all->peers ? all->count : 0, SHARED * sizeof(double)},
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
                   .peers = request->plan->restarts > 1 ? matrix_peers(request->matrix) : NULL,
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
    return all->starts[t].measure;
}

/* The best: the first one of several. Its factors are kept, by the process that fitted it. */
static int64_t find_best(const field *all) {
    int64_t best = -1;
    for (int64_t t = 0; t < all->count; t++) {
        const start *s = &all->starts[t];
        if (s->there && !s->dropped && (best < 0 || s->measure < measure(all, best))) {
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
    int64_t slot = !drops(&f->plan) ? 0 : all->peers ? t / all->peers->count : t;
    char *place = all->store + (size_t)slot * bytes_of_start(all);
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
    s->measure = f->plan.keep_best ? s->course.best_measured : fit_measure(f, s->course.kept);
    s->there = true;
    s->done = s->course.done;
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

/* What one process knows of its starts all know; and whether it was asked to stop, or is late. */
static void share(field *all) {
    double flags[] = {all->stopped, all->late};
    for (int64_t t = 0; t < all->count; t++) {
        const start *s = &all->starts[t];
        const nmf_start *told = &all->told[t];
        double own[SHARED] = {
            s->there,       s->done, s->measure, (double)told->iterations, told->error, told->relative_error,
            told->objective};
        for (int i = 0; i < SHARED; i++) {
            all->shared[t * SHARED + i] = peers_own(all->peers, t) ? own[i] : 0;
        }
    }
    peers_sum(all->peers, all->shared, all->count * SHARED);
    all->peers->largest(all->peers->user, flags, 2);
    all->stopped = flags[0] > 0;
    all->late = flags[1] > 0;
}

static void hear(field *all) {
    for (int64_t t = 0; t < all->count; t++) {
        const double *of = all->shared + t * SHARED;
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

/* How the processes among whom starts are shared out came out; each comes here, and to whatever all of them do. */
static nmf_status agree(const field *all, nmf_status status) {
    return all->peers ? nmf_context_agree(all->request->context, status) : status;
}

/* An interrupt of one is one of all, but only after they know of each other what is there. */
static nmf_status meet(field *all, nmf_status status) {
    if (!all->peers) {
        return status;
    }
    nmf_status failed = agree(all, status == NMF_INTERRUPTED ? NMF_OK : status);
    if (failed != NMF_OK) {
        return failed;
    }
    share(all);
    hear(all);
    bool interrupted = crowd_any(context_crowd(all->request->context), status == NMF_INTERRUPTED);
    return interrupted ? fail(all->request->context, NMF_INTERRUPTED, "interrupted while starts were fitted") : NMF_OK;
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
            all->ranks[left++] = (ranked){t, measure(all, t)};
        }
    }
    qsort(all->ranks, (size_t)left, sizeof *all->ranks, better_first);
    for (int64_t place = (left + 1) / 2; place < left; place++) {
        int64_t t = all->ranks[place].start;
        start *s = &all->starts[t];
        if (!s->done) {
            s->dropped = all->told[t].dropped = true;
            forget(all->request->context, s);
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
    bool halves = drops(all->request->plan);
    int64_t own, racing = list_racing(all, &own);
    nmf_status status = NMF_OK;
    for (int64_t until = FIRST; racing > 0 && status == NMF_OK && !all->late; until += (until + 1) / 2) {
        status = meet(all, race_own(all, own, halves && racing > 1 ? until : INT64_MAX));
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
    int64_t best = find_best(all);
    nmf_status status = fit_agree(f, take_up(all, best, f));
    if (all->peers) {
        status = agree(all, status);
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
        status = agree(all, fit_finish(f));
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
    status = agree(&all, status);
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

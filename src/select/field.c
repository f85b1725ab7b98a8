#include "select/field.h"
#include "select/peers.h"

static int64_t team_of(const plan *plan, const nmf_matrix *matrix) {
    int64_t most = fit_team_most(plan, matrix);
    return most < plan->restarts ? most : plan->restarts;
}

/* Starts that one process fits at most. */
static int64_t own_starts(const plan *plan, const nmf_crowd *peers) {
    return peers ? (plan->restarts + peers->count - 1) / peers->count : plan->restarts;
}

double starts_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    double factors = items_bytes(plan->dtype, info->rows + info->cols, plan->k);
    double own = (double)own_starts(plan, plan->restarts > 1 ? matrix_peers(matrix) : NULL);
    double all = (double)plan->restarts, first = FIELD_FIRST < plan->max_iter ? FIELD_FIRST : (double)plan->max_iter;
    double lists = all * (sizeof(start) + sizeof(nmf_start) + sizeof(ranked) + sizeof(int64_t));
    double kept = plan->restarts == 1 ? 0
                  : plan_drops(plan)  ? own * (factors + first * sizeof(nmf_step))
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

void field_forget(const field *all, int64_t t) {
    start *s = &all->starts[t];
    s->w = s->h = (items){0};
    buffer_free(all->request->context, s->course.history);
    s->course.history = NULL;
}

void field_free(field *all) {
    nmf_context *context = all->request->context;
    for (int64_t t = 0; all->starts && t < all->count; t++) {
        field_forget(all, t);
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
    return plan_drops(all->request->plan) ? own_starts(all->request->plan, all->peers) : all->count > 1 ? 1 : 0;
}

static nmf_status new_arrays(field *all) {
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } wanted[] = {{(void **)&all->starts, all->count, sizeof *all->starts},
                  {(void **)&all->racing, all->count, sizeof *all->racing},
                  {(void **)&all->ranks, plan_drops(all->request->plan) ? all->count : 0, sizeof *all->ranks},
                  {(void **)&all->workers, all->team_size, sizeof(nmf_result *)},
                  {(void **)&all->fits, all->team_size, sizeof(fit *)},
                  {(void **)&all->team, all->team_size, sizeof(fit *)},
                  {(void **)&all->told, all->count > 1 ? all->count : 0, sizeof *all->told},
                  {(void **)&all->shared, all->peers ? all->count : 0, FIELD_SHARED * sizeof(double)},
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

nmf_status field_new(const starts_request *request, field *all) {
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
    status = crowd_agree(context, matrix_crowd(request->matrix), status);
    for (int64_t t = 0; t < all->team_size && status == NMF_OK; t++) {
        status = array_new(context, 1, sizeof **all->workers, "the result", (void **)&all->workers[t]);
        if (status == NMF_OK) {
            all->workers[t]->fit.context = context;
        }
        status = crowd_agree(context, matrix_crowd(request->matrix), status);
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

int64_t field_best(const field *all) {
    int64_t best = -1;
    for (int64_t t = 0; t < all->count; t++) {
        const start *s = &all->starts[t];
        if (s->there && !s->dropped && (best < 0 || s->measure < all->starts[best].measure)) {
            best = t;
        }
    }
    return best;
}

nmf_status field_take_up(const field *all, int64_t t, fit *f) {
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
    int64_t slot = !plan_drops(&f->plan) ? 0 : all->peers ? t / all->peers->count : t;
    char *place = all->store + (size_t)slot * bytes_of_start(all);
    s->w = items_at(f->plan.dtype, f->w.count, f->plan.k, place);
    s->h = items_at(f->plan.dtype, f->h.count, f->plan.k, place + bytes_of(all, f->w.count));
    items_copy(&f->w, &s->w);
    items_copy(&f->h, &s->h);
    return buffer_trim(f->context, (void **)&s->course.history, &s->course.history_room, s->course.steps,
                       sizeof *s->course.history, "the history");
}

/* What became of a start is noted. */
static void tell(const field *all, int64_t t, const fit *f) {
    int64_t iteration = f->plan.keep_best ? f->summary.best_iteration : f->course.steps;
    const nmf_step *step = &f->course.history[iteration - 1];
    all->told[t] =
        (nmf_start){f->plan.seed, f->course.steps, step->error, step->relative_error, step->objective, false};
}

nmf_status field_leave(field *all, int64_t t, fit *f) {
    start *s = &all->starts[t];
    tell(all, t, f);
    s->course = f->course;
    s->summary = f->summary;
    s->measure = f->plan.keep_best ? s->course.best_measured : fit_measure(f, s->course.kept);
    s->there = true;
    s->done = s->course.done;
    f->course.history = NULL;
    if (plan_drops(&f->plan)) {
        return keep(all, t, f);
    }
    if (all->best >= 0 && all->starts[all->best].measure <= s->measure) {
        field_forget(all, t);
        return NMF_OK;
    }
    if (all->best >= 0) {
        field_forget(all, all->best);
    }
    all->best = t;
    return keep(all, t, f);
}

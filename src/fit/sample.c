#include "fit/sample.h"
#include "base/subset.h"

/*
 * Measured in docs/performance.md: a tenth of the lines, until an iteration lowers the error by less than .03 %, at
 * most 40 iterations: four passes over A at most, and mostly two.
 */
enum { SHARE = 10, LINES_A_COMPONENT = 10, MOST_ITERATIONS = 40, STREAM_LINES = 5 };
static const double settled_change = 3e-4;

bool fit_samples_columns(const nmf_matrix_info *info) {
    return info->cols > info->rows;
}

/* Lines to draw; 0 where A is too small for that to pay. */
static int64_t lines_drawn(const nmf_matrix_info *info, int64_t k) {
    int64_t lines = fit_samples_columns(info) ? info->cols : info->rows;
    int64_t least = k < lines / LINES_A_COMPONENT ? k * LINES_A_COMPONENT : lines;
    int64_t wanted = lines / SHARE > least ? lines / SHARE : least;
    return wanted <= lines / 2 ? wanted : 0;
}

/* What is asked of the fit of the sample. */
static plan plan_of_sample(const plan *whole) {
    plan some = *whole;
    some.init = whole->init->on_sample;
    some.stop = STOP_CHANGE;
    some.by_weight = false;
    some.unit = UNIT_NONE;
    some.tol = settled_change;
    some.max_iter = whole->max_iter < MOST_ITERATIONS ? whole->max_iter : MOST_ITERATIONS;
    return some;
}

double fit_sample_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    int64_t drawn = lines_drawn(info, plan->k);
    if (drawn == 0) {
        return 0;
    }
    nmf_matrix some = *matrix;
    struct plan how = plan_of_sample(plan);
    *(fit_samples_columns(info) ? &some.info.cols : &some.info.rows) = drawn;
    some.info.nnz = (int64_t)((double)info->nnz * (double)(some.info.rows * some.info.cols) /
                              ((double)info->rows * (double)info->cols));
    some.info.stored = some.info.nnz;
    return matrix_bytes(&some.info, plan->dtype) + (double)drawn * sizeof(int64_t) + fit_bytes(&how, &some, 1);
}

static nmf_status draw_matrix(const fit *f, int64_t drawn, nmf_matrix **some) {
    const nmf_matrix_info *info = &f->matrix->info;
    bool columns = fit_samples_columns(info);
    int64_t *list;
    nmf_status status = array_new(f->context, drawn, sizeof *list, "the sample of the start", (void **)&list);
    if (status == NMF_OK) {
        subset_draw(f->plan.seed, STREAM_LINES, columns ? info->cols : info->rows, drawn, list);
        status = f->matrix->kind->pick(f->matrix, columns, list, drawn, some);
    }
    if (status == NMF_OK) {
        status = matrix_check(*some, "the sample of the start");
    }
    array_free(f->context, list);
    return status;
}

/* Components that have no part in the sample begin as the random numbers that they would have begun with. */
static nmf_status revive(fit *f, items *factor, bool columns) {
    items none = items_range(factor, 0, 0), *drawn = NULL;
    for (int64_t c = 0; c < factor->k; c++) {
        if (!items_dead(factor, c)) {
            continue;
        }
        if (!drawn) {
            init_request request = {f->context, f->matrix, f->simd, f->plan.seed, f->plan.threads, NULL};
            drawn = columns ? &f->w_next : &f->h_next;
            nmf_status status = f->plan.init->fill(&request, columns ? drawn : &none, columns ? &none : drawn);
            if (status != NMF_OK) {
                return status;
            }
        }
        for (int64_t i = 0; i < factor->count; i++) {
            items_set(factor, i, c, items_get(drawn, i, c));
        }
    }
    return NMF_OK;
}

/* The observer hears of iteration 0 while a sample is fitted, and can stop that. */
static int observe(void *user, const nmf_progress *progress) {
    const fit *f = user;
    nmf_progress start = *progress;
    start.iteration = 0;
    start.max_iter = f->plan.max_iter;
    start.seconds = fit_seconds(f);
    return f->plan.observer(f->plan.observer_user, &start);
}

/* Multiplications of an iteration. */
static double work(const nmf_matrix_info *some, int64_t k) {
    double entries = some->sparse ? (double)some->nnz : (double)some->rows * (double)some->cols;
    return 2 * entries * (double)k;
}

static nmf_status fit_drawn(fit *f, const nmf_matrix *some, bool columns) {
    fit sub, *only = &sub;
    plan how = plan_of_sample(&f->plan);
    how.threads = reduce_threads(work(&some->info, how.k), how.threads);
    how.observer = f->plan.observer ? observe : NULL;
    how.observer_user = f;
    nmf_status status = fit_new(f->context, some, &how, NULL, &sub);
    if (status == NMF_OK) {
        status = fit_begin(&sub, how.seed);
    }
    if (status == NMF_OK) {
        team alone = fit_alone(&only);
        status = fit_run(&alone, how.max_iter);
    }
    if (status == NMF_OK || status == NMF_INTERRUPTED) {
        /* After an interrupt the loop goes on until it asks by itself, so that there is an iterate to return. */
        items *to = columns ? &f->w : &f->h;
        items_copy(columns ? &sub.w : &sub.h, to);
        f->course.worked = sub.course.steps;
        f->sampled = f->course.worked > 0;
        status = revive(f, to, columns);
    }
    fit_free(&sub);
    return status;
}

nmf_status fit_sample(fit *f) {
    nmf_matrix *some = NULL;
    int64_t drawn = lines_drawn(&f->matrix->info, f->plan.k);
    f->sampled = false;
    if (drawn == 0) {
        return NMF_OK;
    }
    nmf_status status = draw_matrix(f, drawn, &some);
    if (status == NMF_OK && some->info.nnz > 0) {
        status = fit_drawn(f, some, fit_samples_columns(&f->matrix->info));
    }
    nmf_matrix_free(some);
    return status;
}

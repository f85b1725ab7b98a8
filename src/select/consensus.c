#include "select/consensus.h"
#include "select/density.h"

#include <math.h>
#include <string.h>

enum { RESTARTS = 100, MOST_SAMPLES = 1000 };
static const double density = 0.5, nearest = 0.3, level = 0.9;

static nmf_status check(nmf_context *context, const nmf_consensus_options *how) {
    if (!(how->density > 0) || !(how->nearest > 0 && how->nearest <= 1)) {
        return fail(context, NMF_ERROR_USAGE,
                    "density is %g and nearest %g; the first must be above 0, the other as well and at most 1",
                    how->density, how->nearest);
    }
    if (!(how->level > 0 && how->level <= 1)) {
        return fail(context, NMF_ERROR_USAGE, "level is %g; it must be above 0 and at most 1", how->level);
    }
    return survey_check_samples(context, how->most_samples);
}

static nmf_consensus_options filled(const nmf_consensus_options *how) {
    nmf_consensus_options all = how ? *how : (nmf_consensus_options){0};
    all.restarts = all.restarts != 0 ? all.restarts : RESTARTS;
    all.density = all.density != 0 ? all.density : density;
    all.nearest = all.nearest != 0 ? all.nearest : nearest;
    all.level = all.level != 0 ? all.level : level;
    all.most_samples = all.most_samples != 0 ? all.most_samples : MOST_SAMPLES;
    return all;
}

static nmf_status new_arrays(nmf_consensus *own, const gathered *all) {
    int64_t spectra = all->spectra.k, n = all->samples, of_w = own->rows * own->k, of_h = own->cols * own->k;
    const struct {
        void **array;
        int64_t count;
    } wanted[] = {
        {(void **)&own->distance, spectra}, {(void **)&own->list, spectra},     {(void **)&own->label, spectra},
        {(void **)&own->sample, n},         {(void **)&own->cluster, n},        {(void **)&own->together, n * n},
        {(void **)&own->w, of_w},           {(void **)&own->w_bounds[0], of_w}, {(void **)&own->w_bounds[1], of_w},
        {(void **)&own->h_bounds[0], of_h}, {(void **)&own->h_bounds[1], of_h}};
    nmf_status status = NMF_OK;
    for (size_t t = 0; t < sizeof wanted / sizeof *wanted && status == NMF_OK; t++) {
        status = array_new(own->context, wanted[t].count, sizeof(double), "the consensus", wanted[t].array);
    }
    return status;
}

/* Co-membership as it is handed out: samples in the order of the tree. */
static void show_together(nmf_consensus *own, const gathered *all, const together *from) {
    int64_t n = from->n;
    for (int64_t p = 0; p < n; p++) {
        int64_t j = from->order[p];
        own->sample[p] = all->sample[j];
        own->cluster[p] = from->cluster[j];
        for (int64_t q = 0; q < n; q++) {
            own->together[p * n + q] = 1 - from->distance[j * n + from->order[q]];
        }
    }
    own->summary.sample = own->sample;
    own->summary.cluster = own->cluster;
    own->summary.together = own->together;
}

/* All starts, what they say of each other, and how far every spectrum is from its nearest ones. */
static nmf_status compare(nmf_consensus *own, const nmf_matrix *matrix, const plan *plan,
                          const nmf_consensus_options *how, gathered *all) {
    nmf_result *best = NULL;
    cosines distances = {0};
    together together = {0};
    nmf_status status = survey_starts(own->context, matrix, plan, all, &best);
    if (status == NMF_OK) {
        status = survey_measure(matrix, plan, all, best, &distances, &together, &own->summary.row);
    }
    if (status == NMF_OK) {
        show_together(own, all, &together);
        int64_t count = (int64_t)fmax(1, how->nearest * (double)plan->restarts);
        status = density_measure(own->context, distances.value, distances.count, count, own->distance);
    }
    own->summary.distance = own->distance;
    own->summary.spectra = all->spectra.k;
    together_free(&together);
    cosines_free(&distances);
    nmf_result_free(best);
    return status;
}

/* H for the W that was found. */
static nmf_status refit(nmf_consensus *own, const nmf_matrix *matrix, const nmf_options *options) {
    nmf_matrix *w = NULL;
    unsigned allowed = options->free && strcmp(options->free, "w") == 0 ? NMF_ALLOW_NEGATIVE : 0;
    nmf_status status = nmf_matrix_dense(own->context, own->rows, own->k, NMF_F64, own->w, own->k, 1, allowed, &w);
    if (status == NMF_OK) {
        status = nmf_transform(own->context, matrix, w, options, &own->result);
    }
    nmf_matrix_free(w);
    return status;
}

static nmf_status make(nmf_consensus *own, const nmf_matrix *matrix, const nmf_options *options,
                       const nmf_consensus_options *how) {
    plan plan;
    gathered all = {0};
    double began = fit_clock();
    nmf_status status = check(own->context, how);
    if (status == NMF_OK) {
        status = survey_plan(own->context, matrix, options, how->restarts, &plan);
    }
    if (status == NMF_OK) {
        own->k = plan.k;
        own->summary.level = how->level;
        own->summary.density = how->density;
        status = gather_new(own->context, matrix, &plan, how->most_samples, true, &all);
    }
    if (status == NMF_OK) {
        status = new_arrays(own, &all);
    }
    if (status == NMF_OK) {
        status = compare(own, matrix, &plan, how, &all);
    }
    if (status == NMF_OK) {
        status = consensus_components(own, &all, &plan);
    }
    if (status == NMF_OK) {
        status = refit(own, matrix, options);
    }
    if (status == NMF_OK) {
        status = consensus_bounds(own, &all);
    }
    own->summary.row.seconds = fit_clock() - began;
    gather_free(&all);
    return status;
}

nmf_status nmf_consensus_new(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                             const nmf_consensus_options *how, nmf_consensus **consensus) {
    const nmf_consensus_options all = filled(how);
    nmf_status status = array_new(context, 1, sizeof **consensus, "the consensus", (void **)consensus);
    if (status != NMF_OK) {
        return status;
    }
    (*consensus)->context = context;
    (*consensus)->rows = matrix->info.rows;
    (*consensus)->cols = matrix->info.cols;
    status = make(*consensus, matrix, options, &all);
    if (status != NMF_OK) {
        nmf_consensus_free(*consensus);
        *consensus = NULL;
    }
    return status;
}

void nmf_consensus_free(nmf_consensus *own) {
    if (!own) {
        return;
    }
    nmf_context *context = own->context;
    void *const arrays[] = {own->distance,    own->sample,      own->cluster,     own->together,
                            own->w,           own->list,        own->w_bounds[0], own->w_bounds[1],
                            own->h_bounds[0], own->h_bounds[1], own->label};
    for (size_t t = 0; t < sizeof arrays / sizeof *arrays; t++) {
        array_free(context, arrays[t]);
    }
    nmf_result_free(own->result);
    array_free(context, own);
}

const nmf_consensus_summary *nmf_consensus_get_summary(const nmf_consensus *consensus) {
    return &consensus->summary;
}

const nmf_result *nmf_consensus_result(const nmf_consensus *consensus) {
    return consensus->result;
}

static void copy(const double *from, int64_t count, nmf_dtype dtype, void *values) {
    for (int64_t e = 0; e < count; e++) {
        dtype_set(dtype, values, e, from[e]);
    }
}

void nmf_consensus_w_bounds(const nmf_consensus *own, bool upper, nmf_dtype dtype, void *values) {
    copy(own->w_bounds[upper], own->rows * own->k, dtype, values);
}

void nmf_consensus_h_bounds(const nmf_consensus *own, bool upper, nmf_dtype dtype, void *values) {
    copy(own->h_bounds[upper], own->cols * own->k, dtype, values);
}

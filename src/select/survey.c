#include "select/survey.h"
#include "cluster/silhouette.h"
#include "select/explained.h"
#include "select/hold_out.h"
#include "select/peers.h"

#include <math.h>
#include <stdlib.h>

enum { RESTARTS = 30, MASKS = 3, MOST_SAMPLES = 1000, MOST_MASKS = 1000, MOST_SAMPLES_EVER = 20000 };
static const double held_out = 0.1;

static nmf_status check_rank(nmf_context *context, const nmf_matrix *matrix, int64_t k) {
    const nmf_matrix_info *info = &matrix->info;
    int64_t least = info->rows < info->cols ? info->rows : info->cols;
    return k > least ? fail(context, NMF_ERROR_USAGE,
                            "rank %lld is above the smaller side of the matrix, %lld: components of so many are not "
                            "to be told from each other",
                            (long long)k, (long long)least)
                     : NMF_OK;
}

nmf_status survey_plan(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, int64_t restarts,
                       plan *out) {
    nmf_options asked = *options;
    asked.restarts = restarts;
    asked.keep_all = true;
    asked.order = "start";
    asked.unit = NULL;
    if (matrix_need_whole(matrix, "a comparison of starts") != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (restarts < 2) {
        return fail(context, NMF_ERROR_USAGE, "restarts is %lld; to compare starts takes at least 2",
                    (long long)restarts);
    }
    nmf_status status = plan_make(context, &asked, out);
    if (status == NMF_OK) {
        status = matrix_is_same(matrix);
    }
    if (status == NMF_OK) {
        status = check_rank(context, matrix, out->k);
    }
    if (status == NMF_OK && (out->side[SIDE_W].held >= out->k || out->side[SIDE_H].held >= out->k)) {
        status = fail(context, NMF_ERROR_USAGE,
                      "all of a factor is fixed, so that every start ends the same; leave some of it to be found");
    }
    return status == NMF_OK ? plan_meet(context, matrix, out) : status;
}

nmf_status survey_starts(nmf_context *context, const nmf_matrix *matrix, const plan *plan, gathered *all,
                         nmf_result **best) {
    const starts_request request = {
        .context = context, .matrix = matrix, .plan = plan, .visit = gather_visit, .user = all};
    nmf_status status = starts_run(&request, best);
    if (status == NMF_OK) {
        gather_share(matrix_peers(matrix), all);
    } else if (status == NMF_INTERRUPTED) {
        nmf_result_free(*best);
        *best = NULL;
    }
    return status;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static nmf_status median(nmf_context *context, const double *values, int64_t count, double *out) {
    double *sorted;
    nmf_status status = array_new(context, count, sizeof *sorted, "the errors of the starts", (void **)&sorted);
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        sorted[i] = values[i];
    }
    if (status == NMF_OK) {
        qsort(sorted, (size_t)count, sizeof *sorted, ascending);
        *out = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    }
    array_free(context, sorted);
    return status;
}

/* The silhouette of all spectra, clustered into k. */
static nmf_status cluster_all(const plan *plan, const gathered *all, const cosines *distances, nmf_rank_row *row) {
    int64_t *labels, *list = NULL, count = distances->count;
    nmf_status status = array_new(all->context, count, sizeof *labels, "clusters", (void **)&labels);
    if (status == NMF_OK) {
        status = array_new(all->context, count, sizeof *list, "clusters", (void **)&list);
    }
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        list[i] = i;
    }
    if (status == NMF_OK) {
        status = spectra_cluster(all, plan, list, count, labels);
    }
    if (status == NMF_OK) {
        status = silhouette_mean(all->context, count, distances->value, all->k, labels, &row->silhouette_spectra);
    }
    array_free(all->context, list);
    array_free(all->context, labels);
    return status;
}

nmf_status survey_measure(const nmf_matrix *matrix, const plan *plan, const gathered *all, const nmf_result *best,
                          cosines *cosines, together *together, nmf_rank_row *row) {
    const nmf_summary *summary = &best->fit.summary;
    *row = (nmf_rank_row){.rank = plan->k,
                          .restarts = plan->restarts,
                          .error = summary->error,
                          .relative_error = summary->relative_error,
                          .cophenetic = NAN,
                          .dispersion = NAN,
                          .pac = NAN,
                          .silhouette_samples = NAN,
                          .silhouette_spectra = NAN,
                          .held_out = NAN,
                          .held_out_error = NAN,
                          .samples = all->samples};
    nmf_status status = median(all->context, all->error, all->starts, &row->median_error);
    if (status == NMF_OK) {
        status = explained_by(matrix, plan, &best->fit, &row->explained);
    }
    if (status == NMF_OK) {
        status = together_new(all, together);
    }
    if (status == NMF_OK) {
        status = together_measure(all, together, row);
    }
    if (status == NMF_OK) {
        status = cosines_new(all, cosines);
    }
    if (status == NMF_OK) {
        status = spectra_stability(all, cosines, row);
    }
    if (status == NMF_OK) {
        cosines_to_distances(cosines);
        status = plan->k > 1 ? cluster_all(plan, all, cosines, row) : NMF_OK;
    }
    return status;
}

/*
 * Of an entry of W or H all evidence can be held out, and without a penalty it would be anything. So fits that are
 * given none have the ridge of a normal prior: λ = φ/τ², φ = 2·loss/N the dispersion that the best start leaves, and τ²
 * the square of what entries of W and H are where wh is of the size of A: its root mean square over √k.
 */
static void add_ridge(const nmf_matrix *matrix, const plan *whole, const nmf_summary *best, nmf_options *asked) {
    const nmf_matrix_info *info = &matrix->info;
    double size = info->norm / sqrt((double)info->rows) / sqrt((double)info->cols) / sqrt((double)whole->k);
    double loss = whole->loss == &loss_frobenius ? best->error * best->error / 2 : best->error;
    double ridge = 2 * loss / (double)best->observed / size;
    if (plan_is_penalized(whole) || !(ridge > 0) || !isfinite(ridge)) {
        return;
    }
    if (whole->update == &update_mu && whole->loss->positive) {
        asked->l1_w = asked->l1_h = ridge * sqrt(size);
    } else {
        asked->l2_w = asked->l2_h = ridge;
    }
}

/* One fit that does not see what a mask holds out; NaN where that is nothing, as may be of a tiny matrix. */
static nmf_status fit_masked(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                             const plan *whole, const nmf_summary *best, double share, int64_t which,
                             double *relative) {
    hold_out held;
    nmf_result *result = NULL;
    nmf_options asked = *options;
    asked.restarts = 0;
    asked.keep_all = false;
    asked.seed += (uint64_t)which;
    asked.order = "start";
    asked.unit = NULL;
    add_ridge(matrix, whole, best, &asked);
    nmf_status status = hold_out_new(context, matrix, whole, share, asked.seed, &held);
    *relative = NAN;
    if (status == NMF_OK && held.count > 0) {
        asked.mask = held.mask;
        status = nmf_fit(context, matrix, &asked, &result);
    }
    if (status == NMF_OK && held.count > 0) {
        status = hold_out_error(&held, &result->fit, relative);
    }
    nmf_result_free(result);
    hold_out_free(&held);
    return status;
}

/* The relative error under each mask, of which peers fit some each. */
static nmf_status fit_all_masked(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                 const plan *whole, const nmf_summary *best, double share, int64_t masks,
                                 double *relative) {
    const nmf_crowd *peers = matrix_peers(matrix);
    nmf_status status = NMF_OK;
    for (int64_t m = 0; m < masks && status == NMF_OK; m++) {
        relative[m] = 0;
        if (peers_own(peers, m)) {
            status = fit_masked(context, matrix, options, whole, best, share, m, &relative[m]);
        }
    }
    status = nmf_context_agree(context, status);
    if (status == NMF_OK) {
        peers_sum(peers, relative, masks);
    }
    return status;
}

/* The mean and its standard error over the masks that hold something out. */
static nmf_status cross_validate(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                 const plan *whole, const nmf_summary *best, double share, int64_t masks,
                                 nmf_rank_row *row) {
    double sum = 0, squares = 0, relative[MOST_MASKS];
    nmf_status status = fit_all_masked(context, matrix, options, whole, best, share, masks, relative);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t m = 0; m < masks; m++) {
        if (!isnan(relative[m])) {
            sum += relative[m];
            squares += relative[m] * relative[m];
            row->masks++;
        }
    }
    double count = (double)row->masks, variance = (squares - sum * sum / count) / (count - 1);
    row->held_out = count > 0 ? sum / count : NAN;
    row->held_out_error = count > 1 ? sqrt(fmax(variance, 0) / count) : NAN;
    return NMF_OK;
}

static nmf_status check(nmf_context *context, const nmf_survey_options *how) {
    if (!(how->held_out > 0 && how->held_out < 1)) {
        return fail(context, NMF_ERROR_USAGE, "the share held out is %g; it must be above 0 and below 1",
                    how->held_out);
    }
    if (how->masks > MOST_MASKS) {
        return fail(context, NMF_ERROR_USAGE, "masks is %lld; it must be at most %d", (long long)how->masks,
                    MOST_MASKS);
    }
    return survey_check_samples(context, how->most_samples);
}

nmf_status survey_check_samples(nmf_context *context, int64_t samples) {
    return samples < 1 || samples > MOST_SAMPLES_EVER
               ? fail(context, NMF_ERROR_USAGE, "samples is %lld; it must be from 1 to %d, since their pairs are kept",
                      (long long)samples, MOST_SAMPLES_EVER)
               : NMF_OK;
}

static nmf_survey_options filled(const nmf_survey_options *how) {
    nmf_survey_options all = how ? *how : (nmf_survey_options){0};
    all.restarts = all.restarts != 0 ? all.restarts : RESTARTS;
    all.masks = all.masks != 0 ? all.masks : MASKS;
    all.held_out = all.held_out != 0 ? all.held_out : held_out;
    all.most_samples = all.most_samples != 0 ? all.most_samples : MOST_SAMPLES;
    return all;
}

nmf_status nmf_survey(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                      const nmf_survey_options *how, nmf_rank_row *row) {
    const nmf_survey_options all = filled(how);
    double began = fit_clock();
    plan plan;
    gathered gathered = {0};
    nmf_result *best = NULL;
    cosines cosines = {0};
    together together = {0};
    nmf_status status = check(context, &all);
    *row = (nmf_rank_row){0};
    if (status == NMF_OK) {
        status = survey_plan(context, matrix, options, all.restarts, &plan);
    }
    if (status == NMF_OK) {
        status = gather_new(context, matrix, &plan, all.most_samples, false, &gathered);
    }
    if (status == NMF_OK) {
        status = survey_starts(context, matrix, &plan, &gathered, &best);
    }
    if (status == NMF_OK) {
        status = survey_measure(matrix, &plan, &gathered, best, &cosines, &together, row);
    }
    if (status == NMF_OK && all.masks > 0) {
        status =
            cross_validate(context, matrix, options, &plan, nmf_result_summary(best), all.held_out, all.masks, row);
    }
    row->seconds = fit_clock() - began;
    together_free(&together);
    cosines_free(&cosines);
    nmf_result_free(best);
    gather_free(&gathered);
    return status;
}

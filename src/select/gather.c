#include "select/gather.h"
#include "base/subset.h"
#include "select/peers.h"

#include <math.h>
#include <unistd.h>

enum { STREAM_SAMPLES = 12 };

static nmf_status check_bytes(nmf_context *context, const plan *plan, double lines) {
    double needed = lines * (double)plan->restarts * (double)plan->k * (double)dtype_size(plan->dtype);
    double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 2;
    return there > 0 && needed > there
               ? fail(context, NMF_ERROR_MEMORY,
                      "the components of %lld starts of rank %lld would take %.3g GB, more than half of what this "
                      "machine has; fewer restarts, or f32, take less",
                      (long long)plan->restarts, (long long)plan->k, needed / 1e9)
               : NMF_OK;
}

static nmf_status new_arrays(const nmf_matrix_info *info, const plan *plan, bool usages, gathered *out) {
    nmf_context *context = out->context;
    static const char what[] = "what is kept of the starts";
    nmf_status status = array_new(context, out->samples, sizeof *out->sample, what, (void **)&out->sample);
    if (status == NMF_OK) {
        status = array_new(context, out->starts * out->samples, sizeof *out->label, what, (void **)&out->label);
    }
    if (status == NMF_OK) {
        status = array_new(context, out->starts, sizeof *out->error, what, (void **)&out->error);
    }
    if (status == NMF_OK) {
        status = array_new(context, out->k, sizeof *out->row, what, (void **)&out->row);
    }
    if (status == NMF_OK) {
        status = items_new(context, plan->dtype, info->rows, out->starts * out->k, what, &out->spectra);
    }
    if (status == NMF_OK && usages) {
        status = items_new(context, plan->dtype, info->cols, out->starts * out->k, what, &out->usages);
    }
    return status;
}

nmf_status gather_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, int64_t most_samples,
                      bool usages, gathered *out) {
    const nmf_matrix_info *info = &matrix->info;
    *out = (gathered){.context = context,
                      .k = plan->k,
                      .starts = plan->restarts,
                      .samples = info->cols < most_samples ? info->cols : most_samples};
    nmf_status status = check_bytes(context, plan, (double)info->rows + (usages ? (double)info->cols : 0));
    if (status == NMF_OK) {
        status = new_arrays(info, plan, usages, out);
    }
    if (status == NMF_OK) {
        subset_draw(plan->seed, STREAM_SAMPLES, info->cols, out->samples, out->sample);
    }
    return status;
}

void gather_free(gathered *own) {
    if (!own->context) {
        return;
    }
    array_free(own->context, own->sample);
    array_free(own->context, own->label);
    array_free(own->context, own->error);
    array_free(own->context, own->row);
    items_free(own->context, &own->spectra);
    items_free(own->context, &own->usages);
}

/* The Euclidean norm, or the sum, of every component. */
static void lengths(const items *w, bool sums, double *length) {
    for (int64_t c = 0; c < w->k; c++) {
        length[c] = 0;
    }
    for (int64_t i = 0; i < w->count; i++) {
        for (int64_t c = 0; c < w->k; c++) {
            double value = items_get(w, i, c);
            length[c] += sums ? fabs(value) : value * value;
        }
    }
    for (int64_t c = 0; c < w->k && !sums; c++) {
        length[c] = sqrt(length[c]);
    }
}

static void keep_spectra(gathered *own, const items *w, int64_t start) {
    for (int64_t i = 0; i < w->count; i++) {
        for (int64_t c = 0; c < w->k; c++) {
            double value = own->row[c] > 0 ? items_get(w, i, c) / own->row[c] : 0;
            items_set(&own->spectra, i, start * w->k + c, value);
        }
    }
}

/* A sample belongs to the component that gives it most, which is the first of those that give as much. */
static void keep_labels(gathered *own, const items *h, int64_t start) {
    for (int64_t s = 0; s < own->samples; s++) {
        int32_t to = (int32_t)h->k;
        double most = 0;
        for (int64_t c = 0; c < h->k; c++) {
            double gives = items_get(h, own->sample[s], c) * own->row[c];
            to = gives > most ? (int32_t)c : to;
            most = fmax(gives, most);
        }
        own->label[start * own->samples + s] = to;
    }
}

static void keep_usages(gathered *own, const fit *f, int64_t start) {
    lengths(&f->w, true, own->row);
    for (int64_t j = 0; j < f->h.count; j++) {
        for (int64_t c = 0; c < f->h.k; c++) {
            double value = ldexp(items_get(&f->h, j, c) * own->row[c], -f->exponent);
            items_set(&own->usages, j, start * f->h.k + c, value);
        }
    }
}

void gather_share(const nmf_crowd *peers, gathered *own) {
    peers_sum(peers, own->error, own->starts);
    peers_sum_items(peers, &own->spectra);
    peers_sum_items(peers, &own->usages);
    for (int64_t t = 0; peers && t < own->starts; t++) {
        int32_t *label = own->label + t * own->samples;
        peers->broadcast(peers->user, t % peers->count, label, own->samples * (int64_t)sizeof *label);
    }
}

nmf_status gather_visit(void *data, const fit *f, int64_t start) {
    gathered *own = data;
    lengths(&f->w, false, own->row);
    keep_spectra(own, &f->w, start);
    keep_labels(own, &f->h, start);
    own->error[start] = fit_relative_error(f, f->course.kept.loss);
    if (own->usages.data) {
        keep_usages(own, f, start);
    }
    return NMF_OK;
}

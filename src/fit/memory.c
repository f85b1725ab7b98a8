#include "fit/memory.h"
#include "fit/panels.h"

#include <math.h>

nmf_status memory_new(nmf_context *context, int64_t rows, int64_t k, int exponent, int h_exponent, memory *out) {
    *out = (memory){.context = context, .rows = rows, .k = k, .exponent = exponent, .h_exponent = h_exponent};
    nmf_status status = array_new(context, k * k, sizeof(double), "a memory of columns", (void **)&out->gram);
    return status == NMF_OK
               ? array_new(context, rows * k, sizeof(double), "a memory of columns", (void **)&out->products)
               : status;
}

void memory_free(memory *m) {
    array_free(m->context, m->gram);
    array_free(m->context, m->products);
}

/* G = H·Hᵀ, H row by row. */
static void fill_gram(memory *m, const double *h, int64_t cols) {
    for (int64_t c = 0; c < m->k; c++) {
        for (int64_t d = 0; d <= c; d++) {
            double sum = 0;
            for (int64_t j = 0; j < cols; j++) {
                sum += h[c * cols + j] * h[d * cols + j];
            }
            m->gram[c * m->k + d] = m->gram[d * m->k + c] = sum;
        }
    }
}

/* P = W·G, and ‖WH‖² = ⟨P, W⟩, W times 2^exponent; `w` is a row of it. */
static void fill_products(memory *m, const nmf_matrix *of_w, int exponent, double *w) {
    for (int64_t i = 0; i < m->rows; i++) {
        double *product = m->products + i * m->k;
        matrix_row(of_w, i, w);
        for (int64_t c = 0; c < m->k; c++) {
            w[c] = exponent == 0 ? w[c] : ldexp(w[c], exponent);
        }
        for (int64_t d = 0; d < m->k; d++) {
            for (int64_t c = 0; c < m->k; c++) {
                product[c] += w[d] * m->gram[d * m->k + c];
            }
        }
        for (int64_t c = 0; c < m->k; c++) {
            m->squares += product[c] * w[c];
        }
    }
}

/* H's numbers times 2^exponent, row by row. */
static nmf_status numbers_of(nmf_context *context, const nmf_matrix *h, int exponent, double **values) {
    int64_t count = h->info.rows * h->info.cols;
    nmf_status status = array_new(context, count, sizeof **values, "a memory of columns", (void **)values);
    if (status == NMF_OK) {
        nmf_matrix_copy(h, *values);
    }
    for (int64_t e = 0; e < count && status == NMF_OK && exponent != 0; e++) {
        (*values)[e] = ldexp((*values)[e], exponent);
    }
    return status;
}

nmf_status memory_of_factors(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, memory *out) {
    int of_w = fit_harmless_exponent(NMF_F64, w->info.max), of_h = fit_harmless_exponent(NMF_F64, h->info.max);
    double *row = NULL, *h_values = NULL;
    nmf_status status = memory_new(context, w->info.rows, w->info.cols, of_w + of_h, of_h, out);
    if (status == NMF_OK) {
        status = array_new(context, w->info.cols, sizeof *row, "a row of a factor", (void **)&row);
    }
    if (status == NMF_OK) {
        status = numbers_of(context, h, of_h, &h_values);
    }
    if (status == NMF_OK) {
        fill_gram(out, h_values, h->info.cols);
        fill_products(out, w, of_w, row);
    }
    array_free(context, row);
    array_free(context, h_values);
    return status;
}

void memory_fade(memory *m, double forget) {
    m->squares *= forget;
    for (int64_t e = 0; e < m->k * m->k; e++) {
        m->gram[e] *= forget;
    }
    for (int64_t e = 0; e < m->rows * m->k; e++) {
        m->products[e] *= forget;
    }
}

nmf_status memory_add(memory *m, const fit *f) {
    items products;
    double *gram = NULL;
    int squares = 2 * (m->exponent - f->exponent), of_gram = 2 * (m->h_exponent - f->h_exponent);
    int of_products = squares / 2 + of_gram / 2;
    nmf_status status = items_new(f->context, f->plan.dtype, m->rows, m->k, "a memory of columns", &products);
    if (status == NMF_OK) {
        status = array_new(f->context, m->k * m->k, sizeof *gram, "a memory of columns", (void **)&gram);
    }
    if (status == NMF_OK) {
        matrix_times(f->matrix, NULL, &f->h_hat, &products, f->plan.threads);
        reduce_gram(&f->room.reduce, &f->h_hat, gram);
        m->squares += ldexp(f->size, squares);
    }
    for (int64_t e = 0; e < m->k * m->k && status == NMF_OK; e++) {
        m->gram[e] += ldexp(gram[e], of_gram);
    }
    for (int64_t e = 0; e < m->rows * m->k && status == NMF_OK; e++) {
        m->products[e] += ldexp(items_get(&products, e / m->k, e % m->k), of_products);
    }
    array_free(f->context, gram);
    items_free(f->context, &products);
    return status;
}

void memory_recall(const memory *m, const fit *f, double *gram, items *products) {
    int of_gram = 2 * (f->h_exponent - m->h_exponent), of_products = f->exponent - m->exponent + of_gram / 2;
    for (int64_t e = 0; e < m->k * m->k; e++) {
        gram[e] = ldexp(m->gram[e], of_gram);
    }
    for (int64_t i = 0; i < m->rows; i++) {
        for (int64_t c = 0; c < m->k; c++) {
            double value = m->products[i * m->k + c];
            items_set(products, i, c, of_products == 0 ? value : ldexp(value, of_products));
        }
    }
}

double memory_penalty(fit *f, const items *w) {
    const memory *m = f->plan.memory;
    if (!m) {
        return 0;
    }
    panels *own = f->panels;
    double sum = ldexp(m->squares, 2 * (f->exponent - m->exponent));
    reduce_gram(&f->room.reduce, w, own->gram_w);
    sum -= 2 * reduce_dot(&f->room.reduce, &own->past, w);
    for (int64_t e = 0; e < m->k * m->k; e++) {
        sum += own->gram_w[e] * own->past_gram[e];
    }
    /* Of a memory that W·H explains all of, rounding may leave less than nothing. */
    return fmax(sum, 0) / 2;
}

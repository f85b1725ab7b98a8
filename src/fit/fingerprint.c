/* What makes two fits the same: everything that the iterates depend on, but not when they stop. */
#include "fit/checkpoint.h"
#include "matrix/digest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static NMF_PRINTF(2, 3) void add(char *lines, const char *format, ...) {
    size_t used = strlen(lines);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(lines + used, FINGERPRINT_ROOM - used, format, arguments);
    va_end(arguments);
}

static void add_number(char *lines, const char *name, double value) {
    add(lines, "%s=%.17g\n", name, value);
}

static void add_matrix(char *lines, const char *name, const nmf_matrix *matrix) {
    if (matrix) {
        add(lines, "%s=%016llx\n", name, (unsigned long long)nmf_matrix_hash(matrix));
    } else {
        add(lines, "%s=none\n", name);
    }
}

static void add_side(char *lines, const char *letter, const side_plan *side) {
    char name[32];
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"alpha", side->alpha}, {"l1", side->l1},     {"l2", side->l2},          {"ortho", side->ortho},
                   {"max", side->most},    {"free", side->free}, {"simplex", side->simplex}};
    for (size_t t = 0; t < sizeof numbers / sizeof *numbers; t++) {
        snprintf(name, sizeof name, "%s-%s", numbers[t].name, letter);
        add_number(lines, name, numbers[t].value);
    }
    snprintf(name, sizeof name, "fix-%s", letter);
    add_matrix(lines, name, side->fixed);
}

nmf_status fingerprint_make(fit *f) {
    const plan *plan = &f->plan;
    nmf_status status = array_new(f->context, FINGERPRINT_ROOM, 1, "a checkpoint", (void **)&f->fingerprint);
    status = fit_agree(f, status);
    if (status != NMF_OK) {
        return status;
    }
    char *lines = f->fingerprint;
    add(lines, "version=%s\nlayout=%zu/%zu/%d\n", nmf_version(), sizeof(nmf_step), sizeof(size_t),
        (int)items_stride(plan->dtype, 1));
    add(lines, "matrix=%016llx\n", (unsigned long long)matrix_digest(f->matrix));
    add(lines, "shape=%lldx%lld\n", (long long)matrix_all(f->matrix, false), (long long)matrix_all(f->matrix, true));
    add(lines, "rank=%lld\nsolver=%s\nloss=%s\n", (long long)plan->k, plan->update->name, plan->loss->name);
    add_number(lines, "loss-parameter", plan->loss_parameter);
    add(lines, "init=%s\nseed=%llu\ndtype=%s\nkeep=%s\nobserved=%s\n", plan->init ? plan->init->name : "start",
        (unsigned long long)plan->seed, dtype_names[plan->dtype], keep_names[plan->keep_best],
        observed_names[plan->stored]);
    add_number(lines, "implicit", plan->implicit);
    add_number(lines, "l1-ratio", plan->l1_ratio);
    add_side(lines, "w", &plan->side[SIDE_W]);
    add_side(lines, "h", &plan->side[SIDE_H]);
    add_number(lines, "symmetric", plan->symmetric);
    add_number(lines, "graph-weight", plan->graph_weight);
    add_matrix(lines, "graph-h", plan->graph);
    add_matrix(lines, "mask", plan->mask);
    add_matrix(lines, "weights", plan->weights);
    add_matrix(lines, "start-w", plan->start_w);
    add_matrix(lines, "start-h", plan->start_h);
    return NMF_OK;
}

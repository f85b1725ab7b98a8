#include "update/update.h"

/* Scratch of one thread: the update's, or what the KKT residual takes. */
static size_t scratch_each(const update *how, const kernel *simd, int64_t k) {
    size_t each = how->scratch_bytes(simd, k), least = simd->sweep_scratch(k);
    size_t simplex = update_simplex.scratch_bytes(simd, k);
    least = least > simplex ? least : simplex;
    each = each > least ? each : least;
    return (each + ARRAY_ALIGNMENT - 1) / ARRAY_ALIGNMENT * ARRAY_ALIGNMENT;
}

/* That of the one that takes more. */
static size_t scratch_both(const update *how, const update *other, const kernel *simd, int64_t k) {
    size_t each = scratch_each(how, simd, k), also = scratch_each(other, simd, k);
    return each > also ? each : also;
}

double update_bytes(const update *how, const update *other, const kernel *simd, int64_t k, int threads) {
    return items_bytes(simd->dtype, k, k) + (double)k * (double)k * sizeof(double) +
           (how->needs_eigen || other->needs_eigen ? eigen_bytes(k) : 0) +
           threads * (double)scratch_both(how, other, simd, k);
}

nmf_status update_room_new(nmf_context *context, const update *how, const update *other, const kernel *simd, int64_t k,
                           int threads, update_room *room) {
    size_t each = scratch_both(how, other, simd, k);
    *room = (update_room){.context = context, .simd = simd, .k = k, .rules = KERNEL_PLAIN, .scratch_bytes = each};
    nmf_status status = items_new(context, simd->dtype, k, k, "the Gram matrix", &room->gram);
    if (status == NMF_OK) {
        status = array_new(context, k * k, sizeof(double), "the Gram matrix", (void **)&room->square);
    }
    if (status == NMF_OK) {
        status = eigen_room_new(context, how->needs_eigen || other->needs_eigen ? k : 0, &room->eigen);
    }
    if (status == NMF_OK) {
        status = array_new(context, threads, each, "the solver", (void **)&room->scratch);
    }
    return status;
}

void update_room_free(update_room *room) {
    if (room->context) {
        items_free(room->context, &room->gram);
        array_free(room->context, room->square);
        eigen_room_free(&room->eigen);
        array_free(room->context, room->scratch);
        *room = (update_room){0};
    }
}

nmf_status update_prepare_gram(update_room *room, const double *gram) {
    items_from_square(gram, &room->gram);
    return NMF_OK;
}

#include "fit/item.h"

static nmf_status doubles_new(const fit *f, int64_t count, double **array) {
    return array_new(f->context, count, sizeof **array, "the models of the items", (void **)array);
}

static nmf_status items_of(const fit *f, items *out) {
    return items_new(f->context, f->plan.dtype, KERNEL_GRID, f->plan.k, "the models of the items", out);
}

/* Items that are taken at once, of either factor. */
static int64_t grams_of(const plan *plan) {
    int64_t w = item_at_once(plan, SIDE_W), h = item_at_once(plan, SIDE_H);
    return w > h ? w : h;
}

nmf_status item_room_new(const fit *f, const observation *seen, item_room *room) {
    int64_t rows = matrix_all(f->matrix, false), cols = matrix_all(f->matrix, true);
    int64_t length = rows > cols ? rows : cols, k = f->plan.k;
    *room = (item_room){.context = f->context};
    double **const of_entries[] = {&room->b, &room->pull, &room->push, &room->curve, &room->moved};
    double **const of_components[] = {&room->first, &room->second, &room->third};
    items *const blocks[] = {&room->p, &room->x, &room->before};
    nmf_status status = observe_room_new(f->context, seen, &room->seen);
    for (int t = 0; t < 5 && status == NMF_OK; t++) {
        status = doubles_new(f, length, of_entries[t]);
    }
    for (int t = 0; t < 3 && status == NMF_OK; t++) {
        status = doubles_new(f, k, of_components[t]);
    }
    for (int t = 0; t < 3 && status == NMF_OK; t++) {
        status = items_of(f, blocks[t]);
    }
    if (status == NMF_OK) {
        status = doubles_new(f, k * k, &room->gram);
    }
    if (status == NMF_OK) {
        status =
            items_new(f->context, f->plan.dtype, grams_of(&f->plan) * k, k, "the models of the items", &room->grams);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, (int64_t)f->simd->outer_scratch(k), 1, "the models of the items", &room->outer);
    }
    return status == NMF_OK ? update_room_new(f->context, plan_update(&f->plan, SIDE_W), plan_update(&f->plan, SIDE_H),
                                              f->simd, k, 1, &room->update)
                            : status;
}

double item_room_bytes(const plan *plan, const observation *seen, int64_t longest) {
    const kernel *simd = kernel_for(plan->dtype);
    double k = (double)plan->k;
    return observe_bytes(seen) + (5 * (double)longest + 3 * k + k * k) * sizeof(double) +
           3 * items_bytes(plan->dtype, KERNEL_GRID, plan->k) + (double)simd->outer_scratch(plan->k) +
           items_bytes(plan->dtype, grams_of(plan) * plan->k, plan->k) +
           update_bytes(plan_update(plan, SIDE_W), plan_update(plan, SIDE_H), simd, plan->k, 1) + sizeof(item_room);
}

void item_room_free(item_room *room) {
    if (!room->context) {
        return;
    }
    void *const arrays[] = {room->b,     room->pull,   room->push,  room->curve, room->moved,
                            room->first, room->second, room->third, room->gram,  room->outer};
    observe_room_free(&room->seen);
    for (size_t t = 0; t < sizeof arrays / sizeof *arrays; t++) {
        array_free(room->context, arrays[t]);
    }
    items_free(room->context, &room->p);
    items_free(room->context, &room->x);
    items_free(room->context, &room->before);
    items_free(room->context, &room->grams);
    update_room_free(&room->update);
    *room = (item_room){0};
}

#include "support/halfsteps.h"
#include "support/expect.h"

#include <math.h>

half_step half_step_new(nmf_context *context, nmf_dtype dtype, int64_t k, bool parallel, bool empty) {
    uint64_t seed = (uint64_t)k + 77;
    half_step s = {.context = context, .g = guarded_new(context, dtype, k, k)};
    items y = guarded_new(context, dtype, 3 * k, k);
    s.p = guarded_new(context, dtype, COUNT, k);
    s.x = guarded_new(context, dtype, COUNT, k);
    s.gram = scratch_new(context, (size_t)(k * k) * sizeof *s.gram);
    items_draw(&y, &seed, -0.5, 1);
    items_draw(&s.x, &seed, -0.5, 1);
    for (int64_t i = 0; i < y.count; i++) {
        for (int64_t c = 0; c < k; c++) {
            double value = fmax(0, items_get(&y, i, parallel && c == k - 1 ? 0 : c));
            items_set(&y, i, c, empty && c == 1 ? 0 : value);
        }
    }
    for (int64_t e = 0; e < k * k; e++) {
        for (int64_t i = 0; i < y.count; i++) {
            s.gram[e] += items_get(&y, i, e / k) * items_get(&y, i, e % k);
        }
        items_set(&s.g, e / k, e % k, s.gram[e]);
    }
    for (int64_t t = 0; t < COUNT; t++) {
        for (int64_t i = 0; i < y.count; i++) {
            double a = fmax(0, draw(&seed, -1, 1));
            for (int64_t c = 0; c < k; c++) {
                items_set(&s.p, t, c, items_get(&s.p, t, c) + a * items_get(&y, i, c));
            }
        }
        for (int64_t c = 0; c < k; c++) {
            items_set(&s.x, t, c, fmax(0, items_get(&s.x, t, c)));
        }
    }
    items_free(context, &y);
    return s;
}

void half_step_free(half_step *s) {
    array_free(s->context, s->gram);
    items_free(s->context, &s->g);
    items_free(s->context, &s->p);
    items_free(s->context, &s->x);
}

items updated_within(const half_step *s, const update *how, const kernel_rules *rules, int times) {
    const kernel *simd = kernel_for(s->x.dtype);
    update_room room;
    items x = guarded_copy(s->context, &s->x);
    assert_int_equal(update_room_new(s->context, how, how, simd, x.k, 1, &room), NMF_OK);
    room.rules = *rules;
    for (int t = 0; t < times; t++) {
        assert_int_equal(how->prepare(&room, s->gram), NMF_OK);
        how->apply(&room, &s->p, &x, room.scratch);
    }
    update_room_free(&room);
    expect_guarded(&x);
    for (int64_t e = 0; e < COUNT * x.k; e++) {
        assert_true(isfinite(items_get(&x, e / x.k, e % x.k)));
    }
    return x;
}

void expect_items(const items *got, const items *expected, double tolerance) {
    for (int64_t e = 0; e < got->count * got->k; e++) {
        double a = items_get(got, e / got->k, e % got->k), b = items_get(expected, e / got->k, e % got->k);
        if (!(fabs(a - b) <= tolerance * (1 + fabs(b)))) {
            fail_msg("%.17g, expected %.17g", a, b);
        }
    }
}

#include "matrix/triplets.h"

#include <float.h>
#include <math.h>
#include <string.h>

double triplets_least(unsigned allowed) {
    return allowed & NMF_ALLOW_NEGATIVE ? -DBL_MAX : 0;
}

static bool is_beyond(const triplets_seen *seen, double value) {
    return seen->dtype == NMF_F32 && fabs(value) > FLT_MAX && fabs(value) <= DBL_MAX;
}

void triplets_look(triplets_seen *seen, const triplet *entries, int64_t count) {
    double least = triplets_least(seen->allowed);
    for (int64_t e = 0; e < count && !seen->bad; e++) {
        double value = entries[e].value;
        if (value < least || is_beyond(seen, value)) {
            seen->bad = true;
            seen->first = entries[e];
        }
        seen->lost += seen->dtype == NMF_F32 && value != 0 && (float)value == 0;
    }
}

nmf_status triplets_tell(nmf_context *context, const char *where, const triplets_seen *seen) {
    const triplet *bad = &seen->first;
    if (seen->bad) {
        bool below = bad->value < triplets_least(seen->allowed);
        return matrix_refuse(context, where, bad->row, NULL, bad->col, NULL, bad->value,
                             below ? matrix_wanted(seen->allowed, false)
                                   : "that is more than a number of f32 can be; use f64");
    }
    if (seen->lost > 0) {
        caution(context, "%s: %lld entries are so small that they are 0 in f32; f64 keeps them", where,
                (long long)seen->lost);
    }
    return NMF_OK;
}

void triplets_tell_repeated(nmf_context *context, const char *where, int64_t repeated) {
    if (repeated > 0) {
        caution(context, "%s: %lld entries stand at a place that has one already; they were summed", where,
                (long long)repeated);
    }
}

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, KEY_BITS = 64 };

static bool is_sorted(const triplet *entries, int64_t count) {
    bool sorted = true;
    for (int64_t e = 1; e < count && sorted; e++) {
        sorted = triplet_key(&entries[e - 1]) <= triplet_key(&entries[e]);
    }
    return sorted;
}

/* By one digit of their keys. False where it is the same of all, and nothing is done. */
static bool sort_by_digit(const triplet *from, triplet *to, int64_t count, int shift) {
    int64_t place[DIGITS + 1] = {0};
    for (int64_t e = 0; e < count; e++) {
        place[(triplet_key(&from[e]) >> shift) % DIGITS + 1]++;
    }
    if (place[(triplet_key(&from[0]) >> shift) % DIGITS + 1] == count) {
        return false;
    }
    for (int d = 0; d < DIGITS; d++) {
        place[d + 1] += place[d];
    }
    for (int64_t e = 0; e < count; e++) {
        to[place[(triplet_key(&from[e]) >> shift) % DIGITS]++] = from[e];
    }
    return true;
}

triplet *triplets_sort(triplet *entries, triplet *room, int64_t count) {
    triplet *from = entries, *to = room;
    for (int shift = 0; shift < KEY_BITS && !is_sorted(from, count); shift += DIGIT_BITS) {
        if (sort_by_digit(from, to, count, shift)) {
            triplet *sorted = to;
            to = from;
            from = sorted;
        }
    }
    return from;
}

#include "base/crowd.h"

#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SENTENCE = 1024 };

/* How a process came out. */
typedef struct outcome {
    int32_t status;
    int64_t rank, count; /* of it in the crowd of its context */
    char sentence[SENTENCE];
} outcome;

void crowd_before(const nmf_crowd *crowd, double *sums, int64_t count) {
    for (int64_t r = 0; r < crowd->rank; r++) {
        crowd->broadcast(crowd->user, r, sums, count * (int64_t)sizeof *sums);
    }
}

void crowd_after(const nmf_crowd *crowd, double *sums, int64_t count) {
    for (int64_t r = crowd->rank; r < crowd->count; r++) {
        crowd->broadcast(crowd->user, r, sums, count * (int64_t)sizeof *sums);
    }
}

bool crowd_any(const nmf_crowd *crowd, bool yes) {
    double number = yes;
    crowd->largest(crowd->user, &number, 1);
    return number > 0;
}

int64_t crowd_first(const nmf_crowd *crowd, bool yes) {
    double last = yes ? (double)(crowd->count - crowd->rank) : 0;
    crowd->largest(crowd->user, &last, 1);
    return last > 0 ? crowd->count - (int64_t)last : -1;
}

void crowd_sum_counts(const nmf_crowd *crowd, int64_t *counts, int64_t count) {
    enum { AT_ONCE = 1 << 12 };
    double some[AT_ONCE];
    for (int64_t done = 0; done < count; done += AT_ONCE) {
        int64_t next = count - done < AT_ONCE ? count - done : AT_ONCE;
        for (int64_t i = 0; i < next; i++) {
            some[i] = (double)counts[done + i];
        }
        crowd->sum(crowd->user, some, next);
        for (int64_t i = 0; i < next; i++) {
            counts[done + i] = (int64_t)some[i];
        }
    }
}

int64_t crowd_share(const nmf_crowd *crowd, int64_t total, int64_t rank) {
    return rank * (total / crowd->count) + rank * (total % crowd->count) / crowd->count;
}

/* How process `from` came out, which all know after it; a crowd that is the context's is left. */
static outcome hear(nmf_context *context, const nmf_crowd *crowd, int64_t from, nmf_status status) {
    const nmf_crowd *all = context_crowd(context) ? context_crowd(context) : crowd;
    outcome told = {.status = (int32_t)status, .rank = all->rank, .count = all->count};
    const char *sentence = nmf_context_message(context);
    snprintf(told.sentence, SENTENCE, "%s", *sentence ? sentence : "it failed, and does not say how");
    crowd->broadcast(crowd->user, from, &told, sizeof told);
    if (crowd == context_crowd(context)) {
        nmf_context_join(context, NULL);
    }
    return told;
}

nmf_status crowd_follow(nmf_context *context, int64_t from, nmf_status status) {
    outcome told = hear(context, context_crowd(context), from, status);
    return fail(context, (nmf_status)told.status, "%s", told.sentence);
}

/* The process of the lowest rank that failed speaks for all; where the others did not, its rank is said. */
nmf_status crowd_agree(nmf_context *context, const nmf_crowd *crowd, nmf_status status) {
    if (!crowd) {
        return status;
    }
    int64_t from = crowd_first(crowd, status != NMF_OK);
    if (from < 0) {
        return NMF_OK;
    }
    double failed = status != NMF_OK;
    crowd->sum(crowd->user, &failed, 1);
    outcome told = hear(context, crowd, from, status);
    bool named = strncmp(told.sentence, "process ", 8) == 0;
    if (named || failed == (double)crowd->count || told.rank == 0) {
        return fail(context, (nmf_status)told.status, "%s", told.sentence);
    }
    return fail(context, (nmf_status)told.status, "process %lld of %lld: %s", (long long)told.rank + 1,
                (long long)told.count, told.sentence);
}

nmf_status nmf_context_agree(nmf_context *context, nmf_status status) {
    return crowd_agree(context, context_crowd(context), status);
}

nmf_status crowd_together(nmf_context *context, const nmf_crowd *crowd, nmf_status status) {
    bool failed = crowd && crowd_any(crowd, status != NMF_OK);
    return failed && status == NMF_OK ? fail(context, NMF_ERROR_MEMORY, "another process had no memory for it")
                                      : status;
}

void nmf_context_share(nmf_context *context, void *bytes, int64_t count) {
    const nmf_crowd *crowd = context_crowd(context);
    if (crowd) {
        crowd->broadcast(crowd->user, 0, bytes, count);
    }
}

nmf_status nmf_context_same(nmf_context *context, const char *what, const void *bytes, int64_t count) {
    uint64_t own = XXH3_64bits(bytes, (size_t)count), first = own;
    nmf_context_share(context, &first, sizeof first);
    return nmf_context_agree(
        context, own == first ? NMF_OK : fail(context, NMF_ERROR_USAGE, "%s is not as in the first process", what));
}

int64_t nmf_context_processes(const nmf_context *context) {
    const nmf_crowd *crowd = context_crowd(context);
    return crowd ? crowd->count : 1;
}

bool nmf_context_leads(const nmf_context *context) {
    const nmf_crowd *crowd = context_crowd(context);
    return !crowd || crowd->rank == 0;
}

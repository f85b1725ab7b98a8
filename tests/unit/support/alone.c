#include "support/alone.h"

#include <string.h>

/* Its numbers are the sums, and the largest, already. */
static void keep(void *user, double *numbers, int64_t count) {
    (void)user, (void)numbers, (void)count;
}

static void gather(void *user, const void *own, const int64_t *bytes, void *all) {
    (void)user;
    memcpy(all, own, (size_t)bytes[0]);
}

static void sum_shares(void *user, nmf_dtype dtype, const void *all, const int64_t *counts, void *own) {
    (void)user;
    memcpy(own, all, (size_t)counts[0] * (dtype == NMF_F64 ? sizeof(double) : sizeof(float)));
}

/* All is there already. */
static void wait_for(void *user) {
    (void)user;
}

static void broadcast(void *user, int64_t from, void *bytes, int64_t count) {
    (void)user, (void)from, (void)bytes, (void)count;
}

static void exchange(void *user, const void *send, const int64_t *send_bytes, void *receive,
                     const int64_t *receive_bytes) {
    (void)user, (void)receive_bytes;
    memcpy(receive, send, (size_t)send_bytes[0]);
}

static void split(void *user, int64_t group, nmf_crowd *part) {
    (void)user, (void)group;
    *part = crowd_alone();
}

static void leave(nmf_crowd *part) {
    *part = (nmf_crowd){.user = NULL};
}

nmf_crowd crowd_alone(void) {
    return (nmf_crowd){.count = 1,
                       .sum = keep,
                       .largest = keep,
                       .gather = gather,
                       .collect = gather,
                       .sum_shares = sum_shares,
                       .wait = wait_for,
                       .broadcast = broadcast,
                       .exchange = exchange,
                       .split = split,
                       .leave = leave};
}

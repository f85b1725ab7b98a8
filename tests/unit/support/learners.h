/* What learns from batches of columns, for the tests of it. */
#ifndef TESTS_SUPPORT_LEARNERS_H
#define TESTS_SUPPORT_LEARNERS_H

#include "support/expect.h"
#include "support/problems.h"

enum { ROWS = 17, COLS = 13, RANK = 3, MEASURES = 7 };

typedef struct measure {
    const char *name;
    double parameter;
    double density; /* of A */
} measure;

extern const measure measures[MEASURES];

/* Options for a loss, on one thread. */
nmf_options learner_options(const measure *by);

/* A state, and the H of a batch, all from seeds. */
typedef struct learner {
    problem w, h, pull, push;
    nmf_online state;
} learner;

learner learner_new(int64_t rows, int64_t cols, uint64_t seed);
learner learner_copy(const learner *l);
void learner_free(learner *l);

void learner_expect_same(const learner *got, const learner *expected);

#endif

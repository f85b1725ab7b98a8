#include "support/learners.h"

#include <string.h>

const measure measures[MEASURES] = {{"frobenius", 0, 0.6}, {"kl", 0, 0.6},    {"is", 0, 1},      {"beta", 0.5, 0.6},
                                    {"beta", 1.5, 0.6},    {"beta", -0.5, 1}, {"beta", 2.5, 0.6}};

nmf_options learner_options(const measure *by) {
    nmf_options options;
    nmf_options_init(&options);
    options.loss = by->name;
    options.loss_parameter = by->parameter;
    options.threads = 1;
    return options;
}

learner learner_new(int64_t rows, int64_t cols, uint64_t seed) {
    learner l = {.w = problem_random(rows, RANK, 1, seed),
                 .h = problem_random(RANK, cols, 1, seed + 1),
                 .pull = problem_random(rows, RANK, 1, seed + 2),
                 .push = problem_random(rows, RANK, 1, seed + 3)};
    l.state = (nmf_online){rows, RANK, l.w.values, l.pull.values, l.push.values};
    nmf_online_start(&l.state);
    return l;
}

learner learner_copy(const learner *l) {
    learner copy = learner_new(l->w.rows, l->h.cols, 0);
    memcpy(copy.w.values, l->w.values, (size_t)(l->w.rows * RANK) * sizeof(double));
    memcpy(copy.h.values, l->h.values, (size_t)(l->h.cols * RANK) * sizeof(double));
    memcpy(copy.pull.values, l->pull.values, (size_t)(l->w.rows * RANK) * sizeof(double));
    memcpy(copy.push.values, l->push.values, (size_t)(l->w.rows * RANK) * sizeof(double));
    return copy;
}

void learner_free(learner *l) {
    problem_free(&l->w);
    problem_free(&l->h);
    problem_free(&l->pull);
    problem_free(&l->push);
}

void learner_expect_same(const learner *got, const learner *expected) {
    size_t of_w = (size_t)(expected->w.rows * RANK) * sizeof(double);
    assert_memory_equal(got->w.values, expected->w.values, of_w);
    assert_memory_equal(got->pull.values, expected->pull.values, of_w);
    assert_memory_equal(got->push.values, expected->push.values, of_w);
    assert_memory_equal(got->h.values, expected->h.values, (size_t)(expected->h.cols * RANK) * sizeof(double));
}

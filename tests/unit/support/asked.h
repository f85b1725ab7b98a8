/* Fits by lines of A, of every kind: each with what it needs beside A. */
#ifndef SUPPORT_ASKED_H
#define SUPPORT_ASKED_H

#include "support/problems.h"

/* What a fit may be asked for; `asked_name` says it in a word. */
enum { ASKED = 14 };

/* A symmetric A of n rows, and matrices that go with it, made in the context. */
typedef struct asked {
    int64_t n, k;
    problem a, with[5]; /* with: mask, weights, graph, W, H */
    nmf_matrix *matrix, *mask, *weights, *graph, *w, *h;
} asked;

void asked_new(nmf_context *context, int64_t n, int64_t k, shape as, asked *out);
void asked_free(asked *all);

const char *asked_name(int what);

/* Set what number `what` asks for, beside rank, loss and solver. */
void asked_set(const asked *all, int what, nmf_options *options);

#endif

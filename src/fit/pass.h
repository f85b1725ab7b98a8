/*
 * A pass over A for the fits of a team: products of panels of rows and of their columns. Of a matrix that is spread it
 * goes over the block that is here, and meets the other processes before and after.
 */
#ifndef NMF_FIT_PASS_H
#define NMF_FIT_PASS_H

#include "fit/panels.h"

typedef struct pass {
    const team *all;
    const fit *of; /* the first of the team */
    const nmf_matrix *matrix;
    int threads;
    stack stack;
    bool apart;    /* P is made and added up before the first item of W */
    items whole_p; /* then that of one's own items */
} pass;

pass pass_of(const team *all);

/* The same of one fit, with these items in the place of its w_hat, h_hat and n. */
pass pass_with(const fit *f, const items *w, const items *h, const items *n);

/* Side by side what several fits have of w_hat, or of h_hat; and every fit's n from that of the stack. */
void pass_fill(const pass *p, side which);
void pass_empty(const pass *p);

/* One's own items, or where others own some of a side of the block, all that it meets, after pass_wait. */
items pass_met(const fit *f, bool columns, const items *own);

/*
 * The pass with what its products meet: H of the block's columns, and n of those, which pass_add_up brings to their
 * owners. Where others own some of the block's rows all of P is made and added up here; in order, where the products
 * of the columns are to be made row by row, that of one's own.
 */
pass pass_meet(const pass *p);
void pass_add_up(const pass *near, const pass *p);

/* What comes from other processes is begun by pass_meet, pass_add_up and pass_accumulate; and is there after this. */
void pass_wait(const pass *p);

/* The products of a block of W's items, in `room` or where they are. */
items pass_products(const pass *p, const block *at, int64_t b, items *room);

/* n += the share of a panel of the block in the products of the columns; called by every thread, which does not wait
 * for the others. */
void pass_accumulate_panel(const pass *p, const block *at, int64_t first, int64_t rows);

/* n = the products of one's own columns with w. */
void pass_accumulate(const pass *p);

#endif

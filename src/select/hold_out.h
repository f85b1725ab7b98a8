/* Cross-validation over a speckled mask: entries that a fit does not see, and how well it foretells them. */
#ifndef NMF_SELECT_HOLD_OUT_H
#define NMF_SELECT_HOLD_OUT_H

#include "fit/fit.h"

/* An entry that is held out: what the fit would have seen there, and what that weighs. */
typedef struct held_entry {
    uint32_t row, col;
    double value, weight;
} held_entry;

typedef struct hold_out {
    nmf_context *context;
    held_entry *entries;
    int64_t count, room;
    double *most[SIDES]; /* the largest entry that the fit sees, of every row and every column */
    nmf_matrix *mask;    /* what is hidden from the fit: these entries, and what the plan's own mask hides */
} hold_out;

/*
 * Draw a share of the entries of A that count, at most MOST_HELD of them: the standard error of what they say is then
 * below a hundredth of it. Of a tiny matrix that may be none. Where W = Hᵀ entry (j, i) goes with entry (i, j).
 */
nmf_status hold_out_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, double share, uint64_t seed,
                        hold_out *out);
void hold_out_free(hold_out *own);

/*
 * The loss of the entries held out, relative to that of what errors are relative to. Where little that is seen says
 * what an entry of W or H is, WH can be anything: no entry is foretold to be above all that its row and its column
 * show.
 */
nmf_status hold_out_error(const hold_out *own, const fit *f, double *relative);

#endif

/* How much of a matrix a fit explains. */
#ifndef NMF_SELECT_EXPLAINED_H
#define NMF_SELECT_EXPLAINED_H

#include "fit/fit.h"

/* 1 − Σ ω·(a − wh)²/Σ ω·a² over the entries that count for the plan, of W and H as a fit has them. */
nmf_status explained_by(const nmf_matrix *matrix, const plan *plan, const fit *f, double *explained);

#endif

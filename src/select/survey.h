/* What a survey and a consensus have in common: starts fitted to their ends, and what is measured of them. */
#ifndef NMF_SELECT_SURVEY_H
#define NMF_SELECT_SURVEY_H

#include "select/gather.h"
#include "select/spectra.h"
#include "select/together.h"

/*
 * The plan of starts that are to be compared: all of them are kept, components stay as they began. NMF_ERROR_USAGE
 * where there would be nothing to compare.
 */
nmf_status survey_plan(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, int64_t restarts,
                       plan *out);

/* How many columns may be looked at for co-membership. */
nmf_status survey_check_samples(nmf_context *context, int64_t samples);

/* Fit all starts; what is gathered, and the best of them. */
nmf_status survey_starts(nmf_context *context, const nmf_matrix *matrix, const plan *plan, gathered *all,
                         nmf_result **best);

/* Fill in the row but for what is held out. Cosines become distances; co-membership has its tree. */
nmf_status survey_measure(const nmf_matrix *matrix, const plan *plan, const gathered *all, const nmf_result *best,
                          cosines *cosines, together *together, nmf_rank_row *row);

#endif

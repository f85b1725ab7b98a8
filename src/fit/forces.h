/*
 * What pulls an item up and what pushes it down: the two parts of the slope of what is lowered, both 0 or above, of
 * whose ratio multiplicative updates are made (Févotte & Idier 2011).
 */
#ifndef NMF_FIT_FORCES_H
#define NMF_FIT_FORCES_H

#include "fit/item.h"

/*
 * Of every number of an item x, whose line is listed and whose dots are in room->b (k doubles each); penalties are
 * among what pushes.
 */
void item_forces(const item_model *model, item_room *room, int64_t item, const items *x, double *above, double *below);

/* X ← X∘(pull ⊘ push)^power, of an item whose line is listed. */
void item_multiply(const item_model *model, item_room *room, int64_t item, items *x);

/* The least part of a sum that rounding leaves of it, where a loss lets go of numbers that are less; else 0. */
double forces_negligible(const fit *f);

#endif

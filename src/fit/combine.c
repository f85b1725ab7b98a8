/*
 * Which options go together. Every rule is a row: where both of its conditions hold, its sentence says why they make no
 * sense together and what to do. docs/combinations.md is the same as a table.
 */
#include "fit/plan.h"

#include <math.h>

typedef bool (*condition)(const plan *plan);

static bool uses_als(const plan *p) {
    return p->update == &update_als;
}

static bool uses_bpp(const plan *p) {
    return p->update == &update_bpp;
}

static bool uses_mu(const plan *p) {
    return p->update == &update_mu;
}

static bool learns(const plan *p) {
    return p->update->by_batches;
}

static bool keeps_zeros(const plan *p) {
    return p->update->keeps_zeros;
}

static bool other_loss(const plan *p) {
    return p->loss != &loss_frobenius;
}

/* Of these mu has steps that do not come from a quadratic bound. */
static bool divergence(const plan *p) {
    return p->loss->positive;
}

static bool observes(const plan *p) {
    return p->mask || p->weights || p->stored || p->implicit > 0;
}

static bool hides(const plan *p) {
    return p->mask != NULL;
}

static bool weighted(const plan *p) {
    return p->weights != NULL;
}

static bool implicit(const plan *p) {
    return p->implicit > 0;
}

static bool either(const plan *p, bool (*of)(const side_plan *side)) {
    return of(&p->side[SIDE_W]) || of(&p->side[SIDE_H]);
}

static bool side_sums(const side_plan *s) {
    return s->l1 > 0;
}

static bool side_squares(const side_plan *s) {
    return s->l2 > 0;
}

static bool side_overlaps(const side_plan *s) {
    return s->ortho > 0;
}

static bool side_scales(const side_plan *s) {
    return s->alpha > 0;
}

static bool side_held(const side_plan *s) {
    return s->fixed != NULL;
}

static bool side_bound(const side_plan *s) {
    return isfinite(s->most);
}

static bool graph(const plan *p) {
    return p->graph != NULL;
}

static bool squares(const plan *p) {
    return either(p, side_squares) || (either(p, side_scales) && p->l1_ratio < 1);
}

static bool sums_w(const plan *p) {
    return side_sums(&p->side[SIDE_W]) || (side_scales(&p->side[SIDE_W]) && p->l1_ratio > 0);
}

static bool sums_h(const plan *p) {
    return side_sums(&p->side[SIDE_H]) || (side_scales(&p->side[SIDE_H]) && p->l1_ratio > 0);
}

static bool overlaps(const plan *p) {
    return either(p, side_overlaps);
}

static bool overlap_w(const plan *p) {
    return side_overlaps(&p->side[SIDE_W]);
}

static bool penalized(const plan *p) {
    return plan_is_penalized(p) && !p->symmetric;
}

static bool held(const plan *p) {
    return either(p, side_held);
}

static bool held_w(const plan *p) {
    return side_held(&p->side[SIDE_W]);
}

static bool held_h(const plan *p) {
    return side_held(&p->side[SIDE_H]);
}

static bool all_held(const plan *p) {
    return p->side[SIDE_W].held >= p->k && p->side[SIDE_H].held >= p->k;
}

static bool too_many_held(const plan *p) {
    return p->side[SIDE_W].held > p->k || p->side[SIDE_H].held > p->k;
}

static bool bound(const plan *p) {
    return either(p, side_bound);
}

static bool bound_w(const plan *p) {
    return side_bound(&p->side[SIDE_W]);
}

static bool bound_h(const plan *p) {
    return side_bound(&p->side[SIDE_H]);
}

static bool simplex(const plan *p) {
    return p->side[SIDE_H].simplex;
}

/* mu's steps for divergences are exact for sums of the factors, not for squares of them. */
static bool mu_divergence(const plan *p) {
    return uses_mu(p) && divergence(p);
}

static bool ties_entries(const plan *p) {
    return overlaps(p) || graph(p);
}

static bool keeps_checkpoints(const plan *p) {
    return p->checkpoint != NULL;
}

static bool free_w(const plan *p) {
    return p->side[SIDE_W].free;
}

static bool symmetric(const plan *p) {
    return p->symmetric;
}

static bool uneven(const plan *p) {
    const side_plan *w = &p->side[SIDE_W], *h = &p->side[SIDE_H];
    return w->alpha != h->alpha || w->l1 != h->l1 || w->l2 != h->l2 || w->ortho != h->ortho || w->most != h->most;
}

static bool starts(const plan *p) {
    return p->start_w || p->start_h;
}

static bool starts_half(const plan *p) {
    return !p->start_w != !p->start_h;
}

static bool starts_other(const plan *p) {
    return (p->start_w && p->start_w->info.cols != p->k) || (p->start_h && p->start_h->info.rows != p->k);
}

static bool several(const plan *p) {
    return p->restarts > 1;
}

static bool settled(const plan *p) {
    return p->init_named && p->init->settled;
}

static bool keeps_one(const plan *p) {
    return p->keep_all && p->restarts == 1;
}

static bool names_init(const plan *p) {
    return p->init_named;
}

static bool samples(const plan *p) {
    return p->init->on_sample != NULL;
}

/* What a sample of A cannot be fitted with. */
static bool more_than_plain(const plan *p) {
    return observes(p) || other_loss(p) || penalized(p) || held(p) || bound(p) || simplex(p) || free_w(p) ||
           symmetric(p);
}

static bool looks_at_a(const plan *p) {
    return p->init_named && p->init->looks_at_a;
}

static bool units(const plan *p) {
    return p->unit != UNIT_NONE;
}

static bool unit_sum(const plan *p) {
    return p->unit == UNIT_SUM;
}

static bool always(const plan *p) {
    (void)p;
    return true;
}

static bool bad_huber(const plan *p) {
    return p->loss == &loss_huber && !(p->loss_parameter > 0 && isfinite(p->loss_parameter));
}

static bool bad_beta(const plan *p) {
    return p->loss == &loss_beta && !isfinite(p->loss_parameter);
}

static bool by_kkt(const plan *p) {
    return p->stop == STOP_KKT;
}

static bool batch_alone(const plan *p) {
    return p->batch_size > 0 && !p->update->by_batches;
}

static bool ratio_alone(const plan *p) {
    return p->l1_ratio > 0 && !either(p, side_scales);
}

static bool weight_alone(const plan *p) {
    return p->graph_weight != 1 && !p->graph;
}

typedef struct rule {
    condition one, other;
    const char *sentence;
} rule;

static const rule rules[] = {
    {bad_huber, always, "loss huber needs the residual from which on outliers count less, above 0: huber:1.5"},
    {bad_beta, always, "loss beta needs its B, a finite number: beta:0.5"},
    {too_many_held, always, "more components are fixed than the rank has; a higher rank adds new ones beside them"},
    {all_held, always, "all of W and all of H are fixed: nothing is left to be found"},
    {ratio_alone, always, "l1-ratio divides alpha-w and alpha-h, and neither is given"},
    {batch_alone, always, "batch is for solver online, which learns from one at a time"},
    {weight_alone, always, "graph-weight weighs graph-h, which is not given"},
    {starts_half, always, "a start needs both W and H"},
    {starts_other, always,
     "the start has another rank than the one asked for; leave the rank out, or give that of the start"},
    {starts, names_init, "the start is given, so that init has nothing to do; leave one of them out"},

    {several, starts, "the start is given, so that all of several would be the same; leave restarts out"},
    {several, settled, "this init is the same from any seed, and so would all restarts be; use init random"},
    {several, keeps_checkpoints, "a checkpoint keeps one fit, not several starts; leave restarts out"},
    {keeps_one, always, "keep-all is about several starts, and there is one; give restarts"},

    {uses_als, other_loss, "solver als is the classic for loss frobenius alone; solver hals takes every loss"},
    {uses_als, observes, "solver als is the classic, for which every entry counts the same; solver hals takes weights"},
    {uses_als, penalized, "solver als is the classic, which lowers no penalties; solver hals does"},
    {uses_als, held, "solver als is the classic, which holds nothing fixed; solver hals does"},
    {uses_als, bound, "solver als is the classic, without upper bounds; solver hals takes them"},
    {uses_als, simplex, "solver als is the classic, without a simplex; solver hals takes it"},
    {uses_als, free_w, "solver als sets negatives to 0, which free w keeps; solver hals takes it"},
    {uses_als, symmetric, "solver als is the classic, whose W and H are two; solver hals makes them one"},
    {uses_bpp, bound, "solver bpp solves without upper bounds; solver hals takes them"},
    {uses_bpp, overlaps, "solver bpp needs a convex problem, which ortho makes none; solver hals takes it"},
    {uses_mu, simplex, "solver mu cannot hold sums at 1; solver hals can"},
    {uses_mu, free_w, "solver mu multiplies, and never changes a sign; with free w use solver hals"},
    {mu_divergence, ties_entries,
     "solver mu lowers this loss with no penalties but on sums (l1) and squares (l2); solver hals takes all"},
    {learns, overlaps, "solver online takes no ortho; solver hals does"},
    {learns, graph,
     "solver online sees a batch of columns at a time, and no graph between all of them; solver hals does"},
    {learns, held, "solver online learns all of a factor; solver hals holds what is fixed"},
    {learns, bound, "solver online takes no upper bounds; solver hals does"},
    {learns, simplex, "solver online takes no simplex; solver hals does"},
    {learns, free_w, "solver online takes no free w; solver hals does"},
    {learns, symmetric, "solver online learns one factor and solves for the other; solver hals makes them one"},
    {learns, by_kkt, "solver online takes few passes, with a residual at the end alone; stop by change or error"},
    {learns, keeps_checkpoints, "solver online keeps no checkpoint; leave checkpoints out"},

    {keeps_zeros, samples, "solver mu never leaves the zeros that init sample starts from; use init random"},

    {free_w, divergence,
     "this loss is defined for numbers of 0 and above only; with free w use frobenius, huber or mae"},
    {free_w, sums_w,
     "a sum of W that may be negative has no minimum; with free w use l2-w, or alpha-w with l1-ratio 0"},
    {free_w, overlap_w, "ortho-w needs a W of 0 and above, not a free one"},
    {free_w, bound_w, "free w has no bounds; leave max-w out"},
    {free_w, held_w, "with free w nothing of W can be held; leave fix-w out"},
    {free_w, symmetric, "W and H are the same with symmetric, so that W cannot be free"},
    {free_w, implicit, "implicit takes entries of 0 and above, and free w is for others"},
    {free_w, unit_sum, "columns of both signs have no unit sum; use unit norm"},

    {simplex, sums_h,
     "the columns of H sum to 1, so that a penalty on their sums is the same for all; leave l1 of H out"},
    {simplex, bound_h, "the columns of H sum to 1, none of whose numbers is above that; leave max-h out"},
    {simplex, held_h, "what is fixed of H need not leave room for columns that sum to 1; leave fix-h or simplex out"},
    {simplex, symmetric, "W and H are the same with symmetric, so that the columns of H cannot sum to 1"},
    {simplex, units, "unit would undo the sums of simplex; leave one of them out"},

    {symmetric, other_loss, "symmetric takes loss frobenius"},
    {symmetric, graph, "symmetric factorizes a graph by itself; leave graph-h out"},
    {symmetric, held, "symmetric finds all of W and H together; leave what is fixed out"},
    {symmetric, uneven, "W and H are the same with symmetric: give both the same penalties and bounds"},
    {symmetric, units, "unit would tell W from H, which are the same with symmetric"},
    {symmetric, starts, "symmetric begins from init; leave the start out"},

    {implicit, weighted, "implicit makes the weights by itself; leave weights out"},
    {held, units, "unit would scale what is fixed; leave one of them out"},
    {samples, more_than_plain, "init sample fits plain least squares to a part of A; use init random or nndsvd"},
    {hides, looks_at_a, "this init looks at every entry, the hidden ones too; use init random"},
};

/* What W and H alone do not say of the columns they were fitted to. */
static const rule rules_of_update[] = {
    {other_loss, always, "an update goes on with a fit of loss frobenius, whose W and H say what the old columns ask"},
    {observes, always, "an update lets every entry count the same: leave masks, weights and what is observed out"},
    {penalized, always, "an update takes no penalties: they would count for the new columns alone"},
    {held, always, "an update changes all of W; nmf_transform holds it"},
    {bound, always, "an update takes no upper bounds"},
    {simplex, always, "an update takes no simplex"},
    {free_w, always, "an update goes on with W and H of 0 and above; leave free out"},
    {symmetric, always, "a symmetric matrix gets rows with its columns, which an update does not take"},
    {starts, always, "an update begins from the W and H that it goes on with; leave the start out"},
    {names_init, always, "an update begins from the W and H that it goes on with; leave init out"},
    {several, always, "an update has one start; leave restarts out"},
    {units, always, "an update leaves the lengths of the components as they are; leave unit out"},
    {keeps_checkpoints, always, "an update is short, and keeps no checkpoint"},
    {learns, always, "an update learns from its columns at once; use hals, bpp or mu"},
    {uses_als, always, "solver als need not lower the error of an update; use hals, bpp or mu"},
};

static nmf_status refuse(nmf_context *context, const plan *plan, const rule *all, size_t count) {
    for (size_t r = 0; r < count; r++) {
        if (all[r].one(plan) && all[r].other(plan)) {
            return fail(context, NMF_ERROR_USAGE, "%s", all[r].sentence);
        }
    }
    return NMF_OK;
}

nmf_status plan_combine(nmf_context *context, const plan *plan) {
    return refuse(context, plan, rules, sizeof rules / sizeof *rules);
}

nmf_status plan_check_update(nmf_context *context, const plan *plan) {
    return refuse(context, plan, rules_of_update, sizeof rules_of_update / sizeof *rules_of_update);
}

bool plan_is_penalized(const plan *p) {
    return sums_w(p) || sums_h(p) || squares(p) || overlaps(p) || p->graph || p->symmetric || p->memory;
}

/* All starts of a request: where each has come to, the fits that work for them in turn, and what is kept. */
#ifndef NMF_SELECT_FIELD_H
#define NMF_SELECT_FIELD_H

#include "select/starts.h"

/*
 * Successive halving (Jamieson & Talwalkar 2016): the worse half goes after FIELD_FIRST iterations, and again each time
 * half as many more have been made: 5, 8, 12, 18, 27, …. docs/performance.md says what that saves and loses.
 */
enum { FIELD_FIRST = 5 };

/*
 * A start: where its fit has come to, and, in the store, the factors while they are of interest and in no fit. Of a
 * start that another process fits only the rest is known: of which `there` says that it has begun.
 */
typedef struct start {
    course course;
    nmf_summary summary;
    items w, h;
    double measure; /* what is to be low */
    bool there, done, dropped;
} start;

/* A start that may be dropped, and what is to be low. */
typedef struct ranked {
    int64_t start;
    double measure;
} ranked;

/* What processes tell each other of a start. */
enum { FIELD_SHARED = 7 };

/* A few fits work for them in turn, since a fit takes several times the memory of W and H. */
typedef struct field {
    const starts_request *request;
    const nmf_crowd *peers; /* among whom they are shared out; NULL: all are fitted here */
    int64_t count;
    start *starts;
    int64_t *racing; /* those of one's own that go on */
    ranked *ranks;
    nmf_result **workers; /* as many as are of use as a team */
    int64_t team_size;
    fit **fits; /* theirs */
    fit **team; /* those at work, which become fewer */
    struct stack *stack;
    char *store; /* W and H of every start, or where none is dropped of the best: one array, which large pages suit */
    nmf_start *told; /* for the summary; NULL where there is but one */
    double *shared;  /* FIELD_SHARED numbers of every start, for a while */
    int64_t best;    /* of those that were fitted, where none is dropped; < 0: none yet */
    bool stopped;    /* the observer asked to stop */
    bool late;       /* time is up */
} field;

/* Are the worse ones dropped on the way? */
static inline bool plan_drops(const plan *plan) {
    return plan->restarts > 1 && !plan->keep_all && plan->update->monotone;
}

/* Room for them all; free with field_free whatever comes back. */
nmf_status field_new(const starts_request *request, field *all);
void field_free(field *all);

/* A fit takes a start up where it was left, or lets it begin. */
nmf_status field_take_up(const field *all, int64_t t, fit *f);

/* A start leaves its fit, and what became of it is noted: with its factors, where they are still of interest. */
nmf_status field_leave(field *all, int64_t t, fit *f);

/* Nothing of it is of interest any more. */
void field_forget(const field *all, int64_t t);

/* The best: the first one of several. Its factors are kept, by the process that fitted it. */
int64_t field_best(const field *all);

/* How the processes among whom starts are shared out came out; each comes here, and to whatever all of them do. */
nmf_status field_agree(const field *all, nmf_status status);

/*
 * The same between two rounds, after which all know of each other's starts. An interrupt of one is one of all, but only
 * after that.
 */
nmf_status field_meet(field *all, nmf_status status);

#endif

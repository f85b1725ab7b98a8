/* A matrix that stays in its file as a table: its rows alone, in their order, a block in memory at a time. */
#ifndef NMF_IO_WALK_H
#define NMF_IO_WALK_H

#include "io/table.h"

typedef struct walk {
    const nmf_matrix *matrix;
    block at;
} walk;

/* The table of walk->matrix, all of whose rows are asked for, once each and in order. Both must outlive it. */
table table_of_walk(walk *way);

#endif

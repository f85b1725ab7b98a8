/* The ranks that a survey is to look at: "2:12", "5,10,15", "2:20:3" and mixtures of these. */
#ifndef CLI_RANKS_H
#define CLI_RANKS_H

#include "nmf/nmf.h"

enum { RANKS_MOST = 1000 };

typedef struct rank_list {
    int64_t count, ranks[RANKS_MOST]; /* ascending, each once */
} rank_list;

/* Complains. */
nmf_status ranks_parse(const char *text, rank_list *list);

#endif

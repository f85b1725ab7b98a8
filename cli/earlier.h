/* A fit in a folder, read back so that it can go on when columns come. */
#ifndef CLI_EARLIER_H
#define CLI_EARLIER_H

#include "components.h"

#include <jansson.h>

typedef struct earlier_fit {
    component_set factors;
    nmf_matrix *h;      /* H times what fit.json has as d, without names */
    json_t *report;     /* fit.json */
    double error, norm; /* ‖A − WH‖ and ‖A‖ of the columns it has */
    int64_t updates;    /* how often it has gone on already */
} earlier_fit;

/* Complains where there is no such fit, or one that W and H do not say enough of. */
nmf_status earlier_read(nmf_context *context, const char *path, earlier_fit *fit);
void earlier_free(earlier_fit *fit);

/* Refuse new columns whose rows are others, or which have names where the old ones have none. Complains. */
nmf_status earlier_check(const earlier_fit *fit, const char *path, const char *file, const nmf_matrix *matrix);

/* A whole number of fit.json, 0 where there is none. */
int64_t earlier_count(const json_t *object, const char *key);

#endif

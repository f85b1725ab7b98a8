/* The result of a fit, ready to be multiplied: W, H times what fit.json says, and how rows and columns are called. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "components.h"
#include "lookup.h"

typedef struct model {
    component_set components;
    nmf_matrix *h; /* without names: those are the lookups' */
    lookup rows, cols;
} model;

/* Read the folder of a fit. Complains. */
nmf_status model_read(nmf_context *context, const char *path, model *from);

/* Free what was read, of a half-read one too. */
void model_free(model *from);

#endif

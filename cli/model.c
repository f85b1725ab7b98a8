#include "model.h"

nmf_status model_read(nmf_context *context, const char *path, model *from) {
    *from = (model){.h = NULL};
    nmf_status status = components_read(context, path, true, &from->components);
    if (status == NMF_OK) {
        status = components_weighted_h(context, &from->components, &from->h);
    }
    if (status == NMF_OK) {
        from->rows = lookup_new(from->components.w, false);
        from->cols = lookup_new(from->components.h, true);
    }
    return status;
}

void model_free(model *from) {
    lookup_free(&from->rows);
    lookup_free(&from->cols);
    nmf_matrix_free(from->h);
    components_free(&from->components);
}

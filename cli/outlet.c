#include "outlet.h"

#include "folder.h"
#include "say.h"

#include <stdlib.h>
#include <string.h>

nmf_status outlet_spare(const char *path, const char *folder, const char *const *inputs, int count) {
    static const char *const factors[] = {"W", "H", NULL};
    for (int i = 0; i < count && path; i++) {
        if (inputs[i] && folder_same(path, inputs[i])) {
            return complain(NMF_ERROR_USAGE,
                            "%s is read, and the result would take its place: name another place with -o", path);
        }
    }
    return folder_spare(folder, factors, &path, 1);
}

void outlet_open(outlet *out, const char *path) {
    *out = (outlet){.to = stdout};
    if (path && strcmp(path, "-") != 0) {
        out->path = path;
        out->to = open_memstream(&out->text, &out->bytes);
        if (!out->to) {
            exit(complain(NMF_ERROR_MEMORY, "memory for what goes to %s could not be had", path));
        }
    }
}

nmf_status outlet_close(nmf_context *context, outlet *out, nmf_status status) {
    if (!out->path) {
        return status;
    }
    bool failed = ferror(out->to) != 0;
    failed = fclose(out->to) != 0 || failed;
    if (status == NMF_OK && failed) {
        status = complain(NMF_ERROR_MEMORY, "memory for what goes to %s could not be had", out->path);
    }
    if (status == NMF_OK) {
        status = nmf_text_write(context, out->path, out->text, out->bytes);
        status = status == NMF_OK ? NMF_OK : complain_context(status, context);
    }
    free(out->text);
    return status;
}

void outlet_number(outlet *out, double value) {
    char text[32];
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value) {
        snprintf(text, sizeof text, "%.17g", value);
    }
    fputs(text, out->to);
}

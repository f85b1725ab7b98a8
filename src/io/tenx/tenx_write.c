#include "io/mtx/mtx.h"
#include "io/tenx/tenx.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name of a line, its tabs and line breaks as blanks; or else its number. */
static nmf_status write_name(sink *out, const table *t, bool column, int64_t i) {
    if (!(column ? t->col_names : t->row_names)) {
        return sink_printf(out, "%s_%lld", column ? "barcode" : "feature", (long long)i + 1);
    }
    nmf_status status = NMF_OK;
    for (const char *name = t->name(t, column, i); *name && status == NMF_OK;) {
        size_t length = strcspn(name, "\t\r\n");
        status = sink_write(out, name, length);
        name += length;
        if (*name && status == NMF_OK) {
            status = sink_write(out, " ", 1);
            name++;
        }
    }
    return status;
}

static nmf_status write_features(sink *out, const table *t) {
    static const char type[] = "\tGene Expression\n";
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < t->rows && status == NMF_OK; i++) {
        status = write_name(out, t, false, i);
        status = status == NMF_OK ? sink_write(out, "\t", 1) : status;
        status = status == NMF_OK ? write_name(out, t, false, i) : status;
        status = status == NMF_OK ? sink_write(out, type, sizeof type - 1) : status;
    }
    return status;
}

static nmf_status write_barcodes(sink *out, const table *t) {
    nmf_status status = NMF_OK;
    for (int64_t j = 0; j < t->cols && status == NMF_OK; j++) {
        status = write_name(out, t, true, j);
        status = status == NMF_OK ? sink_write(out, "\n", 1) : status;
    }
    return status;
}

static nmf_status write_file(nmf_context *context, const char *folder, const char *name,
                             nmf_status (*write)(sink *out, const table *t), const table *t) {
    char path[PATH_MAX];
    bool slash = folder[strlen(folder) - 1] == '/';
    if (snprintf(path, sizeof path, "%s%s%s", folder, slash ? "" : "/", name) >= PATH_MAX) {
        return fail(context, NMF_ERROR_OUTPUT, "%s could not be made: %s", folder, strerror(ENAMETOOLONG));
    }
    return format_write_file(context, path, write, t);
}

/* The matrix comes first: where its writing is stopped, there are no names of nothing. R reads coordinates alone. */
static nmf_status write_files(nmf_context *context, const char *path, const table *t) {
    nmf_status status = write_file(context, path, "matrix.mtx.gz", mtx_write_coordinates, t);
    if (status == NMF_OK) {
        status = write_file(context, path, "features.tsv.gz", write_features, t);
    }
    return status == NMF_OK ? write_file(context, path, "barcodes.tsv.gz", write_barcodes, t) : status;
}

nmf_status tenx_write(nmf_context *context, const char *path, const table *t) {
    bool made = mkdir(path, 0777) == 0;
    if (!made && errno != EEXIST) {
        return fail(context, NMF_ERROR_OUTPUT, "the folder %s could not be made: %s", path, strerror(errno));
    }
    nmf_status status = write_files(context, path, t);
    if (status != NMF_OK && made) {
        (void)rmdir(path); /* which only an empty one obeys */
    }
    return status;
}

#include "support/blocks.h"
#include "support/expect.h"

#include "io/nmfx/nmfx.h"

static nmf_status write_small(sink *out, const table *t) {
    return nmfx_write_blocks(out, t, 1);
}

const char *blocks_write(const folder *in, const char *name, const nmf_matrix *matrix) {
    const char *path = folder_path(in, name);
    table t = table_of_matrix(matrix);
    assert_int_equal(format_write_file(in->context, path, write_small, &t), NMF_OK);
    return path;
}

nmf_matrix *blocks_open(nmf_context *context, const char *path, nmf_dtype dtype, nmf_status status) {
    nmf_read_options how = {.dtype = dtype, .in_file = true};
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_read(context, path, &how, &matrix), status);
    assert_true((matrix != NULL) == (status == NMF_OK));
    return matrix;
}

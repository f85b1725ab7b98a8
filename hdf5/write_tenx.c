/* The layout of Cell Ranger 3 and later. Counts are whole numbers there; what is not whole stays what it is. */
#include "write.h"

static void put_all(hid_t at, const char *name, const char *value, int64_t count) {
    text_list all = {.count = 0};
    for (int64_t i = 0; i < count; i++) {
        text_add(&all, value, PATH_ROOM);
    }
    put_names(at, name, &all, count, true);
    text_free(&all);
}

static void put_features(hid_t matrix, const incoming *in) {
    static const char tag[] = "genome";
    text_list tags = {.count = 0};
    hid_t features = put_group(matrix, "features");
    put_names(features, "id", &in->row_names, in->shape.rows, true);
    put_names(features, "name", &in->row_names, in->shape.rows, true);
    put_all(features, "feature_type", "Gene Expression", in->shape.rows);
    put_all(features, tag, "", in->shape.rows);
    text_add(&tags, tag, sizeof tag);
    put_names(features, "_all_tag_keys", &tags, 1, true);
    text_free(&tags);
    H5Gclose(features);
}

static void put_shape(hid_t matrix, const wire_shape *shape) {
    const int64_t dims[2] = {shape->rows, shape->cols};
    bool small = shape->rows <= INT32_MAX && shape->cols <= INT32_MAX;
    filling f = fill_new(matrix, "shape", small ? H5T_STD_I32LE : H5T_STD_I64LE, H5T_NATIVE_INT64, 2, 0);
    fill_rows(&f, dims, 2);
    fill_end(&f);
}

void tenx_write(hid_t file) {
    incoming in;
    receive_table(&in);
    hid_t matrix = put_group(file, "matrix");
    put_text(file, "filetype", "matrix");
    put_features(matrix, &in);
    put_names(matrix, "barcodes", &in.col_names, in.shape.cols, true);
    put_shape(matrix, &in.shape);
    bool whole = in.shape.flags & WIRE_WHOLE, single = in.shape.flags & WIRE_SINGLE;
    hid_t value = whole ? H5T_STD_I32LE : single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
    arrays_write(matrix, &in, (arrays_type){value, H5T_STD_I64LE, H5T_STD_I64LE});
    H5Gclose(matrix);
    receive_free(&in);
}

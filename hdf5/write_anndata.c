/* AnnData as version 0.8 and later encode it. */
#include "write.h"

/* obs or var: a table without columns, whose rows have names. */
static void put_frame(hid_t file, const char *name, const text_list *names, int64_t count) {
    hid_t group = put_group(file, name), none = H5Screate_simple(1, (hsize_t[]){0}, NULL);
    put_encoding(group, "dataframe", "0.2.0");
    put_text(group, "_index", "_index");
    H5Aclose(H5Acreate2(group, "column-order", H5T_IEEE_F64LE, none, H5P_DEFAULT, H5P_DEFAULT));
    put_names(group, "_index", names, count, false);
    H5Sclose(none);
    H5Gclose(group);
}

static void put_empty_groups(hid_t file) {
    static const char *const names[] = {"layers", "obsm", "obsp", "uns", "varm", "varp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hid_t group = put_group(file, names[i]);
        put_encoding(group, "dict", "0.1.0");
        H5Gclose(group);
    }
}

/* Our columns are its rows. scipy wants indices and starts of one type, the smaller one where that will do. */
static void put_sparse(hid_t file, incoming *in) {
    const int64_t dims[2] = {in->shape.cols, in->shape.rows};
    bool small = in->shape.rows <= INT32_MAX && in->shape.entries <= INT32_MAX;
    hid_t index = small ? H5T_STD_I32LE : H5T_STD_I64LE, group = put_group(file, "X");
    put_encoding(group, "csr_matrix", "0.1.0");
    put_integers(group, "shape", dims, 2);
    hid_t value = in->shape.flags & WIRE_SINGLE ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
    arrays_write(group, in, (arrays_type){value, index, index});
    H5Gclose(group);
}

void anndata_write(hid_t file) {
    incoming in;
    receive_table(&in);
    put_encoding(file, "anndata", "0.1.0");
    put_frame(file, "obs", &in.col_names, in.shape.cols);
    put_frame(file, "var", &in.row_names, in.shape.rows);
    put_empty_groups(file);
    if (in.shape.flags & WIRE_SPARSE) {
        put_sparse(file, &in);
    } else {
        hid_t numbers = lines_write(file, "X", &in);
        put_encoding(numbers, "array", "0.2.0");
        H5Dclose(numbers);
    }
    receive_free(&in);
}

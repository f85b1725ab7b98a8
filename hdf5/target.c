#include "target.h"
#include "descriptor.h"
#include "io/hdf5/wire.h"
#include "limits.h"
#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 24, CHUNK_BYTES = 1 << 18, WORTH_PACKING = 1 << 10, GZIP_LEVEL = 4, FIXED_MOST = 256 };

hid_t target_create(int fd) {
    char number[NUMBER];
    limits_set(-1);
    hid_t access = descriptor_access();
    snprintf(number, sizeof number, "%d", fd);
    hid_t file = H5Fcreate(number, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (file < 0) {
        stop_library("it could not be written");
    }
    H5Pclose(access);
    return file;
}

void target_close(hid_t file) {
    if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 || H5Fclose(file) < 0) {
        stop_library("it could not be written to its end");
    }
}

hid_t put_group(hid_t at, const char *name) {
    hid_t group = H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0) {
        stop_library("its group \"%s\" could not be written", name);
    }
    return group;
}

static hid_t text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length);
    H5Tset_cset(type, H5T_CSET_UTF8);
    H5Tset_strpad(type, length == H5T_VARIABLE ? H5T_STR_NULLTERM : H5T_STR_NULLPAD);
    return type;
}

static void put_attribute(hid_t object, const char *name, hid_t type, hid_t memory, hid_t space, const void *value) {
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, memory, value) < 0) {
        stop_library("its attribute \"%s\" could not be written", name);
    }
    H5Aclose(attribute);
}

void put_text(hid_t object, const char *attribute, const char *text) {
    hid_t type = text_type(H5T_VARIABLE), space = H5Screate(H5S_SCALAR);
    put_attribute(object, attribute, type, type, space, &text);
    H5Sclose(space);
    H5Tclose(type);
}

void put_integers(hid_t object, const char *attribute, const int64_t *numbers, int count) {
    hsize_t dims = (hsize_t)count;
    hid_t space = H5Screate_simple(1, &dims, NULL);
    put_attribute(object, attribute, H5T_STD_I64LE, H5T_NATIVE_INT64, space, numbers);
    H5Sclose(space);
}

void put_encoding(hid_t object, const char *kind, const char *version) {
    put_text(object, "encoding-type", kind);
    put_text(object, "encoding-version", version);
}

/* Chunks of whole rows where they fit. */
static void set_packing(hid_t layout, const filling *f, size_t size) {
    hsize_t chunk[2] = {f->dims[0], f->dims[1]};
    hsize_t most = CHUNK_BYTES / size;
    if (f->rank == 2 && chunk[1] > most) {
        chunk[1] = most;
    }
    hsize_t wide = f->rank == 2 ? chunk[1] : 1;
    hsize_t high = most / wide > 0 ? most / wide : 1;
    chunk[0] = chunk[0] < high ? chunk[0] : high;
    H5Pset_chunk(layout, f->rank, chunk);
    H5Pset_shuffle(layout);
    H5Pset_deflate(layout, GZIP_LEVEL);
}

filling fill_new(hid_t at, const char *name, hid_t type, hid_t memory, int64_t rows, int64_t cols) {
    filling f = {.memory = memory, .rank = cols > 0 ? 2 : 1, .dims = {(hsize_t)rows, (hsize_t)cols}};
    hid_t space = H5Screate_simple(f.rank, f.dims, NULL), layout = H5Pcreate(H5P_DATASET_CREATE);
    size_t size = H5Tget_size(type);
    if (H5Tis_variable_str(type) <= 0 && (double)size * (double)rows * (double)(cols > 0 ? cols : 1) > WORTH_PACKING) {
        set_packing(layout, &f, size);
    }
    f.id = H5Dcreate2(at, name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (f.id < 0) {
        stop_library("its \"%s\" could not be written", name);
    }
    H5Pclose(layout);
    H5Sclose(space);
    return f;
}

void fill_rows(filling *f, const void *values, int64_t rows) {
    hsize_t start[2] = {f->done, 0}, count[2] = {(hsize_t)rows, f->dims[1]};
    if (rows == 0) {
        return;
    }
    hid_t memory = H5Screate_simple(f->rank, count, NULL), space = H5Dget_space(f->id);
    if (memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dwrite(f->id, f->memory, memory, space, H5P_DEFAULT, values) < 0) {
        stop_library("it could not be written after row %llu of an array", (unsigned long long)f->done);
    }
    f->done += count[0];
    H5Sclose(space);
    H5Sclose(memory);
    limits_renew();
}

void fill_end(filling *f) {
    if (f->done != f->dims[0]) {
        stop("%llu rows of an array came where %llu were promised", (unsigned long long)f->done,
             (unsigned long long)f->dims[0]);
    }
    if (H5Dclose(f->id) < 0) {
        stop_library("an array could not be written to its end");
    }
}

static text_list numbered(int64_t count) {
    text_list names = {.count = 0};
    char number[NUMBER];
    for (int64_t i = 0; i < count; i++) {
        text_add(&names, number, (size_t)snprintf(number, sizeof number, "%lld", (long long)i));
    }
    return names;
}

static size_t longest(const text_list *names) {
    size_t most = 1;
    for (int64_t i = 0; i < names->count; i++) {
        size_t length = strlen(text_at(names, i));
        most = length > most ? length : most;
    }
    return most;
}

static void fill_variable(filling *f, const text_list *names) {
    const char **all = room_for((size_t)names->count, sizeof *all);
    for (int64_t i = 0; i < names->count; i++) {
        all[i] = text_at(names, i);
    }
    fill_rows(f, all, names->count);
    free(all);
}

static void fill_fixed(filling *f, const text_list *names, size_t length) {
    int64_t at_once = WIRE_BLOCK_MOST / (int64_t)length;
    char *piece = room_for((size_t)at_once, length);
    for (int64_t i = 0; i < names->count; i += at_once) {
        int64_t count = names->count - i < at_once ? names->count - i : at_once;
        memset(piece, 0, (size_t)count * length);
        for (int64_t j = 0; j < count; j++) {
            memcpy(piece + (size_t)j * length, text_at(names, i + j), strlen(text_at(names, i + j)));
        }
        fill_rows(f, piece, count);
    }
    free(piece);
}

void put_names(hid_t at, const char *name, const text_list *names, int64_t count, bool fixed) {
    text_list numbers = {.count = 0};
    if (names->count == 0) {
        numbers = numbered(count);
        names = &numbers;
    }
    size_t length = longest(names);
    fixed = fixed && length <= FIXED_MOST;
    hid_t type = text_type(fixed ? length : H5T_VARIABLE);
    filling f = fill_new(at, name, type, type, count, 0);
    if (fixed) {
        fill_fixed(&f, names, length);
    } else {
        fill_variable(&f, names);
        put_encoding(f.id, "string-array", "0.2.0");
    }
    fill_end(&f);
    H5Tclose(type);
    text_free(&numbers);
}

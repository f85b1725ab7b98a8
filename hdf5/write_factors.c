/* The factors of an AnnData file's matrix, put where its own tools look: obsm["X_nmf"], varm["NMF"], uns["nmf"]. */
#include "read.h"
#include "say.h"
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 64 };

/* A group that is made where it is missing. What is there as something else is from before AnnData 0.7. */
static hid_t open_or_put(hid_t at, const char *name) {
    thing is = source_thing(at, name);
    if (is == THING_DATASET) {
        stop("its \"%s\" is laid out as AnnData before version 0.7 did; one that reads it can write it anew", name);
    }
    if (is == THING_GROUP) {
        return source_group(at, name);
    }
    hid_t group = put_group(at, name);
    put_encoding(group, "dict", "0.1.0");
    return group;
}

static void remove_old(hid_t at, const char *name) {
    if (H5Lexists(at, name, H5P_DEFAULT) > 0 && H5Ldelete(at, name, H5P_DEFAULT) < 0) {
        stop_library("its \"%s\", from before, could not be replaced", name);
    }
}

static void put_lines(hid_t at, const char *below, const char *name, incoming *in) {
    hid_t group = open_or_put(at, below);
    remove_old(group, name);
    hid_t numbers = lines_write(group, name, in);
    put_encoding(numbers, "array", "0.2.0");
    H5Dclose(numbers);
    H5Gclose(group);
}

static void put_scalar(hid_t at, const char *name, hid_t type, hid_t memory, const void *value, const char *encoding) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t id = H5Dcreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (id < 0 || H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0) {
        stop_library("its \"%s\" could not be written", name);
    }
    put_encoding(id, encoding, "0.2.0");
    H5Dclose(id);
    H5Sclose(space);
}

static void put_string(hid_t at, const char *name, const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    put_scalar(at, name, type, type, &text, "string");
    H5Tclose(type);
}

/* "i rank 10", "f error 2.5", "s solver hals". */
static void put_note(hid_t at, const char *note) {
    char name[WORD];
    int used = 0;
    if (sscanf(note, "%*c %63s %n", name, &used) != 1 || used == 0) {
        return;
    }
    const char *value = note + used;
    if (note[0] == 'i') {
        int64_t number = strtoll(value, NULL, 10);
        put_scalar(at, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &number, "numeric-scalar");
    } else if (note[0] == 'f') {
        double number = strtod(value, NULL);
        put_scalar(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &number, "numeric-scalar");
    } else {
        put_string(at, name, value);
    }
}

static void put_notes(hid_t file, char *notes) {
    char *rest = NULL;
    hid_t uns = open_or_put(file, "uns");
    remove_old(uns, "nmf");
    hid_t group = open_or_put(uns, "nmf");
    for (char *note = strtok_r(notes, "\n", &rest); note; note = strtok_r(NULL, "\n", &rest)) {
        put_note(group, note);
    }
    H5Gclose(group);
    H5Gclose(uns);
}

/* How many names a file has for its rows or columns; -1 where it has none. */
static int64_t count_names(const source *to, hid_t at, const char *name) {
    text_list names = source_thing(at, name) != THING_NONE ? anndata_names(to, at, name) : (text_list){.count = -1};
    int64_t count = names.count;
    text_free(&names);
    return count;
}

/* W belongs to the variables of X or, where those are others, to those of raw. */
static void put_w(const source *to, incoming *in) {
    int64_t genes = in->shape.rows, here = count_names(to, to->file, "var");
    if (here == genes) {
        put_lines(to->file, "varm", "NMF", in);
        return;
    }
    hid_t raw = source_thing(to->file, "raw") == THING_GROUP ? source_group(to->file, "raw") : -1;
    if (raw < 0 || count_names(to, raw, "var") != genes) {
        stop("it has %lld variables, the factors are of %lld", (long long)here, (long long)genes);
    }
    put_lines(raw, "varm", "NMF", in);
    H5Gclose(raw);
}

void factors_write(const source *to) {
    incoming h, w;
    if (!anndata_recognises(to)) {
        stop("it is not laid out as AnnData, and has no place for factors");
    }
    receive_table(&h);
    int64_t cells = count_names(to, to->file, "obs");
    if (cells != h.shape.cols) {
        stop("it has %lld observations, the factors are of %lld", (long long)cells, (long long)h.shape.cols);
    }
    put_lines(to->file, "obsm", "X_nmf", &h);
    put_notes(to->file, h.notes ? h.notes : (char[]){""});
    receive_free(&h);
    receive_table(&w);
    put_w(to, &w);
    receive_free(&w);
}

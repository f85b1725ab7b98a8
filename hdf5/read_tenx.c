/*
 * 10x Genomics: columns compressed, features x barcodes. Since Cell Ranger 3 in the group "matrix" with its features in
 * a group of their own; before, a group a genome, with genes and gene_names.
 */
#include "read.h"
#include "say.h"

#include <string.h>

static bool has_arrays(hid_t group) {
    static const char *const arrays[] = {"barcodes", "data", "indices", "indptr", "shape"};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        if (source_thing(group, arrays[i]) != THING_DATASET) {
            return false;
        }
    }
    return true;
}

static bool is_tenx(hid_t at, const char *name) {
    if (source_thing(at, name) != THING_GROUP) {
        return false;
    }
    hid_t group = source_group(at, name);
    bool is = has_arrays(group) &&
              (source_thing(group, "features") == THING_GROUP || source_thing(group, "genes") == THING_DATASET);
    H5Gclose(group);
    return is;
}

/* The groups that hold a matrix; the last one's name. */
static listing matrices(const source *from, char *last, size_t room) {
    listing all = {.count = 0};
    char name[PATH_ROOM];
    for (int64_t i = 0; source_link(from->file, i, name, sizeof name); i++) {
        if (is_tenx(from->file, name)) {
            listing_add(&all, name);
            strncpy(last, name, room);
        }
    }
    return all;
}

bool tenx_recognises(const source *from) {
    char name[PATH_ROOM];
    return is_tenx(from->file, "matrix") || matrices(from, name, sizeof name).count > 0;
}

static text_list names_below(const source *from, hid_t group, const char *name) {
    if (source_thing(group, name) != THING_DATASET) {
        return (text_list){.count = 0};
    }
    dataset d = dataset_open(from, group, name);
    text_list list = text_read(&d, NULL);
    dataset_close(&d);
    return list;
}

/* Names are what people know; where several features share one, their ids tell them apart. */
static text_list feature_names(const source *from, hid_t group) {
    bool now = source_thing(group, "features") == THING_GROUP;
    hid_t features = now ? source_group(group, "features") : group;
    text_list names = names_below(from, features, now ? "name" : "gene_names");
    text_list ids = names_below(from, features, now ? "id" : "genes");
    if (now) {
        H5Gclose(features);
    }
    if (names.count == 0) {
        return ids;
    }
    text_tell_apart(&names, &ids);
    text_free(&ids);
    return names;
}

static void send_group(const source *from, const char *name) {
    hid_t group = source_group(from->file, name);
    dataset shape = dataset_open(from, group, "shape");
    int64_t dims[2];
    dataset_expect(&shape, 1, true);
    if (shape.dims[0] != 2) {
        stop("its shape has %lld numbers; 2 are needed", (long long)shape.dims[0]);
    }
    dataset_read(&shape, 0, 2, 0, 1, H5T_NATIVE_INT64, dims);
    dataset_close(&shape);
    found what = {.source = WIRE_SOURCE_TENX,
                  .row_names = feature_names(from, group),
                  .col_names = names_below(from, group, "barcodes")};
    sparse_send(from, group, (wire_shape){.rows = dims[0], .cols = dims[1], .flags = WIRE_BY_COLUMNS}, &what);
    H5Gclose(group);
}

void tenx_read(const source *from, const char *layer) {
    char name[PATH_ROOM] = "";
    listing all = matrices(from, name, sizeof name);
    if (layer && !is_tenx(from->file, layer)) {
        stop("it has no layer \"%s\"; it has %s", layer, all.text);
    }
    if (!layer && all.count > 1) {
        stop("it holds %d matrices: name one by --layer, of %s", all.count, all.text);
    }
    send_group(from, layer ? layer : name);
}

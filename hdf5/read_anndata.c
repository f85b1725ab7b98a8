/*
 * AnnData: cells x genes, so that all of it is turned: our rows are its variables, our columns its observations. X,
 * layers/NAME and raw/X are datasets or sparse groups; names stand where the attribute _index of obs and var says, and
 * in files older than 0.7 in a field of obs and var, which then are datasets of records.
 */
#include "read.h"
#include "say.h"

#include <stdio.h>
#include <string.h>

enum { FIELD = 256 };

bool anndata_recognises(const source *from) {
    return source_thing(from->file, "obs") != THING_NONE && source_thing(from->file, "var") != THING_NONE &&
           (source_thing(from->file, "X") != THING_NONE || source_thing(from->file, "layers") != THING_NONE ||
            source_thing(from->file, "raw") != THING_NONE);
}

static text_list names_in_group(const source *from, hid_t group) {
    char field[FIELD] = "_index";
    text_list names = {.count = 0};
    attribute_text(group, "_index", field, sizeof field);
    thing is = source_thing(group, field);
    if (is == THING_DATASET) {
        dataset d = dataset_open(from, group, field);
        names = text_read(&d, NULL);
        dataset_close(&d);
    } else if (is == THING_GROUP) {
        /* Strings some of which may be missing: values and a mask. */
        hid_t below = source_group(group, field);
        if (source_thing(below, "values") == THING_DATASET) {
            dataset d = dataset_open(from, below, "values");
            names = text_read(&d, NULL);
            dataset_close(&d);
        }
        H5Gclose(below);
    }
    return names;
}

text_list anndata_names(const source *from, hid_t at, const char *name) {
    text_list names = {.count = 0};
    thing is = source_thing(at, name);
    if (is == THING_GROUP) {
        hid_t group = source_group(at, name);
        names = names_in_group(from, group);
        H5Gclose(group);
    } else if (is == THING_DATASET) {
        dataset d = dataset_open(from, at, name);
        names = text_read(&d, "index");
        if (names.count == 0) {
            names = text_read(&d, "_index");
        }
        dataset_close(&d);
    }
    return names;
}

static listing layers_of(const source *from) {
    listing all = {.count = 0};
    char name[PATH_ROOM];
    if (source_thing(from->file, "X") != THING_NONE) {
        listing_add(&all, "X");
    }
    if (source_thing(from->file, "layers") == THING_GROUP) {
        hid_t group = source_group(from->file, "layers");
        for (int64_t i = 0; source_link(group, i, name, sizeof name); i++) {
            listing_add(&all, name);
        }
        H5Gclose(group);
    }
    if (source_thing(from->file, "raw") == THING_GROUP || source_thing(from->file, "raw.X") != THING_NONE) {
        listing_add(&all, "raw");
    }
    return all;
}

static void send_found(const source *from, hid_t at, const char *name, const char *var) {
    found what = {.at = at,
                  .name = name,
                  .transposed = true,
                  .source = WIRE_SOURCE_ANNDATA,
                  .row_names = anndata_names(from, at, var),
                  .col_names = anndata_names(from, from->file, "obs")};
    found_send(from, &what);
}

/* Where "raw" stands: a group since 0.7, before it names with a dot. False where there is none. */
static bool send_raw(const source *from) {
    if (source_thing(from->file, "raw") == THING_GROUP) {
        hid_t raw = source_group(from->file, "raw");
        bool there = source_thing(raw, "X") != THING_NONE;
        if (there) {
            send_found(from, raw, "X", "var");
        }
        H5Gclose(raw);
        return there;
    }
    if (source_thing(from->file, "raw.X") != THING_NONE) {
        send_found(from, from->file, "raw.X", "raw.var");
        return true;
    }
    return false;
}

static bool send_layer(const source *from, const char *layer) {
    char path[PATH_ROOM];
    int length = snprintf(path, sizeof path, "layers/%s", layer);
    if (length >= PATH_ROOM || source_thing(from->file, "layers") != THING_GROUP ||
        source_thing(from->file, path) == THING_NONE) {
        return false;
    }
    send_found(from, from->file, path, "var");
    return true;
}

void anndata_read(const source *from, const char *layer) {
    bool main_one = !layer || strcmp(layer, "X") == 0;
    if (main_one && source_thing(from->file, "X") != THING_NONE) {
        send_found(from, from->file, "X", "var");
        return;
    }
    if (layer && (send_layer(from, layer) || (strcmp(layer, "raw") == 0 && send_raw(from)))) {
        return;
    }
    listing all = layers_of(from);
    stop("it has no %s%s%s; --layer names what it has: %s", layer ? "layer \"" : "X", layer ? layer : "",
         layer ? "\"" : "", all.count > 0 ? all.text : "nothing");
}

/* HDF5 of no layout that we know: a table of numbers somewhere in it. */
#include "read.h"
#include "say.h"

#include <stdio.h>
#include <string.h>

typedef struct search {
    hid_t file;
    listing all;
    char last[PATH_ROOM];
} search;

/* Is it a table of numbers in this file itself? Where it lies comes first: its shape may be in another file. */
static bool is_table(hid_t id) {
    hid_t layout = H5Dget_create_plist(id);
    bool here = layout >= 0 && H5Pget_layout(layout) != H5D_VIRTUAL;
    hid_t type = here ? H5Dget_type(id) : -1, space = here ? H5Dget_space(id) : -1;
    bool is = type >= 0 && space >= 0 && H5Sget_simple_extent_ndims(space) == 2 && type_is_number(type);
    H5Pclose(layout);
    H5Tclose(type);
    H5Sclose(space);
    return is;
}

static herr_t look(hid_t at, const char *name, const H5O_info_t *info, void *found) {
    search *s = found;
    hid_t id = info->type == H5O_TYPE_DATASET ? H5Dopen2(at, name, H5P_DEFAULT) : -1;
    if (id < 0) {
        return 0;
    }
    if (is_table(id) && snprintf(s->last, sizeof s->last, "/%s", name) < PATH_ROOM) {
        listing_add(&s->all, s->last);
    }
    H5Dclose(id);
    return 0;
}

void plain_read(const source *from, const char *path) {
    search s = {.file = from->file};
    if (path && source_thing(from->file, path) != THING_NONE) {
        found what = {.at = from->file, .name = path, .source = WIRE_SOURCE_PLAIN};
        found_send(from, &what);
        return;
    }
    if (H5Ovisit2(from->file, H5_INDEX_NAME, H5_ITER_INC, look, &s, H5O_INFO_BASIC) < 0) {
        stop_library("it cannot be looked through: it is damaged");
    }
    if (s.all.count == 0) {
        stop("it is laid out neither as 10x Genomics nor as AnnData, and holds no dataset of two dimensions and "
             "numbers");
    }
    if (path) {
        stop("it has no \"%s\"; --layer can name %s", path, s.all.text);
    }
    if (s.all.count > 1) {
        stop("it holds %d tables of numbers: name one by --layer, of %s", s.all.count, s.all.text);
    }
    found what = {.at = from->file, .name = s.last, .source = WIRE_SOURCE_PLAIN};
    found_send(from, &what);
}

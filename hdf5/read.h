/* Reading: from a layout of groups and datasets to a matrix on the wire. */
#ifndef HDF5_READ_H
#define HDF5_READ_H

#include "send.h"
#include "source.h"

/* Find the matrix, or the one of them that `layer` names (NULL: the main one), and send it. */
void read_matrix(const source *from, const char *layer);

/* The layouts. Each says whether a file has it; what it cannot read ends the program. */
bool tenx_recognises(const source *from);
void tenx_read(const source *from, const char *layer);
bool anndata_recognises(const source *from);
void anndata_read(const source *from, const char *layer);
/* The names that "obs" or "var" below a group gives. */
text_list anndata_names(const source *from, hid_t at, const char *name);
/* Any file: `path` names the dataset; NULL: the only one that could be meant. */
void plain_read(const source *from, const char *path);

/* A matrix that has been found: its numbers are a dataset, or a group with data, indices and indptr. */
typedef struct found {
    hid_t at; /* what `name` stands below */
    const char *name;
    bool transposed; /* the file has rows where we have columns */
    uint32_t source;
    text_list row_names, col_names; /* empty: none */
} found;

/* Send it and free its names. */
void found_send(const source *from, found *what);

/* The same for a sparse one whose shape and order the layout tells. */
void sparse_send(const source *from, hid_t group, wire_shape shape, found *what);

/* Names in a sentence: "a, b, c". */
typedef struct listing {
    char text[500];
    int count;
} listing;

void listing_add(listing *list, const char *name);

/* The links of a group in order of their names; false past the last. */
bool source_link(hid_t group, int64_t i, char *name, size_t room);

#endif

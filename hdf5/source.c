#include "source.h"
#include "descriptor.h"
#include "limits.h"
#include "say.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NUMBER = 16, FILTER_NAME = 64, RANK_MOST = H5S_MAX_RANK };

/* What a file may claim to hold, packed as it may be; io/bytes/stream.c has the same for gzip and zstd. */
static const double UNPACKED_PER_BYTE = 256, CLAIM_FREE = 64e6;

source source_open(int fd, bool to_write) {
    char number[NUMBER];
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        stop("it is not a file that can be read in any order");
    }
    limits_set((int64_t)about.st_size);
    source from = {.bytes = (int64_t)about.st_size};
    from.most = CLAIM_FREE + UNPACKED_PER_BYTE * (double)from.bytes;
    /* Links to other files are not followed: their kind is not known any more. Nor is code looked for in others. */
    H5Lunregister(H5L_TYPE_EXTERNAL);
    H5PLset_loading_state(0);
    hid_t access = descriptor_access();
    snprintf(number, sizeof number, "%d", fd);
    from.file = H5Fopen(number, to_write ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
    if (from.file < 0) {
        stop_library("it cannot be opened as HDF5: it is damaged or cut short");
    }
    H5Pclose(access);
    return from;
}

thing source_thing(hid_t at, const char *name) {
    hid_t object = -1;
    if (H5Lexists(at, name, H5P_DEFAULT) > 0) {
        object = H5Oopen(at, name, H5P_DEFAULT);
    }
    if (object < 0) {
        return THING_NONE;
    }
    H5I_type_t type = H5Iget_type(object);
    H5Oclose(object);
    return type == H5I_GROUP ? THING_GROUP : type == H5I_DATASET ? THING_DATASET : THING_NONE;
}

hid_t source_group(hid_t at, const char *name) {
    hid_t group = H5Gopen2(at, name, H5P_DEFAULT);
    if (group < 0) {
        stop_library("its group \"%s\" cannot be opened", name);
    }
    return group;
}

static void check_filters(hid_t layout, const char *name) {
    int count = H5Pget_nfilters(layout);
    for (int i = 0; i < count; i++) {
        char filter[FILTER_NAME] = "";
        unsigned flags, config;
        size_t numbers = 0;
        H5Z_filter_t id = H5Pget_filter2(layout, (unsigned)i, &flags, &numbers, NULL, sizeof filter, filter, &config);
        if (id < 0 || H5Zfilter_avail(id) <= 0) {
            stop("its \"%s\" is packed by the filter %s (number %d), which is not among libhdf5's own; h5repack -f "
                 "GZIP=4 packs it anew where the filter is there",
                 name, filter[0] ? filter : "without a name", (int)id);
        }
    }
}

/* Bytes of a chunk; 0 where there are none. */
static double chunk_bytes(hid_t layout, hid_t type, int rank, hsize_t *chunk) {
    double bytes = (double)H5Tget_size(type);
    if (H5Pget_layout(layout) != H5D_CHUNKED || rank < 1 || H5Pget_chunk(layout, rank, chunk) != rank) {
        return 0;
    }
    for (int i = 0; i < rank; i++) {
        bytes *= (double)chunk[i];
    }
    return bytes;
}

static void check_claim(const source *from, double bytes, const char *name) {
    if (!(bytes <= from->most)) {
        stop("its \"%s\" claims %.3g MB, more than a file of %lld bytes can hold", name, bytes / 1e6,
             (long long)from->bytes);
    }
}

/* Where it lies, before anything that would look for it there: another file is never opened. */
static void check_place(const dataset *d, hid_t layout) {
    if (H5Pget_layout(layout) == H5D_VIRTUAL || H5Pget_external_count(layout) > 0) {
        stop("its \"%s\" lies in another file, which is not opened; h5repack makes a file of its own of it", d->name);
    }
    check_filters(layout, d->name);
}

static void check_extents(const source *from, dataset *d) {
    hsize_t dims[RANK_MOST];
    d->space = H5Dget_space(d->id);
    d->rank = d->space < 0 ? -1 : H5Sget_simple_extent_dims(d->space, dims, NULL);
    if (d->rank < 0) {
        stop_library("its \"%s\" has no shape that can be read", d->name);
    }
    if (H5Sget_simple_extent_type(d->space) == H5S_NULL) {
        stop("its \"%s\" is empty", d->name);
    }
    double bytes = (double)H5Tget_size(d->type);
    for (int i = 0; i < d->rank; i++) {
        bytes *= (double)dims[i];
        if (i < 2) {
            d->dims[i] = (int64_t)dims[i];
        }
    }
    check_claim(from, bytes, d->name);
}

/* Open it once more with a cache for a row of chunks, or each would be unpacked again for every piece that is read. */
static void widen_cache(const source *from, hid_t at, dataset *d, hid_t layout) {
    enum { CACHE_LEAST = 1 << 20, CACHE_MOST = 1 << 25, SLOTS = 12421 };
    hsize_t chunk[RANK_MOST] = {1, 1};
    double bytes = chunk_bytes(layout, d->type, d->rank, chunk);
    check_claim(from, bytes, d->name);
    if (d->rank == 2 && bytes > 0) {
        bytes *= ceil((double)d->dims[1] / (double)chunk[1]);
    }
    if (bytes <= CACHE_LEAST) {
        return;
    }
    double most = CACHE_MOST + 4.0 * (double)from->bytes;
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, SLOTS, (size_t)(bytes < most ? bytes : most), 1);
    H5Dclose(d->id);
    d->id = H5Dopen2(at, d->name, access);
    if (d->id < 0) {
        stop_library("its \"%s\" cannot be opened", d->name);
    }
    H5Pclose(access);
}

dataset dataset_open(const source *from, hid_t at, const char *name) {
    dataset d = {.id = H5Dopen2(at, name, H5P_DEFAULT), .dims = {1, 1}};
    snprintf(d.name, sizeof d.name, "%s", name);
    hid_t layout = d.id < 0 ? -1 : H5Dget_create_plist(d.id);
    d.type = d.id < 0 ? -1 : H5Dget_type(d.id);
    if (layout < 0 || d.type < 0) {
        stop_library("its \"%s\" cannot be opened", name);
    }
    check_place(&d, layout);
    check_extents(from, &d);
    widen_cache(from, at, &d, layout);
    H5Pclose(layout);
    return d;
}

void dataset_close(dataset *d) {
    H5Sclose(d->space);
    H5Tclose(d->type);
    H5Dclose(d->id);
}

bool type_is_number(hid_t type) {
    H5T_class_t kind = H5Tget_class(type);
    return kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM;
}

void dataset_expect(const dataset *d, int rank, bool whole_numbers) {
    if (d->rank != rank) {
        stop("its \"%s\" has %d dimensions; %d %s needed", d->name, d->rank, rank, rank == 1 ? "is" : "are");
    }
    if (whole_numbers ? H5Tget_class(d->type) != H5T_INTEGER : !type_is_number(d->type)) {
        stop("its \"%s\" does not hold %snumbers", d->name, whole_numbers ? "whole " : "");
    }
}

void dataset_read(const dataset *d, int64_t row, int64_t rows, int64_t col, int64_t cols, hid_t type, void *to) {
    hsize_t start[2] = {(hsize_t)row, (hsize_t)col}, count[2] = {(hsize_t)rows, (hsize_t)cols};
    hid_t memory = H5Screate_simple(d->rank, count, NULL);
    if (memory < 0 || H5Sselect_hyperslab(d->space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(d->id, type, memory, d->space, H5P_DEFAULT, to) < 0) {
        stop_library("its \"%s\" cannot be read from entry %lld on: it is damaged or cut short", d->name,
                     (long long)row + 1);
    }
    H5Sclose(memory);
    limits_renew();
}

/* An attribute of `count` elements, or -1. */
static hid_t attribute_open(hid_t at, const char *name, int64_t count) {
    hid_t attribute = H5Aexists(at, name) > 0 ? H5Aopen(at, name, H5P_DEFAULT) : -1;
    if (attribute < 0) {
        return -1;
    }
    hid_t space = H5Aget_space(attribute);
    int64_t points = space < 0 ? -1 : (int64_t)H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    if (points != count) {
        H5Aclose(attribute);
        return -1;
    }
    return attribute;
}

static bool read_variable(hid_t attribute, hid_t type, char *text, size_t room) {
    char *held = NULL;
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    bool read = H5Aread(attribute, memory, &held) >= 0 && held;
    if (read) {
        snprintf(text, room, "%s", held);
    }
    H5free_memory(held);
    H5Tclose(memory);
    return read;
}

/* Padded by zeros, whatever the file pads with: HDF5 converts. */
static bool read_fixed(hid_t attribute, hid_t type, char *text, size_t room) {
    hid_t memory = H5Tcopy(type);
    bool read = H5Tget_size(type) < room && H5Tset_strpad(memory, H5T_STR_NULLPAD) >= 0 &&
                H5Aread(attribute, memory, text) >= 0;
    if (read) {
        text[H5Tget_size(type)] = '\0';
    }
    H5Tclose(memory);
    return read;
}

bool attribute_text(hid_t at, const char *name, char *text, size_t room) {
    hid_t attribute = attribute_open(at, name, 1);
    if (attribute < 0) {
        return false;
    }
    hid_t type = H5Aget_type(attribute);
    bool read = false;
    if (H5Tget_class(type) == H5T_STRING) {
        read = H5Tis_variable_str(type) > 0 ? read_variable(attribute, type, text, room)
                                            : read_fixed(attribute, type, text, room);
    }
    H5Tclose(type);
    H5Aclose(attribute);
    return read;
}

bool attribute_integers(hid_t at, const char *name, int64_t *numbers, int count) {
    hid_t attribute = attribute_open(at, name, count);
    if (attribute < 0) {
        return false;
    }
    hid_t type = H5Aget_type(attribute);
    bool read = H5Tget_class(type) == H5T_INTEGER && H5Aread(attribute, H5T_NATIVE_INT64, numbers) >= 0;
    H5Tclose(type);
    H5Aclose(attribute);
    return read;
}

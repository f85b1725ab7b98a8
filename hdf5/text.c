#include "text.h"
#include "io/bytes/utf8.h"
#include "io/hdf5/wire.h"
#include "say.h"

#include <stdlib.h>
#include <string.h>

/* NAME_BYTES: one more than a name may have, so that what is longer shows. */
enum { PIECE = 1 << 20, VARIABLE_AT_ONCE = 4096, NAME_BYTES = WIRE_NAME_MOST + 1 };

static void reserve_text(text_list *list, size_t bytes) {
    if (list->used + bytes <= list->text_room) {
        return;
    }
    size_t grown = 2 * list->text_room > list->used + bytes ? 2 * list->text_room : list->used + bytes;
    char *moved = realloc(list->text, grown);
    if (!moved) {
        stop("%.1f MB for its names could not be had within the limit for a file of its size", (double)grown / 1e6);
    }
    list->text = moved;
    list->text_room = grown;
}

void text_add(text_list *list, const char *name, size_t bytes) {
    size_t length = strnlen(name, bytes);
    if (length > WIRE_NAME_MOST) {
        stop("a name in it is longer than %d bytes", WIRE_NAME_MOST);
    }
    list->start = room_for_more(list->start, list->count, &list->room, sizeof *list->start);
    reserve_text(list, length + 1);
    char *copy = list->text + list->used;
    memcpy(copy, name, length);
    copy[length] = '\0';
    for (size_t at = utf8_run(copy, length); at < length; at += utf8_run(copy + at, length - at)) {
        copy[at] = '?';
    }
    list->start[list->count++] = list->used;
    list->used += length + 1;
}

/* What a string is read as, and whether it is a pointer then. */
static hid_t memory_type(hid_t type, bool variable) {
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, variable ? H5T_VARIABLE : H5Tget_size(type));
    H5Tset_cset(memory, H5Tget_cset(type));
    H5Tset_strpad(memory, variable ? H5T_STR_NULLTERM : H5T_STR_NULLPAD);
    return memory;
}

/* The field of a record alone, as a record of that field. */
static hid_t record_type(const char *field, hid_t member) {
    hid_t record = H5Tcreate(H5T_COMPOUND, H5Tget_size(member));
    H5Tinsert(record, field, 0, member);
    return record;
}

static void read_all(text_list *list, const dataset *d, hid_t memory, bool variable) {
    size_t size = H5Tget_size(memory);
    int64_t at_once = variable ? VARIABLE_AT_ONCE : PIECE / (int64_t)size + 1;
    char *piece = room_for((size_t)at_once, size);
    for (int64_t i = 0; i < d->dims[0]; i += at_once) {
        int64_t count = d->dims[0] - i < at_once ? d->dims[0] - i : at_once;
        dataset_read(d, i, count, 0, 1, memory, piece);
        for (int64_t j = 0; j < count; j++) {
            char *name = piece + (size_t)j * size;
            if (variable) {
                memcpy(&name, piece + (size_t)j * size, sizeof name);
                text_add(list, name ? name : "", NAME_BYTES);
                H5free_memory(name);
            } else {
                text_add(list, name, size);
            }
        }
    }
    free(piece);
}

/* The type of the strings in it; -1 where there are none. */
static hid_t string_type(const dataset *d, const char *field) {
    if (!field) {
        return H5Tget_class(d->type) == H5T_STRING ? H5Tcopy(d->type) : -1;
    }
    int index = H5Tget_class(d->type) == H5T_COMPOUND ? H5Tget_member_index(d->type, field) : -1;
    hid_t type = index < 0 ? -1 : H5Tget_member_type(d->type, (unsigned)index);
    if (type >= 0 && H5Tget_class(type) != H5T_STRING) {
        H5Tclose(type);
        return -1;
    }
    return type;
}

text_list text_read(const dataset *d, const char *field) {
    text_list list = {.count = 0};
    hid_t type = string_type(d, field);
    if (d->rank != 1 || type < 0) {
        return list;
    }
    bool variable = H5Tis_variable_str(type) > 0;
    hid_t memory = memory_type(type, variable);
    hid_t whole = field ? record_type(field, memory) : H5Tcopy(memory);
    read_all(&list, d, whole, variable);
    H5Tclose(whole);
    H5Tclose(memory);
    H5Tclose(type);
    return list;
}

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in order, so that one that stands there again has itself for a neighbour. */
static const char **sorted(const text_list *list) {
    const char **all = room_for((size_t)list->count, sizeof *all);
    for (int64_t i = 0; i < list->count; i++) {
        all[i] = text_at(list, i);
    }
    qsort(all, (size_t)list->count, sizeof *all, compare);
    return all;
}

static bool stands_again(const char *const *all, int64_t count, const char *name) {
    const char *const *found = bsearch(&name, all, (size_t)count, sizeof *all, compare);
    int64_t at = found - all;
    return (at > 0 && strcmp(all[at - 1], name) == 0) || (at + 1 < count && strcmp(all[at + 1], name) == 0);
}

void text_tell_apart(text_list *list, const text_list *other) {
    if (list->count != other->count) {
        return;
    }
    const char **all = sorted(list);
    text_list apart = {.count = 0};
    for (int64_t i = 0; i < list->count; i++) {
        const char *name = text_at(list, i);
        text_add(&apart, stands_again(all, list->count, name) ? text_at(other, i) : name, NAME_BYTES);
    }
    free(all);
    text_free(list);
    *list = apart;
}

void text_free(text_list *list) {
    free(list->start);
    free(list->text);
    *list = (text_list){.count = 0};
}

#include "observe/observe.h"
#include "matrix/spread.h"

#include <math.h>
#include <string.h>

/* Lines of a dense matrix fetched at a time where they do not lie side by side in memory: a cache line of doubles. */
enum { LINES_AT_ONCE = 8 };

static int64_t longest(const nmf_matrix *matrix) {
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true);
    return rows > cols ? rows : cols;
}

/* The line of a mask or of weights, which are here whole, beside line i of a matrix that may be spread. */
static int64_t beside(const observation *what, bool column, int64_t i) {
    return matrix_first(what->matrix, column) + i;
}

bool observe_is_plain(const observation *what) {
    return !what->mask && !what->weights && !what->stored && what->implicit == 0 && what->matrix->info.missing == 0;
}

/* Is a list all of its line? */
static bool lists_all(const observation *what) {
    bool by_weights = what->weights && what->weights->info.sparse;
    if (!what->matrix->info.sparse) {
        return !by_weights;
    }
    return !what->stored && !by_weights && (what->every || what->weights);
}

static nmf_status lines_new(nmf_context *context, const nmf_matrix *matrix, dense_lines *lines) {
    *lines = (dense_lines){.first = -1};
    return matrix && !matrix->info.sparse ? array_new(context, LINES_AT_ONCE * longest(matrix), sizeof *lines->values,
                                                      "lines of a dense matrix", (void **)&lines->values)
                                          : NMF_OK;
}

nmf_status observe_room_new(nmf_context *context, const observation *what, observe_room *room) {
    int64_t length = longest(what->matrix);
    *room = (observe_room){.context = context};
    nmf_status status = array_new(context, length, sizeof *room->index, "the entries of a line", (void **)&room->index);
    if (status == NMF_OK) {
        status = array_new(context, length, sizeof *room->value, "the entries of a line", (void **)&room->value);
    }
    if (status == NMF_OK) {
        status = array_new(context, length, sizeof *room->weight, "the entries of a line", (void **)&room->weight);
    }
    if (status == NMF_OK) {
        status = lines_new(context, what->matrix, &room->of_matrix);
    }
    if (status == NMF_OK) {
        status = lines_new(context, what->mask, &room->of_mask);
    }
    return status == NMF_OK ? lines_new(context, what->weights, &room->of_weights) : status;
}

double observe_bytes(const observation *what) {
    const nmf_matrix *const all[] = {what->matrix, what->mask, what->weights};
    double length = (double)longest(what->matrix), bytes = length * (sizeof(uint32_t) + 2 * sizeof(double));
    for (int t = 0; t < 3; t++) {
        bytes += all[t] && !all[t]->info.sparse ? LINES_AT_ONCE * length * sizeof(double) : 0;
    }
    return bytes;
}

void observe_room_free(observe_room *room) {
    if (room->context) {
        array_free(room->context, room->index);
        array_free(room->context, room->value);
        array_free(room->context, room->weight);
        array_free(room->context, room->of_matrix.values);
        array_free(room->context, room->of_mask.values);
        array_free(room->context, room->of_weights.values);
        *room = (observe_room){0};
    }
}

/* lines->values[l·length + j] for the lines from `first` on: along memory, whichever way that runs. */
static void fetch(const nmf_matrix *matrix, bool column, int64_t first, int64_t count, int64_t length,
                  dense_lines *lines) {
    nmf_dtype dtype = matrix->info.dtype;
    entry_line line = matrix->kind->line(matrix, column, first);
    if (line.stride == 1 || count == 1) {
        for (int64_t l = 0; l < count; l++) {
            line = matrix->kind->line(matrix, column, first + l);
            for (int64_t j = 0; j < length; j++) {
                lines->values[l * length + j] = entry_value(dtype, &line, j);
            }
        }
    } else {
        for (int64_t j = 0; j < length; j++) {
            for (int64_t l = 0; l < count; l++) {
                lines->values[l * length + j] = dtype_get(dtype, line.value, j * line.stride + l);
            }
        }
    }
    lines->first = first;
    lines->count = count;
    lines->column = column;
}

/* Line i of a dense matrix. */
static const double *dense_line(const nmf_matrix *matrix, bool column, int64_t i, dense_lines *lines) {
    int64_t length = matrix_all(matrix, !column);
    int64_t all = column ? matrix->info.cols : matrix->info.rows;
    bool held = lines->first >= 0 && lines->column == column && i >= lines->first && i < lines->first + lines->count;
    if (!held) {
        entry_line line = matrix->kind->line(matrix, column, i);
        int64_t first = line.stride == 1 ? i : i / LINES_AT_ONCE * LINES_AT_ONCE;
        int64_t count = line.stride == 1 ? 1 : all - first < LINES_AT_ONCE ? all - first : LINES_AT_ONCE;
        fetch(matrix, column, first, count, length, lines);
    }
    return lines->values + (i - lines->first) * length;
}

/* A line looked up at ascending places. */
typedef struct lookup {
    const double *dense;
    entry_line sparse;
    nmf_dtype dtype;
    int64_t at;
} lookup;

static lookup look_into(const nmf_matrix *matrix, bool column, int64_t i, dense_lines *lines) {
    lookup into = {.dtype = matrix->info.dtype};
    if (matrix->info.sparse) {
        into.sparse = matrix->kind->line(matrix, column, i);
    } else {
        into.dense = dense_line(matrix, column, i, lines);
    }
    return into;
}

/* The entry at `place`, not below the last one asked for; 0 where none is stored. */
static double look_up(lookup *into, int64_t place) {
    if (into->dense) {
        return into->dense[place];
    }
    while (into->at < into->sparse.count && into->sparse.index[into->at] < place) {
        into->at++;
    }
    bool there = into->at < into->sparse.count && into->sparse.index[into->at] == place;
    return there ? entry_value(into->dtype, &into->sparse, into->at) : 0;
}

/* Where a line has its entries: all places, or those that a sparse line stores. */
static int64_t take_places(const nmf_matrix *sparse, bool column, int64_t i, observe_room *room) {
    entry_line line = sparse->kind->line(sparse, column, i);
    memcpy(room->index, line.index, (size_t)line.count * sizeof *room->index);
    return line.count;
}

/* Put the places that a mask hides among those of a sparse line. */
static int64_t add_hidden(const observation *what, observe_room *room, bool column, int64_t i) {
    int64_t length = matrix_all(what->matrix, !column), count = 0, at = 0;
    entry_line line = what->matrix->kind->line(what->matrix, column, i);
    lookup mask = look_into(what->mask, column, beside(what, column, i), &room->of_mask);
    int64_t steps = mask.dense ? length : mask.sparse.count;
    for (int64_t e = 0; e < steps; e++) {
        int64_t place = mask.dense ? e : mask.sparse.index[e];
        bool hidden = (mask.dense ? mask.dense[e] : entry_value(mask.dtype, &mask.sparse, e)) != 0;
        for (; hidden && at < line.count && line.index[at] < place; at++) {
            room->index[count++] = line.index[at];
        }
        at += hidden && at < line.count && line.index[at] == place;
        if (hidden) {
            room->index[count++] = (uint32_t)place;
        }
    }
    for (; at < line.count; at++) {
        room->index[count++] = line.index[at];
    }
    return count;
}

/* The places of the list in room->index, or none there where all are listed; returns how many. */
static int64_t find_places(const observation *what, observe_room *room, bool column, int64_t i) {
    bool by_weights = what->weights && what->weights->info.sparse;
    if (lists_all(what)) {
        return matrix_all(what->matrix, !column);
    }
    if (by_weights && !(what->matrix->info.sparse && what->stored)) {
        return take_places(what->weights, column, beside(what, column, i), room);
    }
    return what->mask && !what->stored ? add_hidden(what, room, column, i) : take_places(what->matrix, column, i, room);
}

/* Values and weights at the places. */
static void weigh(const observation *what, observe_room *room, bool column, int64_t i, entry_list *list) {
    lookup entries = look_into(what->matrix, column, i, &room->of_matrix), mask = {0}, weights = {0};
    if (what->mask) {
        mask = look_into(what->mask, column, beside(what, column, i), &room->of_mask);
    }
    if (what->weights) {
        weights = look_into(what->weights, column, beside(what, column, i), &room->of_weights);
    }
    for (int64_t e = 0; e < list->count; e++) {
        int64_t place = list->index ? list->index[e] : e;
        double value = look_up(&entries, place), weight = what->weights ? look_up(&weights, place) : 1;
        if (what->implicit > 0) {
            weight *= 1 + what->implicit * value;
            value = value > 0 ? 1 : value;
        }
        bool hidden = isnan(value) || weight == 0 || (what->mask && look_up(&mask, place) != 0);
        room->value[e] = hidden ? 0 : value;
        room->weight[e] = hidden ? 0 : weight;
    }
}

/*
 * What is not listed weighs 1 where only zeros of A are left out. Where all is listed the base is free, and the weight
 * that most entries have leaves the fewest to be dealt with one by one.
 */
static double base_of(const observation *what, const entry_list *list) {
    if (list->index) {
        return what->matrix->info.sparse && !what->stored && !what->weights ? 1 : 0;
    }
    int64_t ones = 0;
    for (int64_t e = 0; e < list->count; e++) {
        ones += list->weight[e] == 1;
    }
    return 2 * ones > list->count ? 1 : 0;
}

/* The same where a list is a line of A as it is: no other line has to be looked into. */
static void take_line(const observation *what, observe_room *room, bool column, int64_t i, const entry_list *list) {
    entry_line line = what->matrix->kind->line(what->matrix, column, i);
    const double *dense = what->matrix->info.sparse ? NULL : dense_line(what->matrix, column, i, &room->of_matrix);
    for (int64_t e = 0; e < list->count; e++) {
        double value = dense ? dense[e] : entry_value(what->matrix->info.dtype, &line, e);
        room->value[e] = isnan(value) ? 0 : value;
        room->weight[e] = isnan(value) ? 0 : 1;
    }
}

void observe_line(const observation *what, observe_room *room, bool column, int64_t i, entry_list *list) {
    list->count = find_places(what, room, column, i);
    list->index = lists_all(what) ? NULL : room->index;
    list->value = room->value;
    list->weight = room->weight;
    bool filled = what->matrix->info.sparse && !list->index;
    if (what->mask || what->weights || what->implicit > 0 || filled) {
        weigh(what, room, column, i, list);
    } else {
        take_line(what, room, column, i, list);
    }
    list->base = base_of(what, list);
}

#include "fit/checkpoint.h"
#include "base/crowd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its state is on the stack then: no memory that could be refused, and nothing to link with. */
#define XXH_INLINE_ALL
#include <xxhash.h>

static const char magic[8] = "NMFCKPT1";

/* What is kept of a course, and of the summary, besides the steps. */
typedef struct saved_course {
    double beta, last, most, plain;
    double loss, penalty;
    double measured[FIT_WINDOW + 1];
    double best_measured, best_error;
    double seconds;
    int64_t steps, worked, looked, best_iteration;
} saved_course;

/*
 * A file that is written, and the hash of what it has so far. In other processes than the leading one there is none,
 * and `status` is how it came out here.
 */
typedef struct target {
    nmf_context *context;
    const char *path;
    FILE *file;
    XXH3_state_t hash;
    nmf_status status;
} target;

/* Factors that a checkpoint holds; those of another solver are empty. */
enum { FACTORS = 6 };

static void list_factors(const fit *f, const items *factors[FACTORS]) {
    const items *all[FACTORS] = {&f->w, &f->w_hat, &f->h, &f->h_last, &f->best_w, &f->best_h};
    memcpy(factors, all, sizeof all);
}

static const bool of_columns[FACTORS] = {false, false, true, true, false, true};

/* Of all items, wherever they are; where a process has none of a factor nobody has. */
static size_t bytes_of(const fit *f, int t, const items *x) {
    int64_t count = x->count > 0 ? matrix_all(f->matrix, of_columns[t]) : 0;
    return (size_t)(count * x->stride) * dtype_size(x->dtype);
}

static size_t factor_bytes(const fit *f) {
    const items *factors[FACTORS];
    size_t bytes = 0;
    list_factors(f, factors);
    for (int t = 0; t < FACTORS; t++) {
        bytes += bytes_of(f, t, factors[t]);
    }
    return bytes;
}

/* The names of a checkpoint's files, in one array, to be freed with array_free. */
typedef struct names_of {
    char *memory;
    const char *fresh, *before; /* being written; the one before */
} names_of;

static nmf_status make_names(nmf_context *context, const char *path, names_of *names) {
    size_t length = strlen(path), room = length + 5;
    nmf_status status = array_new(context, 2 * (int64_t)room, 1, "a checkpoint", (void **)&names->memory);
    if (status == NMF_OK) {
        snprintf(names->memory, room, "%s.new", path);
        snprintf(names->memory + room, room, "%s.1", path);
        names->fresh = names->memory;
        names->before = names->memory + room;
    }
    return status;
}

static saved_course course_of(const fit *f) {
    const course *c = &f->course;
    saved_course saved = {.beta = c->momentum.beta,
                          .last = c->momentum.last,
                          .most = c->momentum.most,
                          .plain = c->momentum.plain,
                          .loss = c->kept.loss,
                          .penalty = c->kept.penalty,
                          .best_measured = c->best_measured,
                          .best_error = f->summary.best_error,
                          .seconds = fit_seconds(f),
                          .steps = c->steps,
                          .worked = c->worked,
                          .looked = c->looked,
                          .best_iteration = f->summary.best_iteration};
    memcpy(saved.measured, c->measured, sizeof saved.measured);
    return saved;
}

static nmf_status not_written(const target *to) {
    return fail(to->context, NMF_ERROR_OUTPUT, "%s could not be written: %s", to->path, strerror(errno));
}

/* Nothing more after a failure. */
static void put(target *to, const void *bytes, size_t count) {
    if (!to->file || to->status != NMF_OK) {
        return;
    }
    XXH3_64bits_update(&to->hash, bytes, count);
    if (fwrite(bytes, 1, count, to->file) != count) {
        to->status = not_written(to);
    }
}

static void put_items(void *user, int64_t first, const items *some) {
    (void)first;
    put(user, some->data, (size_t)(some->count * some->stride) * dtype_size(some->dtype));
}

/* All items of a factor, wherever they are. */
static void put_factor(const fit *f, int t, const items *own, target *to) {
    if (!matrix_spread_of(f->matrix)) {
        put_items(to, 0, own);
    } else if (bytes_of(f, t, own) > 0) {
        nmf_status status = spread_pour(f->context, f->matrix, of_columns[t], own, put_items, to);
        to->status = to->status == NMF_OK ? status : to->status;
    }
}

static void put_all(const fit *f, target *to) {
    const char *lines = f->fingerprint;
    saved_course saved = course_of(f);
    size_t of_steps = (size_t)saved.steps * sizeof(nmf_step);
    uint64_t bytes = strlen(lines) + 1 + sizeof saved + of_steps + factor_bytes(f);
    const struct {
        const void *from;
        size_t count;
    } head[] = {{magic, sizeof magic},
                {&bytes, sizeof bytes},
                {lines, strlen(lines) + 1},
                {&saved, sizeof saved},
                {f->course.history, of_steps}};
    const items *factors[FACTORS];
    list_factors(f, factors);
    XXH3_64bits_reset(&to->hash);
    for (size_t t = 0; t < sizeof head / sizeof *head; t++) {
        put(to, head[t].from, head[t].count);
    }
    for (int t = 0; t < FACTORS; t++) {
        put_factor(f, t, factors[t], to);
    }
    uint64_t hash = XXH3_64bits_digest(&to->hash);
    put(to, &hash, sizeof hash);
}

/*
 * The whole of it, on the disk. Not a sink, whose temporary files have names of their own: what a killed process leaves
 * behind is written over by the next one.
 */
static nmf_status write_file(const fit *f, const char *path) {
    bool leads = nmf_context_leads(f->context);
    target to = {.context = f->context, .path = path, .file = leads ? fopen(path, "wbe") : NULL};
    if (leads && !to.file) {
        to.status = not_written(&to);
    }
    put_all(f, &to);
    if (to.file && to.status == NMF_OK && (fflush(to.file) != 0 || fsync(fileno(to.file)) != 0)) {
        to.status = not_written(&to);
    }
    if (to.file && fclose(to.file) != 0 && to.status == NMF_OK) {
        to.status = not_written(&to);
    }
    return to.status;
}

/* What stands becomes the one before, and what was written stands. */
static nmf_status move_up(nmf_context *context, const char *path, const names_of *names) {
    target to = {.context = context, .path = path};
    bool moved = (rename(path, names->before) == 0 || errno == ENOENT) && rename(names->fresh, path) == 0;
    return moved ? NMF_OK : not_written(&to);
}

nmf_status checkpoint_write(const fit *f, const char *path) {
    names_of names = {0};
    nmf_status status = make_names(f->context, path, &names);
    status = crowd_together(f->context, matrix_crowd(f->matrix), status);
    if (status == NMF_OK) {
        status = write_file(f, names.fresh);
        if (nmf_context_leads(f->context)) {
            if (status == NMF_OK) {
                status = move_up(f->context, path, &names);
            } else {
                remove(names.fresh);
            }
        }
    }
    array_free(f->context, names.memory);
    return status;
}

/* A file that is read; `left` bytes of it are still to come. */
typedef struct source {
    nmf_context *context;
    const char *path;
    FILE *file;
    uint64_t left;
} source;

static nmf_status damaged(const source *from) {
    return fail(from->context, NMF_ERROR_INPUT, "%s is not a whole checkpoint: it is cut off, or bytes have changed",
                from->path);
}

static nmf_status get(source *from, void *bytes, size_t count) {
    if (count > from->left || fread(bytes, 1, count, from->file) != count) {
        return damaged(from);
    }
    from->left -= count;
    return NMF_OK;
}

/* Does the hash at its end fit the rest? */
static nmf_status check_hash(const source *from, uint64_t size) {
    enum { BLOCK = 1 << 16 };
    unsigned char block[BLOCK];
    XXH3_state_t state;
    uint64_t hash, left = size - sizeof hash;
    XXH3_64bits_reset(&state);
    while (left > 0) {
        size_t some = left < BLOCK ? (size_t)left : BLOCK;
        if (fread(block, 1, some, from->file) != some) {
            return damaged(from);
        }
        XXH3_64bits_update(&state, block, some);
        left -= some;
    }
    bool fits = fread(&hash, 1, sizeof hash, from->file) == sizeof hash && hash == XXH3_64bits_digest(&state);
    return fits && fseek(from->file, 0, SEEK_SET) == 0 ? NMF_OK : damaged(from);
}

/* The first line of `now` that `then` has otherwise: "seed=4", and what it was. */
static nmf_status refuse_other(const source *from, const char *now, const char *then) {
    while (*now && *then) {
        size_t of_now = strcspn(now, "\n"), of_then = strcspn(then, "\n"), name = strcspn(now, "=");
        if (of_now != of_then || memcmp(now, then, of_now) != 0) {
            bool same = strncmp(now, then, name + 1) == 0;
            return fail(from->context, NMF_ERROR_INPUT,
                        "%s is the checkpoint of another fit: its %.*s is %.*s, and here it is %.*s", from->path,
                        (int)name, now, same ? (int)(of_then - name - 1) : 7, same ? then + name + 1 : "another",
                        (int)(of_now - name - 1), now + name + 1);
        }
        now += of_now + (now[of_now] != '\0');
        then += of_then + (then[of_then] != '\0');
    }
    return *now || *then ? damaged(from) : NMF_OK;
}

static nmf_status check_lines(const fit *f, source *from) {
    char then[FINGERPRINT_ROOM] = {0};
    size_t count = 0;
    nmf_status status = NMF_OK;
    while (status == NMF_OK && (count == 0 || then[count - 1] != '\0')) {
        status = count < sizeof then ? get(from, then + count++, 1) : damaged(from);
    }
    return status == NMF_OK ? refuse_other(from, f->fingerprint, then) : status;
}

static nmf_status take_course(fit *f, source *from) {
    saved_course saved = {0};
    nmf_status status = get(from, &saved, sizeof saved);
    if (status != NMF_OK) {
        return status;
    }
    course *c = &f->course;
    size_t of_steps = from->left - factor_bytes(f);
    if (from->left < factor_bytes(f) || saved.steps < 1 || of_steps % sizeof(nmf_step) != 0 ||
        of_steps / sizeof(nmf_step) != (uint64_t)saved.steps) {
        return damaged(from);
    }
    status = buffer_reserve(f->context, (void **)&c->history, &c->history_room, saved.steps + 1, sizeof *c->history,
                            "the history");
    if (status == NMF_OK) {
        status = get(from, c->history, of_steps);
    }
    c->momentum = (momentum){saved.beta, saved.last, saved.most, saved.plain != 0};
    c->kept = (score){saved.loss, saved.penalty};
    memcpy(c->measured, saved.measured, sizeof saved.measured);
    c->best_measured = saved.best_measured;
    c->steps = saved.steps;
    c->worked = saved.worked;
    c->looked = saved.looked;
    f->summary.best_error = saved.best_error;
    f->summary.best_iteration = saved.best_iteration;
    f->began = fit_clock() - saved.seconds;
    return status;
}

static nmf_status skip(source *from, size_t count) {
    if (count > from->left || fseeko(from->file, (off_t)count, SEEK_CUR) != 0) {
        return damaged(from);
    }
    from->left -= count;
    return NMF_OK;
}

/* A factor, or one's own part of it. */
static nmf_status take_factor(const fit *f, int t, const items *own, source *from) {
    size_t each = (size_t)own->stride * dtype_size(own->dtype), all = bytes_of(f, t, own);
    size_t mine = (size_t)own->count * each,
           before = all > 0 ? (size_t)matrix_first(f->matrix, of_columns[t]) * each : 0;
    nmf_status status = skip(from, before);
    if (status == NMF_OK) {
        status = get(from, own->data, mine);
    }
    return status == NMF_OK ? skip(from, all - before - mine) : status;
}

static nmf_status take_all(fit *f, source *from) {
    const items *factors[FACTORS];
    char start[sizeof magic] = {0};
    uint64_t bytes = 0;
    list_factors(f, factors);
    nmf_status status = get(from, start, sizeof start);
    if (status == NMF_OK && memcmp(start, magic, sizeof magic) != 0) {
        status = damaged(from);
    }
    if (status == NMF_OK) {
        status = get(from, &bytes, sizeof bytes);
    }
    if (status == NMF_OK && bytes != from->left) {
        status = damaged(from);
    }
    if (status == NMF_OK) {
        status = check_lines(f, from);
    }
    if (status == NMF_OK) {
        status = take_course(f, from);
    }
    for (int t = 0; t < FACTORS && status == NMF_OK; t++) {
        status = take_factor(f, t, factors[t], from);
    }
    return status;
}

/* Is the file whole? Then it is at its beginning, and `left` is set. */
static nmf_status check_whole(source *from) {
    struct stat about;
    uint64_t least = sizeof magic + 2 * sizeof(uint64_t);
    if (fstat(fileno(from->file), &about) != 0 || !S_ISREG(about.st_mode) || (uint64_t)about.st_size < least) {
        return damaged(from);
    }
    from->left = (uint64_t)about.st_size - sizeof(uint64_t);
    return check_hash(from, (uint64_t)about.st_size);
}

/* One generation: whether it is there, and whole. */
static nmf_status read_one(fit *f, const char *path, bool *found, bool *whole) {
    source from = {.context = f->context, .path = path, .file = fopen(path, "rbe")};
    *found = from.file != NULL;
    *whole = false;
    if (!from.file) {
        return errno == ENOENT ? NMF_OK
                               : fail(f->context, NMF_ERROR_INPUT, "%s cannot be read: %s", path, strerror(errno));
    }
    nmf_status status = check_whole(&from);
    if (status == NMF_OK) {
        *whole = true;
        status = take_all(f, &from);
    }
    fclose(from.file);
    return status;
}

static nmf_status read_either(fit *f, const char *path, bool *found) {
    names_of names = {0};
    bool whole;
    nmf_status status = read_one(f, path, found, &whole);
    if (whole) {
        return status;
    }
    nmf_status named = make_names(f->context, path, &names);
    if (named == NMF_OK && access(names.before, F_OK) == 0) {
        if (status != NMF_OK) {
            caution(f->context, "%s; going on from %s, the one before", nmf_context_message(f->context), names.before);
        }
        status = read_one(f, names.before, found, &whole);
    }
    array_free(f->context, names.memory);
    return named == NMF_OK ? status : named;
}

nmf_status checkpoint_read(fit *f, const char *path, bool *found) {
    const nmf_crowd *crowd = matrix_crowd(f->matrix);
    nmf_status status = read_either(f, path, found);
    /* The most and the fewest iterations that any process has found. */
    double steps = status == NMF_OK && *found ? (double)f->course.steps : 0, ends[] = {steps, -steps};
    if (crowd) {
        crowd->largest(crowd->user, ends, 2);
    }
    if (status == NMF_OK && ends[0] != -ends[1]) {
        status = *found ? fail(f->context, NMF_ERROR_INPUT, "%s is not the same file to all processes", path)
                        : fail(f->context, NMF_ERROR_INPUT, "%s is there, but this process does not see it", path);
    }
    return status;
}

void nmf_checkpoint_remove(nmf_context *context, const char *path) {
    names_of names = {0};
    if (make_names(context, path, &names) == NMF_OK) {
        remove(names.fresh);
        remove(names.before);
    }
    array_free(context, names.memory);
    remove(path);
}

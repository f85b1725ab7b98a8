/* The one options table: defaults, names, limits and help, from which the command and the bindings make theirs. */
#include "base/number.h"
#include "fit/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * An AMOUNT is a REAL that may be 0; a DURATION one of seconds, or with a unit behind it; a LOSS is a CHOICE with,
 * maybe, a number behind a colon.
 */
typedef enum value_type { WHOLE, SEED, REAL, AMOUNT, DURATION, CHOICE, LOSS, DTYPE, FLAG } value_type;

typedef struct option {
    const char *name;
    char letter;
    const char *argument;
    value_type type;
    size_t offset;
    int64_t least;                        /* of a WHOLE */
    const char *(*choice)(int64_t index); /* of a CHOICE or DTYPE; NULL past the last */
    /* What a choice is, in a clause; NULL where the names say it. */
    const char *(*summary)(int64_t index);
    const char *value; /* the default as text; NULL: each solver's own */
    const char *help;
} option;

static const char *solver_choice(int64_t i) {
    return i == 0 ? "auto" : updates[i - 1] ? updates[i - 1]->name : NULL;
}

static const char *solver_summary(int64_t i) {
    return i == 0 ? updates[0]->name : updates[i - 1]->summary;
}

static const char *loss_choice(int64_t i) {
    return losses[i] ? losses[i]->name : NULL;
}

static const char *loss_summary(int64_t i) {
    return losses[i]->summary;
}

static const char *init_choice(int64_t i) {
    return inits[i] ? inits[i]->name : NULL;
}

static const char *init_summary(int64_t i) {
    return inits[i]->summary;
}

static const char *stop_choice(int64_t i) {
    return stop_names[i];
}

static const char *stop_summary(int64_t i) {
    static const char *const summaries[] = {
        "the error |A - WH| is below --tol",
        "an iteration lowered it by less than --tol of itself, the last one and the last five on average",
        "the scaled KKT residual, looked at every 10 iterations, is below --tol",
    };
    return summaries[i];
}

static const char *keep_choice(int64_t i) {
    return keep_names[i];
}

static const char *dtype_choice(int64_t i) {
    return dtype_names[i];
}

static const char *observed_choice(int64_t i) {
    return observed_names[i];
}

static const char *observed_summary(int64_t i) {
    static const char *const summaries[] = {"every entry, zeros too", "of a sparse file only those it stores: ratings"};
    return summaries[i];
}

static const char *simplex_choice(int64_t i) {
    return simplex_names[i];
}

static const char *free_choice(int64_t i) {
    return free_names[i];
}

static const char *order_choice(int64_t i) {
    return order_names[i];
}

static const char *order_summary(int64_t i) {
    static const char *const summaries[] = {
        "by their share of the whole, the largest first, behind those that are fixed", "as they began"};
    return summaries[i];
}

static const char *unit_choice(int64_t i) {
    return unit_names[i];
}

static const char *unit_summary(int64_t i) {
    static const char *const summaries[] = {"as they came out", "columns of W and rows of H sum to 1",
                                            "they have Euclidean norm 1"};
    return summaries[i];
}

#define AT(field) offsetof(nmf_options, field)

static const option table[] = {
    {"rank", 'k', "K", WHOLE, AT(rank), 1, NULL, NULL, "", "How many components to find."},
    {"solver", 0, "NAME", CHOICE, AT(solver), 0, solver_choice, solver_summary, "auto", "How to find them."},
    {"loss", 0, "NAME", LOSS, AT(loss), 0, loss_choice, loss_summary, "frobenius", "What to make small."},
    {"init", 0, "NAME", CHOICE, AT(init), 0, init_choice, init_summary, NULL, "Where to start."},
    {"seed", 0, "S", SEED, AT(seed), 0, NULL, NULL, "0", "Seed of the random numbers."},
    {"restarts", 0, "R", WHOLE, AT(restarts), 1, NULL, NULL, "1",
     "Start R times, from seeds S, S + 1, ..., and give the best; the worse ones are dropped on the way."},
    {"keep-all", 0, NULL, FLAG, AT(keep_all), 0, NULL, NULL, "", "Fit every one of --restarts to its end."},
    {"max-iter", 0, "N", WHOLE, AT(max_iter), 1, NULL, NULL, NULL, "Stop after this many iterations."},
    {"batch", 0, "N", WHOLE, AT(batch), 1, NULL, NULL, "1024, or 10 K where that is more",
     "Columns (of a matrix with more rows: rows) that --solver online learns from at a time."},
    {"tol", 0, "X", REAL, AT(tol), 0, NULL, NULL, NULL, "When good is good enough, by the rule of --stop."},
    {"stop", 0, "RULE", CHOICE, AT(stop), 0, stop_choice, stop_summary, NULL, "When to stop."},
    {"time", 0, "T", DURATION, AT(time), 0, NULL, NULL, "none",
     "Stop in time, with what is there after T: seconds, or with a unit, as 90s, 10m, 1.5h."},
    {"checkpoint-every", 0, "T", DURATION, AT(checkpoint_every), 0, NULL, NULL, "none",
     "Keep what is reached every T in the folder of the result, until that is there; --resume goes on from it."},
    {"keep", 0, "WHICH", CHOICE, AT(keep), 0, keep_choice, NULL, "last",
     "Return the last iterate or the best one; they differ only for als."},
    {"dtype", 0, "TYPE", DTYPE, AT(dtype), 0, dtype_choice, NULL, "f64",
     "The numbers to compute with: double or single precision."},
    {"threads", 0, "N", WHOLE, AT(threads), 0, NULL, NULL, "0",
     "Threads to use; 0: every core. Results do not depend on it."},
    {"reproducible", 0, NULL, FLAG, AT(reproducible), 0, NULL, NULL, "",
     "Over several processes (nmf-mpi): the same bits as in one, whatever their number; more travels, and A is kept "
     "twice."},
    {"observed", 0, "WHICH", CHOICE, AT(observed), 0, observed_choice, observed_summary, "all", "Which entries count."},
    {"implicit", 0, "ALPHA", AMOUNT, AT(implicit), 0, NULL, NULL, "0",
     "Take entries as counts of events: each becomes 1 and weighs 1 + ALPHA times the count, zeros weigh 1."},
    {"alpha-w", 0, "X", AMOUNT, AT(alpha_w), 0, NULL, NULL, "0",
     "Penalty on W as scikit-learn scales it: the entries that count in a row times X times (R sum(W) + (1 - R)/2 "
     "|W|^2), R the "
     "--l1-ratio."},
    {"alpha-h", 0, "X", AMOUNT, AT(alpha_h), 0, NULL, NULL, "that of W", "Likewise on H, by those in a column."},
    {"l1-ratio", 0, "R", AMOUNT, AT(l1_ratio), 0, NULL, NULL, "0",
     "How much of --alpha-w and --alpha-h is for sums (1, which makes zeros) rather than squares (0)."},
    {"l1-w", 0, "X", AMOUNT, AT(l1_w), 0, NULL, NULL, "0", "Penalty X sum(W), not scaled: more zeros in W."},
    {"l1-h", 0, "X", AMOUNT, AT(l1_h), 0, NULL, NULL, "0", "Likewise on H."},
    {"l2-w", 0, "X", AMOUNT, AT(l2_w), 0, NULL, NULL, "0", "Penalty X/2 |W|^2, not scaled."},
    {"l2-h", 0, "X", AMOUNT, AT(l2_h), 0, NULL, NULL, "0", "Likewise on H."},
    {"ortho-w", 0, "X", AMOUNT, AT(ortho_w), 0, NULL, NULL, "0",
     "Penalty X/2 times the products of different columns of W with each other: components that overlap less."},
    {"ortho-h", 0, "X", AMOUNT, AT(ortho_h), 0, NULL, NULL, "0", "Likewise on the rows of H."},
    {"graph-weight", 0, "X", AMOUNT, AT(graph_weight), 0, NULL, NULL, "1", "How much --graph-h counts."},
    {"max-w", 0, "X", REAL, AT(max_w), 0, NULL, NULL, "none", "No entry of W above X."},
    {"max-h", 0, "X", REAL, AT(max_h), 0, NULL, NULL, "none", "No entry of H above X."},
    {"simplex", 0, "WHICH", CHOICE, AT(simplex), 0, simplex_choice, NULL, "none",
     "With h, the columns of H sum to 1: abundances."},
    {"free", 0, "WHICH", CHOICE, AT(free), 0, free_choice, NULL, "none",
     "With w, W and the matrix may have numbers below 0 (semi-NMF)."},
    {"symmetric", 0, NULL, FLAG, AT(symmetric), 0, NULL, NULL, "",
     "Find one factor for a symmetric matrix: A = H'H, W is H turned."},
    {"order", 0, "HOW", CHOICE, AT(order), 0, order_choice, order_summary, "weight, als start",
     "The order of the components."},
    {"unit", 0, "LENGTH", CHOICE, AT(unit), 0, unit_choice, unit_summary, "none",
     "Lengths of the columns of W and the rows of H; what is taken from them is written as d: A = W diag(d) H."},
};

enum { OPTIONS = sizeof table / sizeof *table };

void nmf_options_init(nmf_options *options) {
    *options = (nmf_options){.alpha_h = NMF_SAME};
}

static const option *option_named(const char *name) {
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

/* Append ", text" to a list in `room` bytes. */
static void append(char *list, size_t room, const char *separator, const char *text) {
    size_t used = strlen(list);
    snprintf(list + used, room - used, "%s%s", used ? separator : "", text);
}

/* "beta:B": a choice, and what stands behind it. */
static void print_choice(const option *entry, int64_t i, char *text, size_t room) {
    const char *parameter = entry->type == LOSS ? losses[i]->parameter : NULL;
    snprintf(text, room, "%s%s%s", entry->choice(i), parameter ? ":" : "", parameter ? parameter : "");
}

static void join_choices(const option *entry, const char *separator, char *text, size_t room) {
    text[0] = '\0';
    for (int64_t i = 0; entry->choice && entry->choice(i); i++) {
        char one[48];
        print_choice(entry, i, one, sizeof one);
        append(text, room, separator, one);
    }
}

/* "hals 500, bpp 500, mu 2000, als 100" */
static void each_solver(const option *entry, char *text, size_t room) {
    text[0] = '\0';
    for (int i = 0; updates[i]; i++) {
        const update *how = updates[i];
        char one[48];
        if (entry->offset == AT(max_iter)) {
            snprintf(one, sizeof one, "%s %lld", how->name, (long long)how->max_iter);
        } else if (entry->offset == AT(tol)) {
            snprintf(one, sizeof one, "%s %g", how->name, how->tol);
        } else {
            snprintf(one, sizeof one, "%s %s", how->name, entry->offset == AT(stop) ? how->stop : how->init);
        }
        append(text, room, ", ", one);
    }
}

/* "How to find them. auto: hals; hals: coordinate descent, …" */
static void explain(const option *entry, char *text, size_t room) {
    snprintf(text, room, "%s", entry->help);
    for (int64_t i = 0; entry->summary && entry->choice(i); i++) {
        char one[48];
        print_choice(entry, i, one, sizeof one);
        append(text, room, i == 0 ? " " : "; ", one);
        append(text, room, ": ", entry->summary(i));
    }
    if (entry->summary) {
        append(text, room, "", ".");
    }
}

bool nmf_option_at(int64_t index, nmf_option_info *info) {
    if (index < 0 || index >= OPTIONS) {
        return false;
    }
    const option *entry = &table[index];
    *info = (nmf_option_info){.name = entry->name, .letter = entry->letter, .argument = entry->argument};
    explain(entry, info->help, sizeof info->help);
    join_choices(entry, "|", info->choices, sizeof info->choices);
    if (entry->value) {
        snprintf(info->value, sizeof info->value, "%s", entry->value);
    } else {
        each_solver(entry, info->value, sizeof info->value);
    }
    return true;
}

static nmf_status set_whole(nmf_context *context, const option *entry, const char *text, void *field) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno || value < entry->least) {
        return fail(context, NMF_ERROR_USAGE, "%s is \"%s\"; it must be a whole number, %lld or above", entry->name,
                    text, (long long)entry->least);
    }
    *(int64_t *)field = value;
    return NMF_OK;
}

static nmf_status set_seed(nmf_context *context, const option *entry, const char *text, void *field) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || *end || errno || strchr(text, '-')) {
        return fail(context, NMF_ERROR_USAGE, "%s is \"%s\"; it must be a whole number, 0 or above", entry->name, text);
    }
    *(uint64_t *)field = value;
    return NMF_OK;
}

static nmf_status set_real(nmf_context *context, const option *entry, const char *text, void *field) {
    double value;
    const char *end = number_parse(text, &value);
    if (!end || *end || !isfinite(value) || value < 0 || (value == 0 && entry->type == REAL)) {
        return fail(context, NMF_ERROR_USAGE, "%s is \"%s\"; it must be a number %s 0%s, such as %s", entry->name, text,
                    entry->type == REAL ? "above" : "of", entry->type == REAL ? "" : " or above",
                    entry->offset == AT(tol) ? "1e-4" : "0.5");
    }
    *(double *)field = value;
    return NMF_OK;
}

static nmf_status set_duration(nmf_context *context, const option *entry, const char *text, void *field) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    double value = 0;
    const char *end = number_parse(text, &value);
    for (size_t t = 0; end && isfinite(value) && value > 0 && t < sizeof units / sizeof *units; t++) {
        if (strcmp(end, units[t].name) == 0) {
            *(double *)field = value * units[t].seconds;
            return NMF_OK;
        }
    }
    return fail(context, NMF_ERROR_USAGE,
                "%s is \"%s\"; it must be a number above 0 of seconds, or with a unit: 90s, 10m, 1.5h, 2d", entry->name,
                text);
}

static nmf_status refuse_choice(nmf_context *context, const option *entry, const char *text) {
    const char *names[16];
    int64_t count = 0;
    for (; count < 16 && entry->choice(count); count++) {
        names[count] = entry->choice(count);
    }
    char allowed[120];
    join_choices(entry, ", ", allowed, sizeof allowed);
    const char *closest = nmf_closest(text, names, count);
    return fail(context, NMF_ERROR_USAGE, "%s is \"%s\"; it must be one of %s%s%s%s", entry->name, text, allowed,
                closest ? ". Did you mean " : "", closest ? closest : "", closest ? "?" : "");
}

static nmf_status set_choice(nmf_context *context, const option *entry, const char *text, void *field) {
    for (int64_t i = 0; entry->choice(i); i++) {
        if (strcmp(entry->choice(i), text) == 0) {
            if (entry->type == DTYPE) {
                *(nmf_dtype *)field = (nmf_dtype)i;
            } else {
                *(const char **)field = entry->choice(i);
            }
            return NMF_OK;
        }
    }
    return refuse_choice(context, entry, text);
}

/* "huber:1.5": the name of a loss, and its number where it takes one. */
static nmf_status set_loss(nmf_context *context, const option *entry, const char *text, nmf_options *options) {
    size_t length = strcspn(text, ":");
    for (int i = 0; losses[i]; i++) {
        const loss *known = losses[i];
        if (strlen(known->name) != length || strncmp(known->name, text, length) != 0) {
            continue;
        }
        const char *number = text[length] ? text + length + 1 : NULL;
        double parameter = 0;
        const char *end = number ? number_parse(number, &parameter) : NULL;
        if (!known->parameter != !number || (number && (!end || *end || !isfinite(parameter)))) {
            return fail(context, NMF_ERROR_USAGE, "loss is \"%s\"; %s %s%s%s", text, known->name,
                        known->parameter ? "needs a finite number behind a colon, " : "takes no number",
                        known->parameter ? known->name : "", known->parameter ? ":1.5" : "");
        }
        options->loss = known->name;
        options->loss_parameter = parameter;
        return NMF_OK;
    }
    return refuse_choice(context, entry, text);
}

nmf_status nmf_options_set(nmf_context *context, nmf_options *options, const char *name, const char *value) {
    const option *entry = option_named(name);
    if (!entry) {
        const char *names[OPTIONS];
        for (size_t i = 0; i < OPTIONS; i++) {
            names[i] = table[i].name;
        }
        const char *closest = nmf_closest(name, names, OPTIONS);
        return fail(context, NMF_ERROR_USAGE, "there is no option \"%s\"%s%s%s", name, closest ? "; did you mean " : "",
                    closest ? closest : "", closest ? "?" : "");
    }
    void *field = (char *)options + entry->offset;
    switch (entry->type) {
    case WHOLE:
        return set_whole(context, entry, value, field);
    case SEED:
        return set_seed(context, entry, value, field);
    case REAL:
    case AMOUNT:
        return set_real(context, entry, value, field);
    case DURATION:
        return set_duration(context, entry, value, field);
    case LOSS:
        return set_loss(context, entry, value, options);
    case FLAG:
        *(bool *)field = true;
        return NMF_OK;
    default:
        return set_choice(context, entry, value, field);
    }
}

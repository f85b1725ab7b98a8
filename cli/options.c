#include "options.h"

#include "catalog.h"
#include "command.h"
#include "folder.h"
#include "say.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MOST = 20000 };

const own_option option_format = {
    {.name = "format", .argument = "NAME", .value = "csv", .help = "The format of the factors written."},
    OPTION_TEXT,
    offsetof(cli_settings, format),
    0};
const own_option option_format_out = {{.name = "format",
                                       .argument = "NAME",
                                       .value = "by OUT's ending",
                                       .help = "The format to write; needed where OUT is - or ends in something else."},
                                      OPTION_TEXT,
                                      offsetof(cli_settings, format_out),
                                      0};
const own_option option_quiet = {{.name = "quiet", .letter = 'q', .help = "No notes, warnings or progress on stderr."},
                                 OPTION_FLAG,
                                 offsetof(cli_settings, quiet),
                                 0};
const own_option option_json = {
    {.name = "json", .help = "Print the result as JSON on stdout."}, OPTION_FLAG, offsetof(cli_settings, json), 0};

const own_option option_samples = {{.name = "samples",
                                    .argument = "N",
                                    .value = "1000",
                                    .help = "Which samples belong together is looked at for this many columns, drawn "
                                            "where there are more."},
                                   OPTION_COUNT,
                                   offsetof(cli_settings, most_samples),
                                   SAMPLES_MOST};

/* What getopt_long returns for long options: past every letter. */
enum { LONG_FIRST = 256 };

typedef struct parser {
    nmf_context *context;
    const subcommand *command;
    catalog list;
    struct option longs[CATALOG_MAX + 1];
    char letters[2 * CATALOG_MAX + 2];
    cli_settings *settings;
} parser;

char *did_you_mean(const char *word, const char *prefix, const char *const *names, int64_t count) {
    const char *close = nmf_closest(word, names, count);
    return close ? text_of("; did you mean %s%s?", prefix, close) : text_of("%s", "");
}

static void prepare(parser *p) {
    size_t used = 0;
    p->letters[used++] = ':';
    for (int i = 0; i < p->list.count; i++) {
        const nmf_option_info *info = &p->list.entries[i].info;
        bool takes = info->argument != NULL;
        p->longs[i] = (struct option){info->name, takes ? required_argument : no_argument, NULL, LONG_FIRST + i};
        if (info->letter) {
            p->letters[used++] = info->letter;
            if (takes) {
                p->letters[used++] = ':';
            }
        }
    }
    p->letters[used] = '\0';
}

static const option_entry *entry_of(const parser *p, int code) {
    return code >= LONG_FIRST ? &p->list.entries[code - LONG_FIRST] : catalog_letter(&p->list, code);
}

static nmf_status refuse_choice(const nmf_option_info *info, const char *value) {
    char *copy = text_of("%s", info->choices);
    const char *words[CATALOG_MAX];
    char *close = did_you_mean(value, "", words, choices_split(copy, words, CATALOG_MAX));
    char *allowed = choices_sentence(info->choices);
    complain(NMF_ERROR_USAGE, "--%s takes %s, not \"%s\"%s", info->name, allowed, value, close);
    free(allowed);
    free(close);
    free(copy);
    return NMF_ERROR_USAGE;
}

static bool is_choice(const char *choices, const char *value) {
    char *copy = text_of("%s", choices);
    const char *words[CATALOG_MAX];
    int count = choices_split(copy, words, CATALOG_MAX);
    bool found = false;
    for (int i = 0; i < count; i++) {
        found = found || strcmp(words[i], value) == 0;
    }
    free(copy);
    return found;
}

static nmf_status set_count(const own_option *own, const char *value, int64_t *count) {
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10), least = own->kind == OPTION_COUNT ? 1 : 0;
    if (end == value || *end != '\0' || errno != 0 || number < least || number > own->most) {
        return complain(NMF_ERROR_USAGE, "--%s takes a whole number from %lld to %" PRId64 ", not \"%s\"",
                        own->info.name, least, own->most, value);
    }
    *count = number;
    return NMF_OK;
}

static nmf_status set_sum(const own_option *own, const char *value, double *sum) {
    char *end = NULL;
    double number = strtod(value, &end);
    if (strcmp(value, "median") == 0) {
        number = NMF_NORMALIZE_MEDIAN;
    } else if (end == value || *end != '\0' || !(number > 0) || !isfinite(number)) {
        return complain(NMF_ERROR_USAGE, "--%s takes a number above 0 or median, not \"%s\"", own->info.name, value);
    }
    *sum = number;
    return NMF_OK;
}

static nmf_status set_amount(const own_option *own, const char *value, double *amount) {
    char *end = NULL;
    bool share = own->kind == OPTION_SHARE;
    double number = strtod(value, &end);
    if (end == value || *end != '\0' || !(number > 0) || !isfinite(number) || (share && number >= 1)) {
        return complain(NMF_ERROR_USAGE, "--%s takes a number above 0%s, not \"%s\"", own->info.name,
                        share ? " and below 1" : "", value);
    }
    *amount = number;
    return NMF_OK;
}

/* Bytes, or thousands, millions, … of them by K, M, G or T; also with a B behind. */
static nmf_status set_size(const own_option *own, const char *value, double *size) {
    static const char units[] = "KMGT";
    char *end = NULL;
    double number = strtod(value, &end);
    bool begins = end != value && number > 0 && isfinite(number);
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    for (const char *u = units; unit && u <= unit; u++) {
        number *= 1000;
    }
    end += unit ? 1 : 0;
    end += toupper((unsigned char)*end) == 'B' ? 1 : 0;
    if (!begins || *end != '\0' || number < 1) {
        return complain(NMF_ERROR_USAGE, "--%s takes a size such as 500M or 4G, not \"%s\"", own->info.name, value);
    }
    *size = number;
    return NMF_OK;
}

static nmf_status set_own(const option_entry *entry, const char *value, cli_settings *settings) {
    char *place = (char *)settings + entry->own->offset;
    switch (entry->own->kind) {
    case OPTION_FLAG:
        *(bool *)place = true;
        return NMF_OK;
    case OPTION_COUNT:
    case OPTION_COUNT_OR_NONE:
        return set_count(entry->own, value, (int64_t *)place);
    case OPTION_SUM:
        return set_sum(entry->own, value, (double *)place);
    case OPTION_AMOUNT:
    case OPTION_SHARE:
        return set_amount(entry->own, value, (double *)place);
    case OPTION_SIZE:
        return set_size(entry->own, value, (double *)place);
    case OPTION_TEXT:
        break;
    }
    if (*entry->info.choices && !is_choice(entry->info.choices, value)) {
        return refuse_choice(&entry->info, value);
    }
    if (*value == '\0') {
        return complain(NMF_ERROR_USAGE, "--%s needs a value, %s, and was given nothing", entry->info.name,
                        entry->info.argument);
    }
    *(const char **)place = value;
    return NMF_OK;
}

/* --init DIR is --start DIR where there is one: a folder, and no name of an init. */
static bool names_start(const parser *p, const option_entry *entry, const char *value) {
    bool starts = false;
    for (int i = 0; i < p->list.count; i++) {
        const own_option *own = p->list.entries[i].own;
        starts = starts || (own && own->offset == offsetof(cli_settings, start));
    }
    return starts && strcmp(entry->info.name, "init") == 0 && !is_choice(entry->info.choices, value) &&
           folder_is(value);
}

static nmf_status set_option(parser *p, const option_entry *entry, const char *value) {
    if (entry->own) {
        return set_own(entry, value, p->settings);
    }
    if (names_start(p, entry, value)) {
        p->settings->start = value;
        return NMF_OK;
    }
    nmf_status status = nmf_options_set(p->context, &p->settings->fit, entry->info.name, value);
    if (status != NMF_OK) {
        return complain_context(status, p->context);
    }
    p->settings->rank_given = p->settings->rank_given || strcmp(entry->info.name, "rank") == 0;
    return NMF_OK;
}

static nmf_status refuse_long(const parser *p, const char *word) {
    const char *names[CATALOG_MAX];
    char *begun = NULL;
    size_t length = strcspn(word, "=");
    for (int i = 0; i < p->list.count; i++) {
        names[i] = p->list.entries[i].info.name;
        if (strncmp(names[i], word, length) == 0) {
            char *longer = text_of("%s%s--%s", begun ? begun : "", begun ? "|" : "", names[i]);
            free(begun);
            begun = longer;
        }
    }
    char *bare = text_of("%.*s", (int)length, word);
    if (begun) {
        char *all = choices_sentence(begun);
        complain(NMF_ERROR_USAGE, "--%s could be %s: write it out", bare, all);
        free(all);
    } else {
        char *close = did_you_mean(bare, "--", names, p->list.count);
        complain(NMF_ERROR_USAGE, "%s has no option --%s%s%s", p->command->name, bare, close,
                 *close ? "" : " (--help lists them)");
        free(close);
    }
    free(bare);
    free(begun);
    return NMF_ERROR_USAGE;
}

static nmf_status refuse(const parser *p, int code, char **argv) {
    const option_entry *entry = optopt ? entry_of(p, optopt) : NULL;
    if (code == ':' && entry) {
        const nmf_option_info *info = &entry->info;
        char *allowed =
            *info->choices ? choices_sentence(info->choices) : text_of("%s. %s", info->argument, info->help);
        complain(NMF_ERROR_USAGE, "--%s needs a value: %s", info->name, allowed);
        free(allowed);
        return NMF_ERROR_USAGE;
    }
    if (entry) {
        return complain(NMF_ERROR_USAGE, "--%s takes no value", entry->info.name);
    }
    if (optopt) {
        return complain(NMF_ERROR_USAGE, "%s has no option -%c (--help lists them)", p->command->name, optopt);
    }
    return refuse_long(p, argv[optind - 1] + 2);
}

static nmf_status take_files(const subcommand *command, int argc, char **argv, cli_settings *settings) {
    char *copy = text_of("%s", command->arguments);
    char *rest = NULL;
    int given = argc - optind, taken = 0;
    nmf_status status = NMF_OK;
    for (char *word = strtok_r(copy, " ", &rest); word && status == NMF_OK; word = strtok_r(NULL, " ", &rest)) {
        if (taken >= given && *word == '[') {
            continue;
        }
        if (taken >= given) {
            status = complain(NMF_ERROR_USAGE, "%s needs %s: nmf %s %s %s", command->name, word, command->name,
                              command->arguments, command->usage);
        } else {
            settings->files[taken] = argv[optind + taken];
            taken++;
        }
    }
    free(copy);
    if (status == NMF_OK && given > taken) {
        status = complain(NMF_ERROR_USAGE, "%s takes %s and nothing more; what is \"%s\"?", command->name,
                          command->arguments, argv[optind + taken]);
    }
    return status;
}

nmf_status options_parse(nmf_context *context, const subcommand *command, int argc, char **argv,
                         cli_settings *settings) {
    parser p = {.context = context, .command = command, .settings = settings};
    catalog_fill(&p.list, command);
    prepare(&p);
    opterr = 0;
    optind = 0;
    int code = 0;
    while ((code = getopt_long(argc, argv, p.letters, p.longs, NULL)) != -1) {
        nmf_status status =
            code == '?' || code == ':' ? refuse(&p, code, argv) : set_option(&p, entry_of(&p, code), optarg);
        if (status != NMF_OK || settings->help || settings->version) {
            return status;
        }
    }
    return take_files(command, argc, argv, settings);
}

nmf_status options_check(nmf_context *context, const cli_settings *settings) {
    nmf_options options = settings->fit;
    options.rank = settings->rank_given ? options.rank : 1;
    options.graph_weight = settings->graph ? 0 : options.graph_weight;
    nmf_status status = nmf_options_check(context, &options);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

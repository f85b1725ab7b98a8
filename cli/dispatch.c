/* Finds the subcommand, reads its options, runs it. */
#include "dispatch.h"
#include "command.h"
#include "progress.h"
#include "say.h"
#include "signals.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const subcommand *const commands[] = {
    &command_fit,       &command_plan,    &command_rank,      &command_consensus, &command_info, &command_convert,
    &command_transform, &command_predict, &command_recommend, &command_top,       &command_draw};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void usage(FILE *to) {
    fprintf(to, "Usage: nmf COMMAND [ARGUMENTS] [OPTIONS]\n\nNon-negative matrix factorization: A = W H, nothing below "
                "zero.\n\nCommands:\n");
    for (int i = 0; i < COMMANDS; i++) {
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    fprintf(to, "  %-10s %s\n", "help", "The help of a command: nmf help fit");
    fprintf(to, "\nOptions:\n  -h, --help     This help; nmf COMMAND --help for a command's own.\n"
                "      --version  The version.\n\n"
                "Start with: nmf fit FILE -k 10\n\n"
                "Data goes to stdout, everything else to stderr. Exit codes: 0 fine, 2 usage, 3 bad input,\n"
                "4 output could not be written, 5 memory, 130 interrupted.\n");
}

static const subcommand *find(const char *name) {
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static nmf_status refuse(const char *word) {
    const char *names[COMMANDS + 3] = {"help", "--help", "--version"};
    for (int i = 0; i < COMMANDS; i++) {
        names[i + 3] = commands[i]->name;
    }
    const char *what = word[0] == '-' ? "option" : "command";
    char *close = did_you_mean(word, "", names, COMMANDS + 3);
    complain(NMF_ERROR_USAGE, "there is no %s \"%s\"%s%s", what, word, close,
             *close ? ""
                    : "; the commands are fit, plan, rank, consensus, info, convert, transform, predict, recommend, "
                      "top and draw");
    free(close);
    return NMF_ERROR_USAGE;
}

static nmf_status help(const char *word) {
    const subcommand *command = word ? find(word) : NULL;
    if (word && !command) {
        return refuse(word);
    }
    if (command) {
        options_help(command);
    } else {
        usage(stdout);
    }
    return NMF_OK;
}

static nmf_status version(void) {
    printf("nmf %s\n", nmf_version());
    return NMF_OK;
}

static nmf_status check_processes(const nmf_context *context, const subcommand *command) {
    int64_t processes = nmf_context_processes(context);
    return processes == 1 || command->several
               ? NMF_OK
               : complain(NMF_ERROR_USAGE,
                          "%s is for one process, and these are %" PRId64 ": use nmf %s; several do fit, rank and "
                          "consensus",
                          command->name, processes, command->name);
}

static nmf_status run(nmf_context *context, const subcommand *command, int argc, char **argv) {
    cli_settings settings = {.format = nmf_format_at(0),
                             .count = 10,
                             .order = "row",
                             .masks = 3,
                             .held_out = 0.1,
                             .density = 0.5,
                             .nearest = 0.3,
                             .level = 0.9,
                             .most_samples = 1000};
    nmf_options_init(&settings.fit);
    nmf_status status = options_parse(context, command, argc, argv, &settings);
    if (status != NMF_OK) {
        return status;
    }
    if (settings.help) {
        return help(command->name);
    }
    if (settings.version) {
        return version();
    }
    say_quiet(settings.quiet);
    status = check_processes(context, command);
    if (status == NMF_OK) {
        status = options_check(context, &settings);
    }
    return status == NMF_OK ? command->run(context, &settings) : status;
}

static nmf_status choose(nmf_context *context, int argc, char **argv) {
    if (argc < 2) {
        usage(stderr);
        return NMF_ERROR_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) {
        return version();
    }
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return help(argv[2]);
    }
    const subcommand *command = find(word);
    return command ? run(context, command, argc - 1, argv + 1) : refuse(word);
}

/* A full disk shows here at the latest; a reader that has left, as head does, wants no more of us, not a sentence. */
static nmf_status finish(nmf_status status) {
    say_line_clear();
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    if (failed && status == NMF_OK && signals_reader_left()) {
        signals_end_by_pipe();
        return NMF_ERROR_OUTPUT;
    }
    return failed && status == NMF_OK ? complain(NMF_ERROR_OUTPUT, "standard output: %s", strerror(errno)) : status;
}

nmf_status dispatch_begin(nmf_context **context) {
    /* Failed writes are to come back as errors, with their sentence, rather than end the program. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    json_set_alloc_funcs(room_for_json, free);
    if (nmf_context_new(NULL, context) != NMF_OK) {
        return complain(NMF_ERROR_MEMORY, "there is no memory even to begin");
    }
    nmf_context_on_warning(*context, say_warning, NULL);
    nmf_context_on_bytes(*context, progress_bytes, NULL);
    return NMF_OK;
}

nmf_status dispatch(nmf_context *context, int argc, char **argv) {
    return finish(choose(context, argc, argv));
}

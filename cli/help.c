/* The long help of a subcommand, from the same table that its options are parsed by. */
#include "catalog.h"
#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_WIDTH = 96, HELP_COLUMN = 28 };

static void print_wrapped(const char *text, int column) {
    int at = column;
    for (const char *word = text; *word;) {
        int length = (int)strcspn(word, " \n");
        if (at > column && at + 1 + length > HELP_WIDTH) {
            printf("\n%*s", column, "");
            at = column;
        }
        at += printf("%s%.*s", at > column ? " " : "", length, word);
        word += length;
        word += strspn(word, " \n");
    }
    putchar('\n');
}

static void print_option(const nmf_option_info *info) {
    const char *value = *info->choices ? info->choices : info->argument;
    char *left = info->letter
                     ? text_of("  -%c, --%s%s%s", info->letter, info->name, value ? " " : "", value ? value : "")
                     : text_of("      --%s%s%s", info->name, value ? " " : "", value ? value : "");
    bool has_default = info->argument && *info->value;
    char *right = has_default ? text_of("%s (default %s)", info->help, info->value) : text_of("%s", info->help);
    if (strlen(left) + 2 > HELP_COLUMN) {
        printf("%s\n%*s", left, HELP_COLUMN, "");
    } else {
        printf("%-*s", HELP_COLUMN, left);
    }
    print_wrapped(right, HELP_COLUMN);
    free(left);
    free(right);
}

void options_help(const subcommand *command) {
    catalog list;
    catalog_fill(&list, command);
    printf("%s\n\nUsage: nmf %s %s %s\n\n%s\nOptions:\n", command->summary, command->name, command->arguments,
           command->usage, command->more);
    for (int i = 0; i < list.count; i++) {
        print_option(&list.entries[i].info);
    }
}

/* The options one subcommand takes, from the library's table and its own, in the order of its help. */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include "command.h"

enum { CATALOG_MAX = 64 };

typedef struct option_entry {
    nmf_option_info info;
    const own_option *own; /* NULL: the library's */
} option_entry;

typedef struct catalog {
    option_entry entries[CATALOG_MAX];
    int count;
} catalog;

void catalog_fill(catalog *list, const subcommand *command);

/* The entry of a letter, or NULL. */
const option_entry *catalog_letter(const catalog *list, int letter);

/* "a, b or c" from "a|b|c"; to be freed. */
char *choices_sentence(const char *choices);

/* Cut "a|b|c" at its bars in place; at most `most` words. Returns how many. */
int choices_split(char *choices, const char **words, int most);

#endif

#include "catalog.h"

#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const own_option option_help = {{.name = "help", .letter = 'h', .help = "Print this help and leave."},
                                       OPTION_FLAG,
                                       offsetof(cli_settings, help),
                                       0};

static const own_option option_version = {
    {.name = "version", .help = "Print the version and leave."}, OPTION_FLAG, offsetof(cli_settings, version), 0};

static void add(catalog *list, const nmf_option_info *info, const own_option *own) {
    if (list->count < CATALOG_MAX) {
        list->entries[list->count++] = (option_entry){*info, own};
    }
}

static bool wanted(const char *const *names, const char *name) {
    bool found = false;
    for (; *names; names++) {
        if (**names == '-' && strcmp(*names + 1, name) == 0) {
            return false;
        }
        found = found || strcmp(*names, "*") == 0 || strcmp(*names, name) == 0;
    }
    return found;
}

static void join_formats(char *text, size_t room) {
    size_t used = 0;
    const char *name = NULL;
    for (int64_t i = 0; (name = nmf_format_at(i)) && used + strlen(name) + 2 < room; i++) {
        used += (size_t)snprintf(text + used, room - used, "%s%s", i > 0 ? "|" : "", name);
    }
}

void catalog_fill(catalog *list, const subcommand *command) {
    *list = (catalog){.count = 0};
    nmf_option_info info;
    for (int64_t i = 0; nmf_option_at(i, &info); i++) {
        if (wanted(command->fit, info.name)) {
            add(list, &info, NULL);
        }
    }
    for (const own_option *const *own = command->own; *own; own++) {
        info = (*own)->info;
        if (*own == &option_format || *own == &option_format_out) {
            join_formats(info.choices, sizeof info.choices);
        }
        add(list, &info, *own);
    }
    add(list, &option_help.info, &option_help);
    add(list, &option_version.info, &option_version);
}

const option_entry *catalog_letter(const catalog *list, int letter) {
    for (int i = 0; i < list->count; i++) {
        if (letter != 0 && list->entries[i].info.letter == letter) {
            return &list->entries[i];
        }
    }
    return NULL;
}

int choices_split(char *choices, const char **words, int most) {
    int count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(choices, "|", &rest); word && count < most; word = strtok_r(NULL, "|", &rest)) {
        words[count++] = word;
    }
    return count;
}

char *choices_sentence(const char *choices) {
    char *copy = text_of("%s", choices);
    const char *words[CATALOG_MAX];
    int count = choices_split(copy, words, CATALOG_MAX);
    char *sentence = text_of("%s", count > 0 ? words[0] : "");
    for (int i = 1; i < count; i++) {
        char *longer = text_of("%s%s%s", sentence, i + 1 < count ? ", " : " or ", words[i]);
        free(sentence);
        sentence = longer;
    }
    free(copy);
    return sentence;
}

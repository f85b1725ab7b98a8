/* The rows of W or the columns of H, found by their names where they have names, else by number. */
#ifndef CLI_LOOKUP_H
#define CLI_LOOKUP_H

#include "nmf/nmf.h"

typedef struct lookup {
    const char *what;   /* "row", "column" */
    int64_t count;      /* how many there are */
    const char **names; /* of each, owned by the matrix; NULL: they have none */
    int64_t *sorted;    /* their places by name, equal ones ascending; NULL without names */
} lookup;

/* The rows of a matrix, which must outlive it, or its columns. */
lookup lookup_new(const nmf_matrix *matrix, bool columns);

/* The same places by number, for files that hold numbers alone. Nothing of it is to be freed. */
lookup lookup_by_number(const lookup *in);

void lookup_free(lookup *in);

/* What lookup_find returns for a word that nothing is called, or more than one. */
enum { LOOKUP_NONE = -1, LOOKUP_SHARED = -2 };

/* The place of `word`, counted from 0. */
int64_t lookup_find(const lookup *in, const char *word);

/* Complain that lookup_find did not find `word`, which stands `where` ("FILE, line 3"), and return `status`. */
nmf_status lookup_refuse(const lookup *in, const char *word, const char *where, nmf_status status);

/* Is there a name like this one, so that it might be a misspelt one? */
bool lookup_is_close(const lookup *in, const char *word);

/* What place `i` is called: its name as a field of CSV, or its number. To be freed. */
char *lookup_field(const lookup *in, int64_t i);

#endif

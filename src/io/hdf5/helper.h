/*
 * A helper program: a process of its own for what is not trusted in this one. It is started with pipes, in a process
 * group of its own (a terminal's Ctrl-C is for the host), and whatever becomes of it, the host is told in a sentence.
 */
#ifndef NMF_IO_HELPER_H
#define NMF_IO_HELPER_H

#include "base/context.h"

#include <sys/types.h>

enum { HELPER_SENTENCE = 800 };

typedef struct helper {
    nmf_context *context;
    const char *name; /* of the file it is for */
    pid_t pid;        /* 0: not started */
    int to;           /* its stdin, a socket; -1: not ours */
    int from;         /* its stdout; -1: not ours */
    int saying;       /* its stderr */
    int64_t sent;     /* bytes to its stdin */
    bool ended;       /* its stdout has come to an end */
} helper;

/*
 * Start the program at `path`. `arguments` ends with NULL, its first is the program's name. The descriptor `file`,
 * which messages call `name`, is its descriptor 3. It reads from us where `writes`, else it writes to us. Where this
 * fails there is nothing to close.
 */
nmf_status helper_start(nmf_context *context, const char *path, const char *const *arguments, const char *name,
                        int file, bool writes, helper *out);

/* What it writes: at least one byte unless it has ended. */
nmf_status helper_read(helper *h, void *bytes, size_t room, size_t *got);

/* Hand it bytes; false where it takes no more, whose reason helper_close tells. */
bool helper_write(const helper *h, const void *bytes, size_t count);

/* How it ended. */
typedef struct helper_end {
    bool well; /* with 0, or nobody knows: a host may have its children waited for elsewhere */
    /* Where it did not: what it ended with and said or, where that was not for us, NMF_OK and what is known of it. */
    nmf_status status;
    char sentence[HELPER_SENTENCE];
} helper_end;

/* Wait for its end; one that was not read to its end is ended. Everything of it is gone afterwards. */
void helper_close(helper *h, helper_end *end);

#endif

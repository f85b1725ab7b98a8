/* What the command says to people, all of it on stderr, and the memory it holds. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "nmf/nmf.h"

#define SAY_PRINTF(sentence, first) __attribute__((format(printf, sentence, first)))

/* Print "nmf: …" and return `status`: `return complain(NMF_ERROR_USAGE, "…");` Never silenced. */
nmf_status complain(nmf_status status, const char *format, ...) SAY_PRINTF(2, 3);

/* The same with the sentence of the library's last failure. */
nmf_status complain_context(nmf_status status, const nmf_context *context);

/* A note: what was done, where the files are. Silent after say_quiet(true). */
void note(const char *format, ...) SAY_PRINTF(1, 2);

/* A warning; fits nmf_context_on_warning. */
void say_warning(void *user, const char *sentence);

void say_quiet(bool quiet);

/* True where notes are wanted and stderr is a terminal: then a line may be rewritten in place. */
bool say_live(void);

/* Show `text` on a line that the next thing said replaces; `color` is an escape sequence or "". */
void say_line(const char *text, const char *color);
void say_line_clear(void);

/* `count` zeroed elements of `size` bytes, never NULL: without memory the command ends here, with its sentence. */
/* Has complain been called? */
bool say_complained(void);

void *room_for(size_t count, size_t size);
void *room_for_json(size_t bytes);

/* printf into memory of its own, never NULL; to be freed. */
char *text_of(const char *format, ...) SAY_PRINTF(1, 2);

/* "12.3 MB"; to be freed. */
char *size_text(double bytes);

#endif

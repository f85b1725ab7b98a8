/* UTF-8, on plain bytes: nothing of a context, since programs beside the library use it too. */
#ifndef NMF_IO_UTF8_H
#define NMF_IO_UTF8_H

#include <stddef.h>

/* Bytes of the character that `text` begins with; 0 where it is not one, or is longer than `bytes`. */
size_t utf8_character(const char *text, size_t bytes);

/* How many bytes of `text` are whole characters, up to the first that is not; NUL is none. */
size_t utf8_run(const char *text, size_t bytes);

#endif

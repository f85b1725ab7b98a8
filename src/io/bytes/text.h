/* Steps through a line of text. */
#ifndef NMF_IO_TEXT_H
#define NMF_IO_TEXT_H

#include <stdint.h>

/* Past the blanks at `text`. */
const char *text_blanks(const char *text);

/* A whole number below 2^63, or NULL; leading blanks are passed over. */
const char *text_integer(const char *text, int64_t *value);

#endif

/* Text for pictures. */
#ifndef CLI_LEGIBLE_H
#define CLI_LEGIBLE_H

/* A copy with a question mark for every byte that is not part of a printable character in UTF-8. To be freed. */
char *legible(const char *text);

#endif

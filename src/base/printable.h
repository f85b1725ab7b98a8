/* Text that people may be shown, whatever it quotes. */
#ifndef NMF_BASE_PRINTABLE_H
#define NMF_BASE_PRINTABLE_H

/*
 * Put a question mark in the place of every byte that is not part of a printable character in UTF-8: control
 * characters, which a terminal would obey, and characters that are broken or cut.
 */
void make_printable(char *text);

#endif

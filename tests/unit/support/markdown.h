/* Tables in a document of ours, read as data. */
#ifndef SUPPORT_MARKDOWN_H
#define SUPPORT_MARKDOWN_H

#include <stdbool.h>

/*
 * Visit every cell of the tables whose first heading is empty and whose rows begin with a word in backticks: the word
 * of its row, the heading of its column and what stands in it, without blanks and backticks. False where the file
 * cannot be read.
 */
bool markdown_tables(const char *path, void (*visit)(void *user, const char *row, const char *column, const char *cell),
                     void *user);

#endif

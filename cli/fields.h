/* A line of a text table, cut into its fields. */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

/* What separates the fields of a line: a tab where it has one, else a comma, else a semicolon, else ' ' for blanks. */
char fields_separator(const char *line);

/*
 * Cut a line in place; quotes are as in CSV, blanks around fields mean nothing. Returns how many fields there are, of
 * which the first `most` are in `fields`, or -1 where a quote is not closed or something stands behind it.
 */
int fields_split(char *line, char separator, char **fields, int most);

#endif

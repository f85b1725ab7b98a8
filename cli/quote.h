/* Names as fields of text. */
#ifndef CLI_QUOTE_H
#define CLI_QUOTE_H

/* The name in quotes as it is in CSV, but on one line: a line break is shown as a blank. To be freed. */
char *quoted(const char *name);

/* The name as a field of CSV, in quotes where it needs them. To be freed. */
char *csv_field_of(const char *name);

#endif

/* What a run came to, as JSON. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "lookup.h"
#include "options.h"

#include <jansson.h>

/* A number, or null for NaN and infinities, which JSON has no word for. */
json_t *report_number(double value);

/* A string; bytes that are not UTF-8 become '?'. NULL becomes null. */
json_t *report_text(const char *text);

/* Add a row or column: under `key` its number, counted from 1, under `name` its name, null where there is none. */
void report_place(json_t *report, const char *key, const char *name, const lookup *in, int64_t place);

/* The content of fit.json, with what the user gave. */
json_t *report_fit(const nmf_summary *summary, const cli_settings *settings);

/* "beta:0.5"; to be freed. */
char *report_loss(const nmf_summary *summary);
char *report_loss_text(const char *loss, double parameter);

/* What a fit was given besides its matrix, and what was done to that; nothing about what was not. */
json_t *report_given(const cli_settings *settings);
json_t *report_prepare(const nmf_prepare_options *how);

/* A seed; as text where many that will read it have no such integer. */
json_t *report_seed(uint64_t seed);

/* A hash: 16 hexadecimal digits. */
json_t *report_hash(uint64_t hash);

/* The content of transform.json, with what the user gave. */
json_t *report_transform(const nmf_summary *summary, const cli_settings *settings);

/* Write to a file, whole or not at all. Complains. */
nmf_status report_write(nmf_context *context, const char *folder, const char *name, const json_t *report);

/* Read what report_write wrote for `maker`, a command, to be given back by json_decref. Complains. */
nmf_status report_read(const char *folder, const char *name, const char *maker, json_t **report);

/* Print to stdout. */
void report_print(const json_t *report);

#endif

/* What a run came to, as JSON. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "options.h"

#include <jansson.h>

/* A number, or null for NaN and infinities, which JSON has no word for. */
json_t *report_number(double value);

/* A string; bytes that are not UTF-8 become '?'. NULL becomes null. */
json_t *report_text(const char *text);

/* The content of fit.json, with what the user gave. */
json_t *report_fit(const nmf_summary *summary, const cli_settings *settings);

/* "beta:0.5"; to be freed. */
char *report_loss(const nmf_summary *summary);

/* The content of transform.json; `model` is the folder W came from. */
json_t *report_transform(const nmf_summary *summary, const char *model, const nmf_prepare_options *prepare,
                         const char *input, const char *format);

/* Write to a file, whole or not at all. Complains. */
nmf_status report_write(nmf_context *context, const char *folder, const char *name, const json_t *report);

/* Print to stdout. */
void report_print(const json_t *report);

#endif

/* cmocka with what it needs around it, and what the tests of files say often. */
#ifndef SUPPORT_EXPECT_H
#define SUPPORT_EXPECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Before cmocka, whose macro fail() would hide the library's. */
#include "base/context.h"
#include "support/files.h"
#include "support/memory.h"

#include <cmocka.h>

/* Reading the file fails as INPUT, and the sentence holds `part`. */
void expect_refused(folder *in, const char *path, const char *part);

/* Reading the file gives rows×cols with these entries, row by row. */
void expect_matrix(folder *in, const char *path, int64_t rows, int64_t cols, const double *entries);

/* Read with memory that counts: a failure has a sentence, and nothing may be left. Returns the status. */
nmf_status read_counted(const char *path, nmf_dtype dtype, scarce *memory);

/* `work` frees what it makes. Each of its requests for memory refused in turn is a failure that leaves nothing. */
void expect_memory_refused(nmf_status (*work)(nmf_context *context));

#endif

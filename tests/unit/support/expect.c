#include "support/expect.h"

#include <stdlib.h>
#include <string.h>

void expect_refused(folder *in, const char *path, const char *part) {
    nmf_matrix *matrix = (nmf_matrix *)(uintptr_t)1;
    assert_int_equal(nmf_matrix_read(in->context, path, NULL, &matrix), NMF_ERROR_INPUT);
    assert_null(matrix);
    const char *message = nmf_context_message(in->context);
    if (!strstr(message, part)) {
        fail_msg("expected \"%s\" in \"%s\"", part, message);
    }
    if (!strstr(message, path)) {
        fail_msg("expected the path in \"%s\"", message);
    }
}

void expect_matrix(folder *in, const char *path, int64_t rows, int64_t cols, const double *entries) {
    nmf_matrix *matrix;
    nmf_matrix_info info;
    if (nmf_matrix_read(in->context, path, NULL, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(in->context));
    }
    nmf_matrix_get_info(matrix, &info);
    assert_int_equal(info.rows, rows);
    assert_int_equal(info.cols, cols);
    double *found = calloc((size_t)(rows * cols), sizeof *found);
    assert_non_null(found);
    nmf_matrix_copy(matrix, found);
    for (int64_t i = 0; i < rows * cols; i++) {
        if (memcmp(&found[i], &entries[i], sizeof *found) != 0) {
            fail_msg("entry %lld is %.17g, expected %.17g", (long long)i, found[i], entries[i]);
        }
    }
    free(found);
    nmf_matrix_free(matrix);
}

nmf_status read_counted(const char *path, nmf_dtype dtype, scarce *memory) {
    nmf_context *context;
    nmf_matrix *matrix;
    nmf_read_options options = {.dtype = dtype};
    nmf_allocator allocator = scarce_allocator(memory);
    nmf_status status = nmf_context_new(&allocator, &context);
    if (status == NMF_OK) {
        status = nmf_matrix_read(context, path, &options, &matrix);
        assert_int_equal(matrix == NULL, status != NMF_OK);
        if (status != NMF_OK) {
            assert_true(strlen(nmf_context_message(context)) > 10);
        }
        nmf_matrix_free(matrix);
        nmf_context_free(context);
    }
    assert_int_equal(memory->live, 0);
    return status;
}

void expect_memory_refused(nmf_status (*work)(nmf_context *context)) {
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_status status = NMF_ERROR_MEMORY;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    for (int64_t at = 1; status != NMF_OK; at++) {
        memory.calls = 0;
        memory.fail_at = at;
        status = work(context);
        assert_true(status == NMF_ERROR_MEMORY || (status == NMF_OK && at > 1 && memory.calls < at));
        assert_int_equal(memory.live, 1);
    }
    memory.fail_at = 0;
    nmf_context_free(context);
}

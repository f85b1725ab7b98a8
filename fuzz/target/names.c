/* A list of names in a file of its own, for the rows or the columns of a matrix that has up to four of them. */
#include "io/beside.h"
#include "target.h"

#include <string.h>

enum { LINES = 0x03, FOR_COLUMNS = 0x04 };

static nmf_status read_names(const input *in, nmf_matrix **matrix) {
    static const double ones[LINES + 1] = {1, 1, 1, 1};
    bool columns = in->choice & FOR_COLUMNS;
    int64_t lines = (in->choice & LINES) + 1;
    const char *path = input_file(in);
    nmf_read_options how = {.row_names = columns ? NULL : path, .col_names = columns ? path : NULL};
    nmf_status status = nmf_matrix_dense(in->context, columns ? 1 : lines, columns ? lines : 1, NMF_F64, ones,
                                         columns ? lines : 1, columns ? 1 : lines, 0, matrix);
    return status == NMF_OK ? names_from_files(*matrix, STREAM_STANDARD, &how) : status;
}

const target fuzz_target = {.read = read_names};

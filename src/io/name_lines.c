#include "io/name_lines.h"
#include "io/bytes/stream.h"

#include <string.h>

static nmf_status add_line(const stream *in, char *line, size_t length, int64_t number, int64_t most, names *list,
                           bool *more) {
    size_t mark = number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (memchr(line, '\0', length)) {
        return fail(list->context, NMF_ERROR_INPUT, "%s, line %lld: a NUL byte is not allowed in a name",
                    stream_path(in), (long long)number);
    }
    if (list->count < most) {
        return names_add(list, line + mark, length - mark);
    }
    /* Blank lines at the end are no names. */
    *more = length > mark;
    return NMF_OK;
}

static nmf_status read_lines(stream *in, int64_t most, names *list, bool *more) {
    while (!*more) {
        char *line;
        size_t length;
        int64_t number;
        nmf_status status = stream_line(in, &line, &length, &number);
        if (status != NMF_OK || !line) {
            return status;
        }
        status = add_line(in, line, length, number, most, list, more);
        if (status != NMF_OK) {
            return status;
        }
    }
    return NMF_OK;
}

nmf_status name_lines_read(nmf_context *context, const char *path, int64_t most, names *list, bool *more) {
    stream *in;
    *list = names_empty(context);
    *more = false;
    nmf_status status = stream_open(context, path, &in);
    if (status != NMF_OK) {
        return status;
    }
    status = read_lines(in, most, list, more);
    stream_close(in);
    if (status != NMF_OK) {
        names_free(list);
    }
    return status;
}

#include "ranks.h"

#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A number that ends at one of `ends` or the end of the text; returns what follows it, or NULL. */
static const char *number(const char *text, const char *ends, int64_t *value) {
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (end == text || errno != 0 || (*end && !strchr(ends, *end))) {
        return NULL;
    }
    *value = parsed;
    return end;
}

static nmf_status refuse(const char *text) {
    return complain(NMF_ERROR_USAGE,
                    "--ranks takes ranks and ranges of them, such as 2:12, 5,10,15 or, by threes, 2:20:3, not \"%s\"",
                    text);
}

static nmf_status add(rank_list *list, int64_t rank) {
    int64_t at = list->count;
    while (at > 0 && list->ranks[at - 1] > rank) {
        at--;
    }
    if (at > 0 && list->ranks[at - 1] == rank) {
        return NMF_OK;
    }
    if (list->count == RANKS_MOST) {
        return complain(NMF_ERROR_USAGE, "--ranks takes at most %d ranks: leave some out, as 2:1000:5 does",
                        RANKS_MOST);
    }
    memmove(list->ranks + at + 1, list->ranks + at, (size_t)(list->count - at) * sizeof *list->ranks);
    list->ranks[at] = rank;
    list->count++;
    return NMF_OK;
}

static nmf_status add_range(rank_list *list, int64_t first, int64_t last, int64_t step) {
    if (first < 1) {
        return complain(NMF_ERROR_USAGE, "--ranks has %" PRId64 "; a rank is 1 or above", first);
    }
    if (last < first) {
        return complain(NMF_ERROR_USAGE,
                        "--ranks has %" PRId64 ":%" PRId64 "; a range goes up, from the smaller rank to the larger",
                        first, last);
    }
    if (step < 1) {
        return complain(NMF_ERROR_USAGE, "--ranks has a step of %" PRId64 "; it must be 1 or above", step);
    }
    nmf_status status = NMF_OK;
    for (int64_t rank = first; status == NMF_OK; rank += step) {
        status = add(list, rank);
        if (rank > last - step) {
            break;
        }
    }
    return status;
}

nmf_status ranks_parse(const char *text, rank_list *list) {
    *list = (rank_list){.count = 0};
    for (const char *part = text;; part++) {
        int64_t first = 0, last = 0, step = 1;
        part = number(part, ":,", &first);
        last = first;
        if (part && *part == ':') {
            part = number(part + 1, ":,", &last);
        }
        if (part && *part == ':') {
            part = number(part + 1, ",", &step);
        }
        if (!part) {
            return refuse(text);
        }
        nmf_status status = add_range(list, first, last, step);
        if (status != NMF_OK || !*part) {
            return status;
        }
    }
}

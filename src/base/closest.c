#include "nmf/nmf.h"

#include <string.h>

enum { LONGEST = 63 };

/* Edit distance with swaps of neighbours (Damerau 1964, each part edited once), by rows of the table. */
static int64_t distance(const char *a, const char *b) {
    int64_t rows[3][LONGEST + 1];
    int64_t m = (int64_t)strlen(a), n = (int64_t)strlen(b);
    if (m > LONGEST || n > LONGEST) {
        return INT64_MAX;
    }
    for (int64_t i = 0; i <= m; i++) {
        int64_t *now = rows[i % 3], *one = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        for (int64_t j = 0; j <= n; j++) {
            if (i == 0 || j == 0) {
                now[j] = i + j;
                continue;
            }
            int64_t best = one[j - 1] + (a[i - 1] != b[j - 1]);
            best = one[j] + 1 < best ? one[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && two[j - 2] + 1 < best) {
                best = two[j - 2] + 1;
            }
            now[j] = best;
        }
    }
    return rows[m % 3][n];
}

const char *nmf_closest(const char *word, const char *const *names, int64_t count) {
    const char *closest = NULL;
    int64_t least = (int64_t)strlen(word) / 3 + 1;
    for (int64_t i = 0; i < count; i++) {
        int64_t away = distance(word, names[i]);
        bool begins = strlen(word) > 1 && strncmp(word, names[i], strlen(word)) == 0;
        if (begins) {
            away = 0;
        }
        if (away < least || (away == least && !closest)) {
            least = away;
            closest = names[i];
        }
    }
    return closest;
}

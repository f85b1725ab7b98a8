#include "support/markdown.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 1024, CELLS = 40 };

/* "| `kl` | + | a |" into its cells. */
static int cells_of(char *line, char *cells[CELLS]) {
    int count = 0;
    for (char *rest = NULL, *cell = strtok_r(line, "|", &rest); cell && count < CELLS;
         cell = strtok_r(NULL, "|", &rest)) {
        cell += strspn(cell, " `");
        size_t length = strcspn(cell, " `\n");
        cell[length] = '\0';
        if (length > 0) {
            cells[count++] = cell;
        }
    }
    return count;
}

bool markdown_tables(const char *path, void (*visit)(void *user, const char *row, const char *column, const char *cell),
                     void *user) {
    FILE *file = fopen(path, "r");
    char line[LINE], header[LINE] = "";
    char *across[CELLS], *cells[CELLS];
    int columns = 0;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "| |", 3) == 0) {
            memcpy(header, line, sizeof header);
            columns = cells_of(header, across);
        } else if (strncmp(line, "| `", 3) == 0) {
            int count = cells_of(line, cells);
            for (int c = 1; c < count && c <= columns; c++) {
                visit(user, cells[0], across[c - 1], cells[c]);
            }
        } else if (strncmp(line, "|", 1) != 0) {
            columns = 0;
        }
    }
    return file && fclose(file) == 0;
}

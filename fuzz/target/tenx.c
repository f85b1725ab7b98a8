/* The lists of names in a folder of 10x Genomics: the input is its features.tsv or, by choice, its barcodes.tsv. */
#include "io/tenx/tenx.h"
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BARCODES = 0x08 };

static char folder[] = "/tmp/nmf-fuzz-XXXXXX";

static void put(const char *name, const char *text) {
    char path[80];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void point(const char *name, const char *to) {
    char path[80];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    if (symlink(to, path) != 0) {
        perror(path);
        exit(1);
    }
}

static void remove_folder(void) {
    static const char *const names[] = {"matrix.mtx", "list", "features.tsv", "barcodes.tsv"};
    char path[80];
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void make_folder(void) {
    static bool made;
    if (!made) {
        made = true;
        if (!mkdtemp(folder)) {
            perror(folder);
            exit(1);
        }
        (void)atexit(remove_folder);
        put("matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n3 3 2\n1 2 3\n3 1 4\n");
        put("list", "ID1\tA\nID2\tB\tx\nID3\tA\n");
    }
}

static nmf_status read_folder(const input *in, nmf_matrix **matrix) {
    static int lies = -1;
    int lie = (in->choice & BARCODES) != 0;
    make_folder();
    const char *file = input_file(in);
    if (lie != lies) {
        point(lie ? "barcodes.tsv" : "features.tsv", file);
        point(lie ? "features.tsv" : "barcodes.tsv", "list");
        lies = lie;
    }
    nmf_status status = tenx_read(in->context, folder, &in->how, matrix);
    return format_complete(folder, &in->how, status, true, matrix);
}

const target fuzz_target = {.read = read_folder, .packed = true, .most = 2 * 64e6 + (1 << 27), .per_byte = 2 * 256};

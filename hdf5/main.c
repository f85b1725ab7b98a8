/*
 * nmf-hdf5: HDF5 at arm's length. The library starts it, with the file open as descriptor 3, and reads the wire
 * (io/hdf5/wire.h) from its stdout or writes it to its stdin; where it fails, one sentence on stderr says why.
 */
#include "read.h"
#include "say.h"
#include "write.h"

#include <string.h>
#include <unistd.h>

enum { FILE_DESCRIPTOR = 3 };

static void read_file(const char *layer) {
    source from = source_open(FILE_DESCRIPTOR, false);
    read_matrix(&from, layer);
}

static void write_file(void (*write)(hid_t file)) {
    say_fault(NMF_ERROR_OUTPUT);
    hid_t file = target_create(FILE_DESCRIPTOR);
    write(file);
    target_close(file);
}

/* What is wrong with the file there is comes before anything that could go wrong with writing to it. */
static void add_factors(void) {
    source to = source_open(FILE_DESCRIPTOR, true);
    factors_write(&to);
    say_fault(NMF_ERROR_OUTPUT);
    target_close(to.file);
}

static bool run(int argc, char **argv) {
    const char *word = argc >= 2 ? argv[1] : "";
    if (strcmp(word, "read") == 0 && argc <= 3) {
        read_file(argv[2]);
    } else if (strcmp(word, "tenx") == 0) {
        write_file(tenx_write);
    } else if (strcmp(word, "anndata") == 0) {
        write_file(anndata_write);
    } else if (strcmp(word, "factors") == 0) {
        add_factors();
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    if (!run(argc, argv)) {
        say_fault(NMF_ERROR_USAGE);
        stop("nmf-hdf5 is part of nmf, which starts it for files of HDF5\n");
    }
    /* Not through what runs at exit: on a damaged file libhdf5's handlers may do anything. */
    _exit(0);
}

/* Where nmf-hdf5 is. */
#include "io/hdf5/hdf5.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char name[] = "nmf-hdf5";

/* Beside a file, or at a place named from there; true where a program is. */
static bool look_beside(const char *file, const char *place, char path[PATH_MAX]) {
    const char *slash = strrchr(file, '/');
    if (!slash || snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - file), file, place) >= PATH_MAX) {
        return false;
    }
    return access(path, X_OK) == 0;
}

/* This library, where it is a shared one; a program knows itself only by the word it was called by. */
static bool look_beside_library(char path[PATH_MAX]) {
    Dl_info about;
    return dladdr(name, &about) != 0 && about.dli_fname && about.dli_fname[0] == '/' &&
           (look_beside(about.dli_fname, name, path) || look_beside(about.dli_fname, NMF_HDF5_FROM_LIB, path));
}

static bool look_beside_program(char path[PATH_MAX]) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    return look_beside(program, name, path) || look_beside(program, NMF_HDF5_FROM_BIN, path);
}

/* A build is served by its own program before one that was installed earlier. */
nmf_status hdf5_program(nmf_context *context, const char *file, char path[PATH_MAX]) {
    const char *given = secure_getenv("NMF_HDF5");
    if (given ? snprintf(path, PATH_MAX, "%s", given) < PATH_MAX && access(path, X_OK) == 0
              : look_beside_library(path) || look_beside_program(path) || look_beside(NMF_HDF5_INSTALLED, name, path)) {
        return NMF_OK;
    }
    return fail(context, NMF_ERROR_INPUT,
                "%s is HDF5, for which nmf-hdf5 is needed, and %s%s: it is built and installed with nmf where libhdf5 "
                "(Debian: libhdf5-dev) is, and NMF_HDF5 can name it",
                file, given ? "NMF_HDF5 names none: " : "there is none at ", given ? given : NMF_HDF5_INSTALLED);
}

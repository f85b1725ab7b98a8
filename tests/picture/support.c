#include "support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void name_next(studio *in) {
    snprintf(in->path, sizeof in->path, "%s/%d", in->folder, in->pictures);
}

int studio_setup(void **state) {
    studio *in = test_calloc(1, sizeof *in);
    strcpy(in->folder, "/tmp/nmf-picture-XXXXXX");
    assert_non_null(mkdtemp(in->folder));
    name_next(in);
    assert_int_equal(nmf_context_new(NULL, &in->context), NMF_OK);
    *state = in;
    return 0;
}

static FILE *open_picture(const studio *in, const char *ending) {
    char path[128];
    snprintf(path, sizeof path, "%s%s", in->path, ending);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    return file;
}

static void svg_size(const studio *in, double *width, double *height) {
    FILE *file = open_picture(in, ".svg");
    char head[512] = "";
    assert_true(fread(head, 1, sizeof head - 1, file) > 0);
    fclose(file);
    const char *size = strstr(head, " width=");
    assert_non_null(size);
    assert_int_equal(sscanf(size, " width=\"%lfpt\" height=\"%lfpt\"", width, height), 2);
}

static unsigned big_endian(const unsigned char *bytes) {
    return (unsigned)bytes[0] << 24 | (unsigned)bytes[1] << 16 | (unsigned)bytes[2] << 8 | bytes[3];
}

void expect_pictures(studio *in) {
    double width, height;
    unsigned char head[24];
    svg_size(in, &width, &height);
    FILE *png = open_picture(in, ".png");
    assert_int_equal(fread(head, 1, sizeof head, png), sizeof head);
    fclose(png);
    assert_memory_equal(head, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    assert_int_equal(big_endian(head + 16), (unsigned)ceil(2 * width));
    assert_int_equal(big_endian(head + 20), (unsigned)ceil(2 * height));
    in->pictures++;
    name_next(in);
}

static int files_in(const studio *in) {
    DIR *folder = opendir(in->folder);
    assert_non_null(folder);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

void expect_no_pictures(const studio *in, nmf_status (*draw)(const studio *in, const char *path)) {
    char path[128], said[1024] = "";
    snprintf(path, sizeof path, "%s/missing/it", in->folder);
    FILE *stage = tmpfile();
    assert_non_null(stage);
    fflush(stderr);
    int usual = dup(STDERR_FILENO);
    assert_true(usual >= 0 && dup2(fileno(stage), STDERR_FILENO) >= 0);
    nmf_status status = draw(in, path);
    fflush(stderr);
    assert_true(dup2(usual, STDERR_FILENO) >= 0);
    close(usual);
    rewind(stage);
    size_t length = fread(said, 1, sizeof said - 1, stage);
    fclose(stage);
    assert_int_equal(status, NMF_ERROR_OUTPUT);
    assert_int_equal(files_in(in), 2 * in->pictures);
    assert_non_null(strstr(said, path));
    assert_ptr_equal(strchr(said, '\n'), said + length - 1);
}

void svgs_are_xml(void **state) {
    const studio *in = *state;
    char command[512];
    snprintf(command, sizeof command,
             "python3 -c 'import sys, xml.parsers.expat as x\nfor f in sys.argv[1:]: "
             "x.ParserCreate().ParseFile(open(f, \"rb\"))' %s/*.svg",
             in->folder);
    assert_int_equal(system(command), 0);
}

static void remove_picture(const studio *in, int number, const char *ending) {
    char path[128];
    snprintf(path, sizeof path, "%s/%d%s", in->folder, number, ending);
    remove(path);
}

int studio_teardown(void **state) {
    studio *in = *state;
    for (int i = 0; i < in->pictures; i++) {
        remove_picture(in, i, ".svg");
        remove_picture(in, i, ".png");
    }
    rmdir(in->folder);
    nmf_context_free(in->context);
    test_free(in);
    return 0;
}

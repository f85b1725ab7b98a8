#include "support/expect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *npy_file(folder *f, const char *dict, const void *numbers, size_t count) {
    unsigned char file[2000];
    return folder_bytes(f, "a.npy", file, npy_bytes(dict, numbers, count, file));
}

static void reads_every_type(void **state) {
    folder *f = *state;
    static const struct {
        const char *type;
        size_t size;
        unsigned char one[8], other[8]; /* 1 and 200 (for int8 100, bool 1, float16 0.5) */
        double second;
    } types[] = {
        {"|b1", 1, {1}, {7}, 1},
        {"|i1", 1, {1}, {100}, 100},
        {"|u1", 1, {1}, {200}, 200},
        {"<i2", 2, {1, 0}, {200, 0}, 200},
        {">u2", 2, {0, 1}, {0, 200}, 200},
        {"<i4", 4, {1}, {200}, 200},
        {">u4", 4, {0, 0, 0, 1}, {0, 0, 0, 200}, 200},
        {">i8", 8, {0, 0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 0, 200}, 200},
        {"<u8", 8, {1}, {200}, 200},
        {"<f2", 2, {0x00, 0x3c}, {0x00, 0x38}, 0.5},
        {"<f2", 2, {0x00, 0x3c}, {0x01, 0x00}, 0x1p-24},
        {"<f4", 4, {0, 0, 0x80, 0x3f}, {0, 0, 0x48, 0x43}, 200},
        {">f4", 4, {0x3f, 0x80, 0, 0}, {0x43, 0x48, 0, 0}, 200},
        {"<f8", 8, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, {0, 0, 0, 0, 0, 0, 0x69, 0x40}, 200},
        {">f8", 8, {0x3f, 0xf0}, {0x40, 0x69}, 200},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char dict[100];
        unsigned char numbers[16];
        snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (1, 2), }", types[i].type);
        memcpy(numbers, types[i].one, types[i].size);
        memcpy(numbers + types[i].size, types[i].other, types[i].size);
        expect_matrix(f, npy_file(f, dict, numbers, 2 * types[i].size), 1, 2, (double[]){1, types[i].second});
    }
}

static const double six[] = {1, 2, 3, 4, 5, 6};

static void keeps_fortran_order_and_maps_aligned_files(void **state) {
    folder *f = *state;
    /* The second dict is padded so that the numbers begin at a multiple of 8, where they can be mapped. */
    static const char *const dicts[] = {"{'shape': (2, 3), 'fortran_order': True, 'descr': '<f8'}",
                                        "{\"shape\": (2L, 3L,), 'fortran_order': True, 'descr': '<f8'  ,  }  ",
                                        "{ 'descr' : '=f8','fortran_order':True,'shape':( 2 ,3 )}"};
    for (int pad = 0; pad < 8; pad++) {
        for (int i = 0; i < 3; i++) {
            char dict[120];
            snprintf(dict, sizeof dict, "%s%*s", dicts[i], pad, "");
            expect_matrix(f, npy_file(f, dict, six, sizeof six), 2, 3, (double[]){1, 3, 5, 2, 4, 6});
        }
    }
}

static void reads_into_either_type(void **state) {
    folder *f = *state;
    nmf_read_options options = {.dtype = NMF_F32};
    const char *path = npy_file(f, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", six, sizeof six);
    nmf_matrix *matrix;
    nmf_matrix_info info;
    assert_int_equal(nmf_matrix_read(f->context, path, &options, &matrix), NMF_OK);
    nmf_matrix_get_info(matrix, &info);
    assert_int_equal(info.dtype, NMF_F32);
    assert_string_equal(info.source, "npy, float64");
    double found[6];
    nmf_matrix_copy(matrix, found);
    assert_memory_equal(found, six, sizeof six);
    nmf_matrix_free(matrix);
}

static void reads_later_versions(void **state) {
    folder *f = *state;
    unsigned char file[400] = {0};
    const char *dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}";
    memcpy(file, "\x93NUMPY\x03\x00", 8);
    file[8] = (unsigned char)strlen(dict);
    memcpy(file + 12, dict, strlen(dict));
    memcpy(file + 12 + strlen(dict), six, sizeof six);
    expect_matrix(f, folder_bytes(f, "a.npy", file, 12 + strlen(dict) + sizeof six), 2, 3, six);
    file[6] = 4;
    expect_refused(f, folder_bytes(f, "a.npy", file, 300), "versions 1 to 3");
    memset(file + 6, 0xff, 6);
    file[6] = 2;
    expect_refused(f, folder_bytes(f, "a.npy", file, 300), "4294967295 bytes");
}

static void reads_gzipped(void **state) {
    folder *f = *state;
    unsigned char file[400];
    char packed[400];
    size_t count = npy_bytes("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", six, sizeof six, file);
    size_t size = gzip_bytes(file, count, packed, sizeof packed);
    expect_matrix(f, folder_bytes(f, "a.npy.gz", packed, size), 2, 3, six);
    size = gzip_bytes(file, count - 1, packed, sizeof packed);
    expect_refused(f, folder_bytes(f, "a.npy.gz", packed, size), "47 bytes of numbers, its header promises 48");
    file[count] = 0;
    size = gzip_bytes(file, count + 1, packed, sizeof packed);
    expect_refused(f, folder_bytes(f, "a.npy.gz", packed, size), "more than the 48 bytes");
}

static void refuses_bad_headers(void **state) {
    folder *f = *state;
    static const struct {
        const char *dict, *part;
    } cases[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)}", "1 dimension;"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", "0 dimensions"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2, 3)}", "3 dimensions"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4)}", "48 bytes of numbers, its header promises 64"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)}", "48 bytes of numbers, its header promises 32"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "more than can be addressed"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 4)}", "below 2^63"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 3)}", "below 2^63"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2 3)}", "a comma"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': 6}", "a shape"},
        {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2, 3)}", "True or False"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3)}", "complex"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (2, 3)}", "differs between machines"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "allowed are bool"},
        {"{'descr': '', 'fortran_order': False, 'shape': (2, 3)}", "allowed are bool"},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2, 3)}", "structured"},
        {"{'descr': '<f8, 'fortran_order': False}", "allowed are bool"},
        {"{'descr': '<f8", "a type such as"},
        {"{'descr': <f8}", "a type"},
        {"{'descr' '<f8'}", "a colon"},
        {"{'descr': '<f8' 'shape': (2, 3)}", "a comma or }"},
        {"{'descr': '<f8', 'shape': (2, 3)}", "an entry for each"},
        {"{'what': 1}", "fortran_order and shape"},
        {"{descr: '<f8'}", "in quotes"},
        {"'descr'", "{ was expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_refused(f, npy_file(f, cases[i].dict, six, sizeof six), cases[i].part);
    }
    expect_refused(f, folder_text(f, "b.npy", "text, not numbers"), "does not begin");
    expect_refused(f, folder_text(f, "b.npy", ""), "cut short");
}

static void names_bad_entries(void **state) {
    folder *f = *state;
    const double bad[] = {1, 2, 3, 4, NAN, 6};
    expect_refused(f, npy_file(f, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", bad, sizeof bad),
                   "row 2, column 2 is NaN");
}

static void empty_shapes_are_refused_cheaply(void **state) {
    folder *f = *state;
    expect_refused(f, npy_file(f, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3)}", six, 0), "at least one");
    expect_refused(f, npy_file(f, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 0)}", six, 0),
                   "1000000000000 rows");
}

/* A file of a terabyte, all of it a hole: what it holds is refused before any of it is read. */
static void refuses_what_memory_cannot_hold(void **state) {
    folder *f = *state;
    static const char dict[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 1000000), }";
    unsigned char header[200];
    nmf_matrix *matrix;
    size_t count = npy_bytes(dict, NULL, 0, header);
    const char *path = folder_bytes(f, "large.npy", header, count);
    if (truncate(path, (off_t)count + 1000000000000) != 0) {
        skip();
    }
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_ERROR_MEMORY);
    assert_null(matrix);
    assert_non_null(strstr(nmf_context_message(f->context), "large.npy takes about 8000.00 GB"));
    assert_non_null(strstr(nmf_context_message(f->context), "--dtype f32"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(reads_every_type),
        TEST(keeps_fortran_order_and_maps_aligned_files),
        TEST(reads_into_either_type),
        TEST(reads_later_versions),
        TEST(reads_gzipped),
        TEST(refuses_bad_headers),
        TEST(names_bad_entries),
        TEST(empty_shapes_are_refused_cheaply),
        TEST(refuses_what_memory_cannot_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

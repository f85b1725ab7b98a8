/* What the tests of pictures share: a folder of their own, and what is true of every picture. */
#ifndef PICTURE_SUPPORT_H
#define PICTURE_SUPPORT_H

#include "nmf/nmf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* For cmocka's setup and teardown: the state is a fresh folder, which goes at the end. */
typedef struct studio {
    char folder[64];
    char path[96]; /* of the next picture, without an ending */
    int pictures;  /* so far */
    nmf_context *context;
} studio;

int studio_setup(void **state);
int studio_teardown(void **state);

/* Both are there, and the PNG has the SVG's size, two pixels a point. The next picture has another path. */
void expect_pictures(studio *in);

/* The last test: every SVG that was drawn is XML. */
void svgs_are_xml(void **state);

/* A folder that is not there: `draw` fails, with one sentence that names the file, and leaves nothing. */
void expect_no_pictures(const studio *in, nmf_status (*draw)(const studio *in, const char *path));

#endif

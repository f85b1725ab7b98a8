/*
 * Contract of a target: one reader, given hostile bytes. What must hold of every reader is looked at in driver.c; a
 * target says what is read, and what that may take.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include "io/format.h"

/* Two bytes before those of the file say how it is read. */
enum { CHOICES = 2 };

typedef struct input {
    nmf_context *context;
    const unsigned char *bytes;
    size_t count;
    nmf_read_options how;
    unsigned choice; /* the first of the two bytes, for what a target has to choose beyond `how` */
    bool ample;      /* one input in some: whatever it asks for is had, which takes time */
} input;

typedef struct target {
    const format *format; /* the reader */
    /* Where there is no format: what else reads. Sets *matrix to what it gave, if it gives one. */
    nmf_status (*read)(const input *in, nmf_matrix **matrix);
    bool packed; /* the reader is a packing: what others' inputs are worth is not known where they are packed */
    /* Memory that may be held: this, and per_byte times the bytes of the file. 0: as every format may. */
    double most, per_byte;
} target;

extern const target fuzz_target;

/* The input's bytes as a stream: in one piece or several, or as a file, which can be mapped. */
nmf_status input_open(const input *in, stream **out);

/* The input's bytes as a file, in memory, until the next call. */
const char *input_file(const input *in);

/* Tell which rule was broken, and end. */
_Noreturn void broken(const char *rule);

#endif

/* What libFuzzer calls: reads an input by the target's reader and looks at everything that comes of it. */
#include "io/bytes/packing.h"
#include "memory.h"
#include "rules.h"
#include "target.h"

#include <string.h>

enum {
    FREE_BYTES = 64000000, /* that any file may take, */
    PER_BYTE = 16,         /* that it may take for each of its own, */
    OTHERWISE = 1000000,   /* and for windows and the like, whatever the file */
    SCANT = 1000000,       /* what is there, of all this, unless the input is an ample one */
    AMPLE_ONES = 64,
    REFUSALS = 128 /* from here on the second byte is the number of a request that is refused */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void hear(void *user, const char *sentence) {
    (void)user;
    expect_sentence(sentence);
}

static nmf_read_options options_of(unsigned choice) {
    static const char *const delimiters[] = {NULL, ",", "tab", "blanks", ";", "|", " ", "e"};
    /* Most seeds are of the first two. */
    static const unsigned allowed[] = {0, 0, NMF_ALLOW_MISSING,
                                       NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE | NMF_KEEP_ZEROS};
    return (nmf_read_options){.dtype = choice & 1 ? NMF_F32 : NMF_F64,
                              .allowed = allowed[choice >> 6 & 3],
                              .delimiter = delimiters[choice >> 1 & 7]};
}

static bool is_packed(const input *in) {
    for (int i = 0; packings[i]; i++) {
        size_t length = packings[i]->magic_bytes;
        if (in->count >= length && memcmp(in->bytes, packings[i]->magic, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_ample(const uint8_t *bytes, size_t count) {
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += bytes[i];
    }
    return sum % AMPLE_ONES == 0;
}

static nmf_status read_format(const input *in, nmf_matrix **matrix) {
    stream *opened;
    for (int i = 0; formats[i]; i++) {
        (void)(formats[i]->recognises && formats[i]->recognises(in->bytes, in->count));
    }
    nmf_status status = input_open(in, &opened);
    if (status == NMF_OK) {
        status = fuzz_target.format->read(opened, &in->how, matrix);
        stream_close(opened);
    }
    if ((status == NMF_OK) != (*matrix != NULL)) {
        broken("a reader gives a matrix or fails");
    }
    return status == NMF_OK ? matrix_check(*matrix, "the input") : status;
}

static void judge(const input *in, nmf_status status, const nmf_matrix *matrix, const held *memory) {
    if (status != NMF_OK && status != NMF_ERROR_INPUT && status != NMF_ERROR_MEMORY) {
        broken("a reader fails for its input or for memory");
    }
    if (memory->refused > 0 && status != NMF_ERROR_MEMORY) {
        broken("a refused request for memory ends the reading");
    }
    if (status != NMF_OK) {
        expect_sentence(nmf_context_message(in->context));
    } else if (matrix) {
        expect_matrix(matrix);
    }
}

static void read_input(input *in, held *memory) {
    nmf_matrix *matrix = NULL;
    nmf_allocator allocator = held_allocator(memory);
    if (nmf_context_new(&allocator, &in->context) != NMF_OK) {
        return;
    }
    nmf_context_on_warning(in->context, hear, NULL);
    nmf_status status = fuzz_target.format ? read_format(in, &matrix) : fuzz_target.read(in, &matrix);
    judge(in, status, matrix, memory);
    nmf_matrix_free(matrix);
    nmf_context_free(in->context);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    if (count < CHOICES) {
        return 0;
    }
    input in = {.bytes = bytes + CHOICES,
                .count = count - CHOICES,
                .how = options_of(bytes[0]),
                .choice = bytes[0],
                .ample = is_ample(bytes, count)};
    if (!fuzz_target.packed && is_packed(&in)) {
        return 0;
    }
    double most = fuzz_target.most > 0 ? fuzz_target.most : FREE_BYTES;
    double per_byte = fuzz_target.per_byte > 0 ? fuzz_target.per_byte : PER_BYTE;
    held memory = {.most = most + per_byte * (double)in.count + OTHERWISE,
                   .refuse = bytes[1] < REFUSALS ? 0 : bytes[1] - REFUSALS + 1};
    memory.room = in.ample ? memory.most : SCANT;
    read_input(&in, &memory);
    if (memory.blocks != 0) {
        broken("nothing is left after a reading");
    }
    return 0;
}

/*
 * What a fit has come to, in a file, from which it goes on as if it had never stopped: to the same bits on the same
 * machine. Two generations: PATH, and PATH.1, the one before, for where PATH is damaged. PATH.new is being written.
 *
 *     8 bytes   "NMFCKPT1"
 *     u64       bytes of all that follows but the hash
 *     text      "name=value" lines, a NUL behind: what the fit is of, its version and its matrix among it
 *     course    struct saved_course
 *     steps     nmf_step each
 *     items     w, w_hat, h, h_last, and where there are such best_w, best_h, as they lie in memory
 *     u64       XXH3 of all the rest
 *
 * in the byte order and the layout of the machine: a file of another kind of machine has another "layout" line.
 */
#ifndef NMF_FIT_CHECKPOINT_H
#define NMF_FIT_CHECKPOINT_H

#include "fit/fit.h"

/*
 * What a fit is of, as "name=value" lines, into f->fingerprint; a checkpoint of other lines is not its own. Made once:
 * every matrix of the fit is hashed for it.
 */
enum { FINGERPRINT_ROOM = 4096 };
nmf_status fingerprint_make(fit *f);

/* Write one of a fit that has its fingerprint. */
nmf_status checkpoint_write(const fit *f, const char *path);

/*
 * Take a fit that has begun, and has its fingerprint, to where its file left it: (w, h), w_hat, h_last and the course.
 * `found` is false where there is no file. NMF_ERROR_INPUT: it is of another fit (the sentence names the first thing
 * that differs), or both generations are damaged.
 */
nmf_status checkpoint_read(fit *f, const char *path, bool *found);

#endif

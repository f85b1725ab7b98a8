/* What must hold of everything that comes out of a reader. */
#ifndef FUZZ_RULES_H
#define FUZZ_RULES_H

#include "matrix/matrix.h"

/* A sentence for people: neither empty nor cut, in UTF-8, without anything that a terminal would obey. */
void expect_sentence(const char *text);

/* A matrix that matrix_check has passed. */
void expect_matrix(const nmf_matrix *matrix);

#endif

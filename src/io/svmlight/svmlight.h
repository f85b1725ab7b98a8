/* The two halves of format_svmlight. */
#ifndef NMF_IO_SVMLIGHT_H
#define NMF_IO_SVMLIGHT_H

#include "io/format.h"

nmf_status svmlight_write(sink *out, const table *t);

#endif

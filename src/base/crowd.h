/* What the processes of a crowd (nmf_context_join) have to say to each other besides numbers of a matrix. */
#ifndef NMF_BASE_CROWD_H
#define NMF_BASE_CROWD_H

#include "base/context.h"

/* NULL: this process is alone. */
const nmf_crowd *context_crowd(const nmf_context *context);

/* Does anybody say yes? */
bool crowd_any(const nmf_crowd *crowd, bool yes);

#endif

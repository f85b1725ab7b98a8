/* A crowd of one process: what several do together, in one program. */
#ifndef SUPPORT_ALONE_H
#define SUPPORT_ALONE_H

#include "nmf/nmf.h"

nmf_crowd crowd_alone(void);

#endif

/* What this program may take of the machine, however its file was made. */
#ifndef HDF5_LIMITS_H
#define HDF5_LIMITS_H

#include <stdint.h>

/* From now on: memory for a file of this size (-1: one that is written), no core dumps, limited time, no files but
 * those open as 0 to 3. */
void limits_set(int64_t file_bytes);

/* A piece of the work is done: the time begins anew. One that never comes ends the program. */
void limits_renew(void);

#endif

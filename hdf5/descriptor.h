/* A driver of libhdf5's for a file that is open already: its "name" is the number of the descriptor. No path is needed.
 */
#ifndef HDF5_DESCRIPTOR_H
#define HDF5_DESCRIPTOR_H

#include <hdf5.h>

/* Properties of opening a file that way. */
hid_t descriptor_access(void);

#endif

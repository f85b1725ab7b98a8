/* What the machine has to give. */
#ifndef NMF_BASE_MACHINE_H
#define NMF_BASE_MACHINE_H

/*
 * Bytes of memory that can be had now without swapping: what the system calls available, or what is left of the limit
 * of a container where that is less. INFINITY where neither is known.
 */
double machine_memory(void);

#endif

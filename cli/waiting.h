/* How threads wait for each other. */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

/*
 * Start the program again with GOMP_SPINCOUNT set, unless it or OMP_WAIT_POLICY is: libgomp reads them before main
 * runs. Left alone, it spins for milliseconds at a time; on a machine that does anything else, threads then wait for
 * one that cannot run (measured on two cores: beside one busy process a fit of 0.55 s took 1.9 s, and 1.0 s with this).
 * Returns where nothing was to be done or could be done.
 */
void waiting_set(char **argv);

#endif

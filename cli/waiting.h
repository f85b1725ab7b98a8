/* How threads wait for each other. */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

/*
 * Start the program again with GOMP_SPINCOUNT set, unless it or OMP_WAIT_POLICY is: libgomp reads them before main
 * runs. Left alone, it spins for milliseconds at a time; on a machine that does anything else, threads then wait for
 * one that cannot run (measured: a fit of 0.5 s took 26 s beside one busy process, and 1.2 s with this). Returns where
 * nothing was to be done or could be done.
 */
void waiting_set(char **argv);

#endif

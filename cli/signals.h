/* Ctrl-C and its like: the first asks the fit to end well, a second one ends the program; and the broken pipe. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM raise the flag; `speak`: the handler says on stderr what will happen. */
void signals_watch(bool speak);

/* Whether one of them came. */
bool signals_asked_to_stop(void);

/* Is stdout a pipe, or a socket, that nobody reads? */
bool signals_reader_left(void);

/* End as programs do that write to a pipe that nobody reads: by SIGPIPE, silently. */
void signals_end_by_pipe(void);

#endif

/* Ctrl-C and its like: the first asks the fit to end well, a second one ends the program. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM raise the flag; `speak`: the handler says on stderr what will happen. */
void signals_watch(bool speak);

/* Whether one of them came. */
bool signals_asked_to_stop(void);

#endif

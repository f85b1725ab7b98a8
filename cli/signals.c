#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static volatile sig_atomic_t speaks;
static struct timespec first_came;

/*
 * timeout(1) signals the process and then its whole group: what comes this soon after the first is the same wish once
 * more, not a second one.
 */
enum { ECHO_NANOSECONDS = 100000000 };

static bool is_echo(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long gap = (now.tv_sec - first_came.tv_sec) * 1000000000LL + (now.tv_nsec - first_came.tv_nsec);
    return gap < ECHO_NANOSECONDS;
}

static void on_signal(int number) {
    static const char sentence[] = "\nstopping after this iteration; once more ends the program at once\n";
    int saved = errno;
    if (!asked) {
        clock_gettime(CLOCK_MONOTONIC, &first_came);
        asked = 1;
        if (speaks && write(STDERR_FILENO, sentence, sizeof sentence - 1) < 0) {
            speaks = 0;
        }
    } else if (!is_echo()) {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = saved;
}

void signals_watch(bool speak) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    speaks = speak;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool signals_asked_to_stop(void) {
    return asked != 0;
}

bool signals_reader_left(void) {
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

void signals_end_by_pipe(void) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

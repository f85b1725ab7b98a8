#include "io/hdf5/helper.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* After so many seconds without a byte it is given up; it limits its own time to less. */
enum { QUIET_SECONDS = 300, FILE_DESCRIPTOR = 3, ABOVE = 10 };

extern char **environ;

/* The ends of ours and of its: stdin, stdout, stderr. */
typedef struct ends {
    int ours[3], its[3];
} ends;

static void close_all(ends *e) {
    for (int i = 0; i < 3; i++) {
        if (e->ours[i] >= 0) {
            close(e->ours[i]);
        }
        if (e->its[i] >= 0) {
            close(e->its[i]);
        }
    }
}

/* A host may have closed its standard descriptors: ours must not take their numbers, which are the helper's to be. */
static bool move_above(int *fd) {
    if (*fd >= ABOVE) {
        return true;
    }
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, ABOVE);
    close(*fd);
    *fd = moved;
    return moved >= 0;
}

/* Writing to a socket can be kept from raising SIGPIPE, which is the host's. */
static bool open_pair(ends *e, int i) {
    int pair[2];
    int made = i == STDIN_FILENO ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) : pipe2(pair, O_CLOEXEC);
    if (made != 0) {
        return false;
    }
    e->ours[i] = pair[0];
    e->its[i] = pair[1];
    bool moved = move_above(&e->ours[i]);
    return move_above(&e->its[i]) && moved;
}

/* What it says is a sentence: where it says so much that the pipe is full, the rest is lost rather than waited for. */
static bool open_ends(ends *e, bool writes) {
    return open_pair(e, writes ? STDIN_FILENO : STDOUT_FILENO) && open_pair(e, STDERR_FILENO) &&
           fcntl(e->its[STDERR_FILENO], F_SETFL, O_NONBLOCK) == 0;
}

static int set_actions(posix_spawn_file_actions_t *actions, const ends *e, int file) {
    int error = posix_spawn_file_actions_adddup2(actions, file, FILE_DESCRIPTOR);
    for (int i = 0; i < 3 && error == 0; i++) {
        error = e->its[i] >= 0 ? posix_spawn_file_actions_adddup2(actions, e->its[i], i)
                               : posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
    }
    return error;
}

/* Signals are as they are in a fresh program, whatever the host blocks or ignores. */
static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setpgroup(attributes, 0);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

/* 0, or the error. */
static int spawn(const char *path, const char *const *arguments, const ends *e, int file, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = set_actions(&actions, e, file);
        error = error == 0 ? set_attributes(&attributes) : error;
        /* The list of arguments is not written to. */
        error = error == 0 ? posix_spawn(pid, path, &actions, &attributes, (char *const *)arguments, environ) : error;
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

nmf_status helper_start(nmf_context *context, const char *path, const char *const *arguments, const char *name,
                        int file, bool writes, helper *out) {
    ends e = {{-1, -1, -1}, {-1, -1, -1}};
    *out = (helper){.context = context, .name = name, .to = -1, .from = -1, .saying = -1};
    int above = fcntl(file, F_DUPFD_CLOEXEC, ABOVE);
    int error = above < 0 || !open_ends(&e, writes) ? errno : spawn(path, arguments, &e, above, &out->pid);
    if (above >= 0) {
        close(above);
    }
    if (error != 0) {
        close_all(&e);
        out->pid = 0;
        return fail(context, writes ? NMF_ERROR_OUTPUT : NMF_ERROR_INPUT,
                    "%s: %s, which it needs, could not be started: %s", name, path, strerror(error));
    }
    out->to = e.ours[STDIN_FILENO];
    out->from = e.ours[STDOUT_FILENO];
    out->saying = e.ours[STDERR_FILENO];
    e = (ends){{-1, -1, -1}, {e.its[0], e.its[1], e.its[2]}};
    close_all(&e);
    if (out->to >= 0) {
        struct timeval most = {.tv_sec = QUIET_SECONDS};
        (void)setsockopt(out->to, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    }
    return NMF_OK;
}

/* Wait for something to read, or for its end. */
static bool wait_for(int fd) {
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&wanted, 1, QUIET_SECONDS * 1000);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Bytes read, 0 at the end, -1 where none come. */
static ssize_t read_waiting(int fd, void *bytes, size_t room) {
    ssize_t count = -1;
    if (wait_for(fd)) {
        do {
            count = read(fd, bytes, room);
        } while (count < 0 && errno == EINTR);
    }
    return count;
}

nmf_status helper_read(helper *h, void *bytes, size_t room, size_t *got) {
    ssize_t count = read_waiting(h->from, bytes, room);
    *got = count > 0 ? (size_t)count : 0;
    h->ended = count == 0;
    return count >= 0
               ? NMF_OK
               : fail(h->context, NMF_ERROR_INPUT, "%s: the program that looks into it sends nothing more", h->name);
}

bool helper_write(const helper *h, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t done = send(h->to, at, count, MSG_NOSIGNAL);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        at += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* One line, whatever it sent: it is shown to people, and their terminals. What is longer is not ours: not waited for.
 */
static void read_sentence(int fd, char *sentence, size_t room) {
    size_t used = 0;
    ssize_t count = 1;
    while (count > 0 && used < room - 1) {
        count = read_waiting(fd, sentence + used, room - 1 - used);
        used += count > 0 ? (size_t)count : 0;
    }
    while (used > 0 && isspace((unsigned char)sentence[used - 1])) {
        used--;
    }
    for (size_t i = 0; i < used; i++) {
        sentence[i] = (char)(iscntrl((unsigned char)sentence[i]) ? ' ' : sentence[i]);
    }
    sentence[used] = '\0';
}

/*
 * Only while it is certainly ours: where the host has its children waited for elsewhere, its number may be another's.
 * One that is ending already ends as it would have.
 */
static void end_now(pid_t pid) {
    siginfo_t about = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0 && about.si_pid == 0) {
        kill(pid, SIGKILL);
    }
}

/* False where it is not known. */
static bool wait_end(pid_t pid, int *how) {
    pid_t ended;
    do {
        ended = waitpid(pid, how, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == pid;
}

static void tell(int how, helper_end *end) {
    int status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
    int signal = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    end->well = status == 0;
    if (status >= NMF_ERROR_USAGE && status <= NMF_ERROR_MEMORY && end->sentence[0] != '\0') {
        end->status = (nmf_status)status;
    } else if (signal != 0) {
        snprintf(end->sentence, sizeof end->sentence, "the program that looks into it ended by a signal (%s)",
                 signal == SIGXCPU ? "too long over one piece" : strsignal(signal));
    } else {
        snprintf(end->sentence, sizeof end->sentence, "the program that looks into it ended with status %d", status);
    }
}

static void close_end(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

void helper_close(helper *h, helper_end *end) {
    int how;
    *end = (helper_end){.well = true};
    if (h->pid == 0) {
        return;
    }
    bool given_up = h->from >= 0 && !h->ended;
    close_end(&h->to);
    close_end(&h->from);
    if (given_up) {
        end_now(h->pid);
    }
    read_sentence(h->saying, end->sentence, sizeof end->sentence);
    end_now(h->pid);
    close_end(&h->saying);
    if (wait_end(h->pid, &how)) {
        tell(how, end);
    }
    h->pid = 0;
}

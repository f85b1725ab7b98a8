/*
 * The most memory a command held, in bytes, on stdout. A process inherits this figure from the one that started it, so
 * the starter has to be small: Python is not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int status;
    struct rusage usage;
    pid_t child = argc > 1 ? fork() : -1;
    if (child == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        fputs("usage: bench_peak PROGRAM [ARGUMENT ...]\n", stderr);
        return 2;
    }
    printf("%ld\n", usage.ru_maxrss * 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool be_quiet, complained;
static size_t line_length;

static void say(const char *before, const char *format, va_list arguments) {
    say_line_clear();
    fputs(before, stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

nmf_status complain(nmf_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say("nmf: ", format, arguments);
    va_end(arguments);
    complained = true;
    return status;
}

bool say_complained(void) {
    return complained;
}

nmf_status complain_context(nmf_status status, const nmf_context *context) {
    return complain(status, "%s", nmf_context_message(context));
}

void note(const char *format, ...) {
    if (be_quiet) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

void say_warning(void *user, const char *sentence) {
    (void)user;
    say_line_clear();
    if (!be_quiet) {
        fprintf(stderr, "warning: %s\n", sentence);
    }
}

void say_quiet(bool quiet) {
    be_quiet = quiet;
}

bool say_live(void) {
    return !be_quiet && isatty(STDERR_FILENO);
}

void say_line(const char *text, const char *color) {
    size_t length = strlen(text);
    int rest = line_length > length ? (int)(line_length - length) : 0;
    fprintf(stderr, "\r%s%s%s%*s", color, text, *color ? "\033[0m" : "", rest, "");
    fflush(stderr);
    line_length = length;
}

void say_line_clear(void) {
    if (line_length > 0) {
        fprintf(stderr, "\r%*s\r", (int)line_length, "");
        line_length = 0;
    }
}

static void *must_have(void *memory, size_t bytes) {
    if (!memory) {
        exit(complain(NMF_ERROR_MEMORY, "%zu bytes of memory could not be had", bytes));
    }
    return memory;
}

void *room_for(size_t count, size_t size) {
    count = count ? count : 1;
    return must_have(calloc(count, size), count * size);
}

void *room_for_json(size_t bytes) {
    return must_have(malloc(bytes), bytes);
}

char *text_of(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return must_have(length < 0 ? NULL : text, strlen(format));
}

char *size_text(double bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    if (bytes < 1000) {
        return text_of("%.0f bytes", bytes);
    }
    double amount = bytes / 1000;
    int unit = 0;
    while (amount >= 999.5 && unit < 3) {
        amount /= 1000;
        unit++;
    }
    return text_of("%.3g %s", amount, units[unit]);
}

/* Text that has to fit into a width. */
#include "canvas.h"
#include "legible.h"
#include "say.h"

#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "\u2026"

/* No line has room for more. */
enum { BYTES_MOST = 400 };

/* Take the last character off. */
static void shorten(char *text) {
    size_t length = strlen(text);
    do {
        length--;
    } while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80);
    text[length] = '\0';
}

void canvas_text_within(canvas *on, canvas_point at, double width, const canvas_letters *letters, const char *text) {
    char *shown = legible(text);
    char *cut = text_of("%.*s", BYTES_MOST, text);
    if (strlen(shown) > BYTES_MOST || canvas_text_width(on, letters, shown) > width) {
        do {
            shorten(cut);
            free(shown);
            shown = text_of("%s%s", cut, ELLIPSIS);
        } while (*cut && canvas_text_width(on, letters, shown) > width);
    }
    canvas_text(on, at, letters, shown);
    free(cut);
    free(shown);
}

/* Bytes of the words that fit into a line, at least one word. */
static size_t line_of(canvas *on, double width, const canvas_letters *letters, const char *text) {
    size_t fits = 0;
    for (;;) {
        size_t next = fits + strspn(text + fits, " ");
        next += strcspn(text + next, " ");
        char *line = text_of("%.*s", (int)next, text);
        bool wide = canvas_text_width(on, letters, line) > width;
        free(line);
        if (wide) {
            return fits > 0 ? fits : next;
        }
        if (!text[next]) {
            return next;
        }
        fits = next;
    }
}

double canvas_paragraph(canvas *on, canvas_point at, double width, double leading, const canvas_letters *letters,
                        const char *text) {
    while (*(text += strspn(text, " "))) {
        size_t bytes = line_of(on, width, letters, text);
        char *line = text_of("%.*s", (int)bytes, text);
        canvas_text_within(on, at, width, letters, line);
        free(line);
        at.y += leading;
        text += bytes;
    }
    return at.y;
}

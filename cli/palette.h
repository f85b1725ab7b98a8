/* Colours that people see alike: those of lines and clusters (Okabe and Ito 2008), and a scale for shares. */
#ifndef CLI_PALETTE_H
#define CLI_PALETTE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ink {
    double red, green, blue, alpha; /* 0 … 1 */
} ink;

extern const ink ink_black, ink_gray, ink_pale, ink_white;
extern const ink ink_blue, ink_vermilion, ink_green, ink_purple, ink_band;

/* The colour of cluster 0, 1, …: neighbours differ; they come round again. */
ink palette_cluster(int64_t cluster);

/* White letters are read on it better than black ones. */
bool palette_is_dark(ink color);

/* 0 … 1 from near white to dark blue, equal steps equally darker; gray where there is no number. */
ink palette_share(double share);

#endif

/* How far spectra are from their nearest ones: how many are how far, and which are left out. */
#ifndef CLI_HISTOGRAM_H
#define CLI_HISTOGRAM_H

#include "canvas.h"

/* `box` is that of the bars; labels are to the left of it and below. */
void histogram_draw(canvas *on, canvas_box box, const double *distance, int64_t count, double threshold);

#endif

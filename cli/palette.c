#include "palette.h"

#include <math.h>

#define INK(r, g, b)                                                                                                   \
    { (r) / 255.0, (g) / 255.0, (b) / 255.0, 1 }
#define BLUE INK(0, 114, 178)
#define VERMILION INK(213, 94, 0)
#define GREEN INK(0, 158, 115)
#define PURPLE INK(204, 121, 167)

const ink ink_black = INK(34, 34, 34), ink_gray = INK(105, 105, 105), ink_pale = INK(226, 226, 226),
          ink_white = INK(255, 255, 255);
const ink ink_blue = BLUE, ink_vermilion = VERMILION, ink_green = GREEN, ink_purple = PURPLE,
          ink_band = INK(255, 241, 204);

ink palette_cluster(int64_t cluster) {
    static const ink colors[] = {INK(0, 114, 178),  INK(230, 159, 0), INK(0, 158, 115),  INK(204, 121, 167),
                                 INK(86, 180, 233), INK(213, 94, 0),  INK(240, 228, 66), INK(90, 90, 90)};
    const int64_t count = sizeof colors / sizeof *colors;
    return colors[cluster < 0 ? count - 1 : cluster % count];
}

/* Rec. 709 luma, of which the eye takes about half to be the middle. */
bool palette_is_dark(ink color) {
    return 0.2126 * color.red + 0.7152 * color.green + 0.0722 * color.blue < 0.5;
}

ink palette_share(double share) {
    /* Even steps of CIE lightness, 97 down to 17. */
    static const ink stops[] = {INK(232, 250, 254), INK(165, 216, 236), INK(104, 181, 219), INK(50, 144, 200),
                                INK(2, 107, 175),   INK(13, 71, 135),   INK(16, 39, 89)};
    const int last = sizeof stops / sizeof *stops - 1;
    if (isnan(share)) {
        return (ink)INK(190, 190, 190);
    }
    double place = fmin(fmax(share, 0), 1) * last;
    int below = place < last ? (int)place : last - 1;
    double part = place - below;
    const ink *a = &stops[below], *b = a + 1;
    return (ink){a->red + part * (b->red - a->red), a->green + part * (b->green - a->green),
                 a->blue + part * (b->blue - a->blue), 1};
}

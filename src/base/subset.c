#include "base/subset.h"
#include "base/philox.h"

void subset_draw(uint64_t seed, uint32_t stream, int64_t all, int64_t drawn, int64_t *list) {
    int64_t taken = 0;
    for (int64_t i = 0; taken < drawn; i++) {
        double among = philox_uniform(seed, stream, (uint64_t)i, 0) * (double)(all - i);
        if (among < (double)(drawn - taken)) {
            list[taken++] = i;
        }
    }
}

#include "update/update.h"

const update *const updates[] = {&update_hals, &update_bpp, &update_mu, &update_als, &update_online, NULL};

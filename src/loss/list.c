#include "loss/loss.h"

const loss *const losses[] = {&loss_frobenius, NULL};

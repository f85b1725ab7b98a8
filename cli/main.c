/* nmf, in one process. */
#include "dispatch.h"
#include "waiting.h"

int main(int argc, char **argv) {
    waiting_set(argv);
    nmf_context *context = NULL;
    nmf_status status = dispatch_begin(&context);
    if (status == NMF_OK) {
        status = dispatch(context, argc, argv);
    }
    nmf_context_free(context);
    return status;
}

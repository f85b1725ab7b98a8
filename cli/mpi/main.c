/* nmf-mpi: the same command in every process of MPI, whose first one speaks and writes for all. */
#include "dispatch.h"
#include "nmf/nmf_mpi.h"
#include "say.h"
#include "waiting.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Processes on one machine share its cores, unless each was bound to some of its own. */
static void share_cores(int processes) {
    int cores = omp_get_num_procs();
    if (!getenv("OMP_NUM_THREADS") && cores >= sysconf(_SC_NPROCESSORS_ONLN)) {
        omp_set_num_threads(processes > 0 && cores > processes ? cores / processes : 1);
    }
}

/* What the first process says is said once. */
static bool be_silent(int rank) {
    return rank == 0 || (freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr));
}

/* Processes that were told different things, or are of different versions, would wait for each other forever. */
static nmf_status check_same(nmf_context *context, int argc, char **argv) {
    char *all = text_of("%s", nmf_version());
    for (int i = 1; i < argc; i++) {
        char *longer = text_of("%s\n%s", all, argv[i]);
        free(all);
        all = longer;
    }
    nmf_status status =
        nmf_context_same(context, "the command line, or the version of nmf-mpi,", all, (int64_t)strlen(all));
    free(all);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status run(int argc, char **argv) {
    nmf_context *context = NULL;
    nmf_crowd crowd = {.count = 1};
    nmf_status status = dispatch_begin(&context);
    if (status != NMF_OK || nmf_mpi_crowd(MPI_COMM_WORLD, &crowd) != NMF_OK) {
        MPI_Abort(MPI_COMM_WORLD, NMF_ERROR_MEMORY);
    }
    share_cores((int)crowd.here);
    nmf_context_join(context, crowd.count > 1 ? &crowd : NULL);
    status = check_same(context, argc, argv);
    if (status == NMF_OK) {
        status = dispatch(context, argc, argv);
    }
    nmf_status all = nmf_context_agree(context, status);
    if (all != NMF_OK && all != NMF_INTERRUPTED && !say_complained()) {
        complain_context(all, context);
    }
    nmf_context_free(context);
    nmf_mpi_leave(&crowd);
    return all;
}

int main(int argc, char **argv) {
    int provided, rank;
    waiting_set(argv);
    if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
        return complain(NMF_ERROR_USAGE, "MPI cannot be started");
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (!be_silent(rank)) {
        MPI_Abort(MPI_COMM_WORLD, NMF_ERROR_OUTPUT);
    }
    nmf_status status = run(argc, argv);
    MPI_Finalize();
    return status;
}

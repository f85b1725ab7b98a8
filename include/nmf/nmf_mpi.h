/*
 * The processes of an MPI communicator as a crowd that fits one matrix together: libnmf_mpi. It is code for MPI 3.1 on
 * the public functions of nmf.h.
 *
 *     nmf_crowd crowd;
 *     if (nmf_mpi_crowd(MPI_COMM_WORLD, &crowd) == NMF_OK) {
 *         nmf_context_join(context, &crowd);
 *         …nmf_matrix_read(…), nmf_matrix_place(…), nmf_fit(…), in every process…
 *         status = nmf_context_agree(context, status);
 *         nmf_mpi_leave(&crowd);
 *     }
 */
#ifndef NMF_NMF_MPI_H
#define NMF_NMF_MPI_H

#include <mpi.h>

#include "nmf/nmf.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The processes of `from`, which is duplicated, as a crowd: collective, after MPI_Init_thread with MPI_THREAD_FUNNELED
 * or more, and from the thread that called it, as are all calls to the library with a context that has joined the
 * crowd. Errors of MPI end the program, as MPI has it by default. NMF_ERROR_MEMORY is the only failure.
 */
NMF_API nmf_status nmf_mpi_crowd(MPI_Comm from, nmf_crowd *crowd);

/* Free it, after every matrix that was spread over it and every context that joined it. Collective. */
NMF_API void nmf_mpi_leave(nmf_crowd *crowd);

#ifdef __cplusplus
}
#endif

#endif

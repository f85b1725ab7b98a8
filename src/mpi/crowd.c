/* nmf_crowd by MPI. Counts of MPI are ints: what is longer goes in pieces. */
#include "nmf/nmf_mpi.h"

#include <stdlib.h>

/* Numbers, or bytes, of a message at most; and what the counts of all processes in one call may come to. */
enum { AT_ONCE = 1 << 27, COUNTED = 1 << 30 };

typedef struct group {
    MPI_Comm comm;
    int count, rank;
    int *counts, *starts; /* of each process, for one call; behind them as many for what is received in it */
    MPI_Request begun;    /* what is not there yet */
} group;

static int64_t at_once(int64_t left) {
    return left < AT_ONCE ? left : AT_ONCE;
}

static void reduce(const group *g, double *numbers, int64_t count, MPI_Op op) {
    for (int64_t done = 0; done < count; done += AT_ONCE) {
        MPI_Allreduce(MPI_IN_PLACE, numbers + done, (int)at_once(count - done), MPI_DOUBLE, op, g->comm);
    }
}

static void sum(void *user, double *numbers, int64_t count) {
    reduce(user, numbers, count, MPI_SUM);
}

static void largest(void *user, double *numbers, int64_t count) {
    reduce(user, numbers, count, MPI_MAX);
}

static void broadcast(void *user, int64_t from, void *bytes, int64_t count) {
    const group *g = user;
    char *next = bytes;
    for (int64_t done = 0; done < count; done += AT_ONCE) {
        MPI_Bcast(next + done, (int)at_once(count - done), MPI_BYTE, (int)from, g->comm);
    }
}

static int counted(int64_t count) {
    return count < COUNTED ? (int)count : COUNTED;
}

/*
 * The counts of a call as ints, in multiples of `unit`, from number `first` of the room on, and where each begins;
 * false where they are too large for that.
 */
static bool fill_counts(const group *g, int first, const int64_t *counts, int64_t unit) {
    int64_t total = 0;
    for (int r = 0; r < g->count; r++) {
        g->counts[first + r] = counted(counts[r] / unit);
        g->starts[first + r] = counted(total);
        total += counts[r] / unit;
    }
    return total <= COUNTED;
}

/* The largest number of bytes of which all counts are multiples: those of an item, or more. */
static int64_t unit_of(const group *g, const int64_t *bytes) {
    int64_t unit = 0;
    for (int r = 0; r < g->count; r++) {
        for (int64_t other = bytes[r]; other > 0;) {
            int64_t rest = unit % other;
            unit = other;
            other = rest;
        }
    }
    return unit > 0 ? unit : 1;
}

/* The bytes of every process from itself to all. */
static void gather_in_turn(const group *g, const void *own, const int64_t *bytes, char *all) {
    for (int r = 0; r < g->count; r++) {
        for (int64_t i = 0; r == g->rank && i < bytes[r]; i++) {
            all[i] = ((const char *)own)[i];
        }
        broadcast((void *)g, r, all, bytes[r]);
        all += bytes[r];
    }
}

static void gather(void *user, const void *own, const int64_t *bytes, void *all) {
    group *g = user;
    MPI_Datatype type;
    int64_t unit = unit_of(g, bytes);
    if (unit > COUNTED || !fill_counts(g, 0, bytes, unit)) {
        gather_in_turn(g, own, bytes, all);
        return;
    }
    MPI_Type_contiguous((int)unit, MPI_BYTE, &type);
    MPI_Type_commit(&type);
    MPI_Iallgatherv(own, g->counts[g->rank], type, all, g->counts, g->starts, type, g->comm, &g->begun);
    MPI_Type_free(&type);
}

static void send_pieces(const group *g, const char *own, int64_t count) {
    for (int64_t done = 0; done < count; done += AT_ONCE) {
        MPI_Send(own + done, (int)at_once(count - done), MPI_BYTE, 0, 0, g->comm);
    }
}

static void receive_pieces(const group *g, int from, char *to, int64_t count) {
    for (int64_t done = 0; done < count; done += AT_ONCE) {
        MPI_Recv(to + done, (int)at_once(count - done), MPI_BYTE, from, 0, g->comm, MPI_STATUS_IGNORE);
    }
}

static void collect(void *user, const void *own, const int64_t *bytes, void *all) {
    const group *g = user;
    char *to = all;
    if (g->rank > 0) {
        send_pieces(g, own, bytes[g->rank]);
        return;
    }
    for (int64_t i = 0; i < bytes[0]; i++) {
        to[i] = ((const char *)own)[i];
    }
    for (int r = 1; r < g->count; r++) {
        to += bytes[r - 1];
        receive_pieces(g, r, to, bytes[r]);
    }
}

/* The share of every process, to itself. */
static void sum_in_turn(const group *g, MPI_Datatype type, size_t size, const char *all, const int64_t *counts,
                        char *own) {
    for (int r = 0; r < g->count; r++) {
        for (int64_t done = 0; done < counts[r]; done += AT_ONCE) {
            MPI_Reduce(all + (size_t)done * size, own + (size_t)done * size, (int)at_once(counts[r] - done), type,
                       MPI_SUM, r, g->comm);
        }
        all += (size_t)counts[r] * size;
    }
}

static void sum_shares(void *user, nmf_dtype dtype, const void *all, const int64_t *counts, void *own) {
    group *g = user;
    MPI_Datatype type = dtype == NMF_F64 ? MPI_DOUBLE : MPI_FLOAT;
    if (fill_counts(g, 0, counts, 1)) {
        MPI_Ireduce_scatter(all, own, g->counts, type, MPI_SUM, g->comm, &g->begun);
    } else {
        sum_in_turn(g, type, dtype == NMF_F64 ? sizeof(double) : sizeof(float), all, counts, own);
    }
}

static void wait_for(void *user) {
    group *g = user;
    /* What began it is another function, which the checker does not see. */
    MPI_Wait(&g->begun, MPI_STATUS_IGNORE); /* NOLINT(clang-analyzer-optin.mpi.MPI-Checker) */
}

/* To a process, and from another; each knows how many pieces the other expects of it. */
static void exchange_pieces(const group *g, int to, const char *out, int64_t send, int from, char *in,
                            int64_t receive) {
    for (int64_t done = 0; done < send || done < receive; done += AT_ONCE) {
        bool sends = done < send, receives = done < receive;
        MPI_Sendrecv(sends ? out + done : out, sends ? (int)at_once(send - done) : 0, MPI_BYTE,
                     sends ? to : MPI_PROC_NULL, 0, receives ? in + done : in,
                     receives ? (int)at_once(receive - done) : 0, MPI_BYTE, receives ? from : MPI_PROC_NULL, 0, g->comm,
                     MPI_STATUS_IGNORE);
    }
}

static int64_t start_of(const int64_t *bytes, int r) {
    int64_t start = 0;
    for (int t = 0; t < r; t++) {
        start += bytes[t];
    }
    return start;
}

/* In turn t to the t-th process behind this one, and from the t-th before it. */
static void exchange_in_turn(const group *g, const char *send, const int64_t *send_bytes, char *receive,
                             const int64_t *receive_bytes) {
    for (int t = 0; t < g->count; t++) {
        int to = (g->rank + t) % g->count, from = (g->rank - t + g->count) % g->count;
        exchange_pieces(g, to, send + start_of(send_bytes, to), send_bytes[to], from,
                        receive + start_of(receive_bytes, from), receive_bytes[from]);
    }
}

static void exchange(void *user, const void *send, const int64_t *send_bytes, void *receive,
                     const int64_t *receive_bytes) {
    const group *g = user;
    bool few_sent = fill_counts(g, 0, send_bytes, 1), few_received = fill_counts(g, g->count, receive_bytes, 1);
    int many = !few_sent || !few_received;
    MPI_Allreduce(MPI_IN_PLACE, &many, 1, MPI_INT, MPI_MAX, g->comm);
    if (many) {
        exchange_in_turn(g, send, send_bytes, receive, receive_bytes);
    } else {
        MPI_Alltoallv(send, g->counts, g->starts, MPI_BYTE, receive, g->counts + g->count, g->starts + g->count,
                      MPI_BYTE, g->comm);
    }
}

static void split(void *user, int64_t part_number, nmf_crowd *part);

/* Processes of it on this machine. */
static int count_here(MPI_Comm comm) {
    MPI_Comm here;
    int count;
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &count);
    MPI_Comm_free(&here);
    return count;
}

static nmf_status crowd_of(MPI_Comm comm, nmf_crowd *crowd) {
    group *g = calloc(1, sizeof *g);
    int here = count_here(comm);
    *crowd = (nmf_crowd){.user = g};
    if (!g) {
        return NMF_ERROR_MEMORY;
    }
    g->comm = comm;
    g->begun = MPI_REQUEST_NULL;
    MPI_Comm_size(comm, &g->count);
    MPI_Comm_rank(comm, &g->rank);
    g->counts = calloc(2 * (size_t)g->count, sizeof *g->counts);
    g->starts = calloc(2 * (size_t)g->count, sizeof *g->starts);
    *crowd = (nmf_crowd){.rank = g->rank,
                         .count = g->count,
                         .here = here,
                         .sum = sum,
                         .largest = largest,
                         .gather = gather,
                         .collect = collect,
                         .sum_shares = sum_shares,
                         .wait = wait_for,
                         .broadcast = broadcast,
                         .exchange = exchange,
                         .split = split,
                         .leave = nmf_mpi_leave,
                         .user = g};
    return g->counts && g->starts ? NMF_OK : NMF_ERROR_MEMORY;
}

static void split(void *user, int64_t part_number, nmf_crowd *part) {
    const group *g = user;
    MPI_Comm comm;
    MPI_Comm_split(g->comm, (int)part_number, g->rank, &comm);
    if (crowd_of(comm, part) != NMF_OK) {
        MPI_Abort(g->comm, NMF_ERROR_MEMORY);
    }
}

nmf_status nmf_mpi_crowd(MPI_Comm from, nmf_crowd *crowd) {
    MPI_Comm comm;
    MPI_Comm_dup(from, &comm);
    int failed = crowd_of(comm, crowd) != NMF_OK;
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, comm);
    if (failed && crowd->user) {
        nmf_mpi_leave(crowd);
    } else if (failed) {
        MPI_Comm_free(&comm);
    }
    return failed ? NMF_ERROR_MEMORY : NMF_OK;
}

void nmf_mpi_leave(nmf_crowd *crowd) {
    group *g = crowd->user;
    if (g) {
        MPI_Comm_free(&g->comm);
        free(g->counts);
        free(g->starts);
        free(g);
        *crowd = (nmf_crowd){.user = NULL};
    }
}

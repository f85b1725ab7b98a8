/*
 * nmf: non-negative matrix factorization.
 *
 * Given a non-negative matrix A (m rows, n columns), find non-negative W (m×k) and H (k×n) with A ≈ W·H, by alternating
 * least squares: fix W and solve for H, fix H and solve for W, again and again.
 *
 * Conventions
 * - Sizes and indices are int64_t and count from 0; sentences meant for people count rows and columns from 1.
 * - Every function that can fail returns an nmf_status; nmf_context_message() then holds one sentence that says what
 * went wrong, where, and what is allowed. Output arguments are set to NULL on failure unless a function says otherwise.
 * - The library never prints, exits or changes its host. Every free function accepts NULL.
 * - A context and what was made from it belong to one thread at a time; different contexts are independent.
 */
#ifndef NMF_NMF_H
#define NMF_NMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NMF_API __attribute__((visibility("default")))
#else
#define NMF_API
#endif

/* What a call came to. The numbers are also the exit codes of the command. */
typedef enum nmf_status {
    NMF_OK = 0,
    NMF_ERROR_USAGE = 2,  /* an argument or option is outside what is allowed */
    NMF_ERROR_INPUT = 3,  /* the matrix, or the file it comes from, cannot be used */
    NMF_ERROR_OUTPUT = 4, /* a result could not be written */
    NMF_ERROR_MEMORY = 5, /* memory could not be had */
    NMF_INTERRUPTED = 130 /* an observer asked to stop */
} nmf_status;

/* The type of the numbers computed with. */
typedef enum nmf_dtype { NMF_F64 = 0, NMF_F32 = 1 } nmf_dtype;

/* "0.1.0". */
NMF_API const char *nmf_version(void);

/* ---- context ---- */

typedef struct nmf_context nmf_context;

/*
 * Where memory comes from. `resize` works as realloc does: it returns `bytes` bytes that hold what `memory` held, or
 * NULL with `memory` untouched; `memory` may be NULL. `release` takes what `resize` gave, or NULL.
 */
typedef struct nmf_allocator {
    void *(*resize)(void *user, void *memory, size_t bytes);
    void (*release)(void *user, void *memory);
    void *user;
} nmf_allocator;

/* Make a context. `memory` NULL: the C library's. The struct is copied. NMF_ERROR_MEMORY is the only failure. */
NMF_API nmf_status nmf_context_new(const nmf_allocator *memory, nmf_context **context);

/* Free a context, after everything that was made from it. */
NMF_API void nmf_context_free(nmf_context *context);

/* The sentence of the last failure in this context; "" when there was none. Owned by the context. */
NMF_API const char *nmf_context_message(const nmf_context *context);

/* Have warnings (all-zero rows, a rank above min(m, n), …) handed to `warn`, one sentence a call. NULL: dropped. */
NMF_API void nmf_context_on_warning(nmf_context *context, void (*warn)(void *user, const char *sentence), void *user);

/*
 * Have the reading and writing of files watched: after every block, with the path, how many bytes of the file are done
 * and how many there are, -1 where that is not known, as when writing. A return other than 0 stops it with
 * NMF_INTERRUPTED. NULL: nobody watches.
 */
NMF_API void nmf_context_on_bytes(nmf_context *context,
                                  int (*watch)(void *user, const char *path, int64_t done, int64_t total), void *user);

/*
 * Have files read and fits made in so many bytes of memory, all together; what would take more is refused. 0: in what
 * the machine has free.
 */
NMF_API void nmf_context_limit_memory(nmf_context *context, double bytes);

/* ---- several processes ---- */

/*
 * Processes that fit one matrix together. The library does not know how they reach each other: whoever does (nmf_mpi.h,
 * for MPI) gives these calls. Every process of the crowd makes them in the same order, with the same counts.
 */
typedef struct nmf_crowd nmf_crowd;
struct nmf_crowd {
    int64_t rank, count; /* of this process, from 0; of all */
    int64_t here; /* of them on this machine, whose memory they share; 0: not known, and taken as this one alone */
    /* Each of the numbers becomes the sum, or the largest, of those of all processes: the same bits in all. */
    void (*sum)(void *user, double *numbers, int64_t count);
    void (*largest)(void *user, double *numbers, int64_t count);
    /*
     * `all` becomes what all processes have, in the order of their ranks: bytes[r] of process r. Begun here, it is so
     * after `wait`; until then neither array is touched, and no more is asked of this crowd than the two above.
     */
    void (*gather)(void *user, const void *own, const int64_t *bytes, void *all);
    /* The same for process 0 alone; the others have no `all`. */
    void (*collect)(void *user, const void *own, const int64_t *bytes, void *all);
    /* `own` becomes this process's share of the sum of everybody's `all`: counts[r] numbers for process r. Likewise. */
    void (*sum_shares)(void *user, nmf_dtype dtype, const void *all, const int64_t *counts, void *own);
    void (*wait)(void *user);
    void (*broadcast)(void *user, int64_t from, void *bytes, int64_t count);
    /*
     * From each to each: `send` has the bytes for process 0, then those for process 1, …, send_bytes[r] for process r;
     * `receive` becomes what the processes have for this one, in the order of their ranks, receive_bytes[r] from
     * process r. What one sends and the other receives must be the same count; it may be 0.
     */
    void (*exchange)(void *user, const void *send, const int64_t *send_bytes, void *receive,
                     const int64_t *receive_bytes);
    /* Those processes that name the same group, in the same order, as a crowd of its own until it is left. */
    void (*split)(void *user, int64_t group, nmf_crowd *part);
    void (*leave)(nmf_crowd *part); /* waits for nobody */
    void *user;
};

/*
 * Be one of a crowd, which must outlast the context, or with NULL of none. From then on nmf_matrix_place spreads a
 * matrix over its processes, each of which must read it and make the same calls; nmf_fit then gives each its part of W
 * and H (nmf_result_gather, nmf_result_write). Several starts (restarts, nmf_survey, nmf_consensus_new) are shared out
 * among the processes that have all of the matrix, or among groups of them over which it is spread. A failure of any is
 * one of all, with the same sentence; after it the context is of no crowd any more.
 */
NMF_API void nmf_context_join(nmf_context *context, const nmf_crowd *crowd);

/* How many there are: 1 for one by itself. And is this the one that has the results, number 0? */
NMF_API int64_t nmf_context_processes(const nmf_context *context);
NMF_API bool nmf_context_leads(const nmf_context *context);

/*
 * Wait for each other: `status` where no process has failed, else how the one of the lowest rank did, with its
 * sentence. Every process must come here once more before it ends.
 */
NMF_API nmf_status nmf_context_agree(nmf_context *context, nmf_status status);

/* What the leading process has there comes to all. */
NMF_API void nmf_context_share(nmf_context *context, void *bytes, int64_t count);

/*
 * Has every process there what the leading one has? Else it is NMF_ERROR_USAGE in all of them: "process 3 of 4: `what`
 * is not as in the first process".
 */
NMF_API nmf_status nmf_context_same(nmf_context *context, const char *what, const void *bytes, int64_t count);

/* ---- matrix ---- */

/* A: dense or sparse, read-only once made, checked to be finite and, unless told otherwise, non-negative. */
typedef struct nmf_matrix nmf_matrix;

/* What a matrix may hold besides finite numbers of 0 and above; joined by |. */
typedef enum nmf_allow {
    NMF_ALLOW_MISSING = 1,  /* NaN: an entry that nobody observed, which no fit looks at */
    NMF_ALLOW_NEGATIVE = 2, /* numbers below 0: for fits whose W is free */
    NMF_KEEP_ZEROS = 4      /* zeros that a sparse matrix stores stay entries: for fits of the stored entries alone */
} nmf_allow;

/*
 * A dense matrix over the caller's memory, which must outlive it: entry (i, j) is values[i·row_stride + j·col_stride],
 * in numbers of `dtype`. `allowed`: of nmf_allow, 0 for none. NMF_ERROR_USAGE: no stride is 1, one is below 1, or the
 * sizes cannot be. NMF_ERROR_INPUT: an entry is infinite, or NaN or negative where that is not allowed (the sentence
 * names it), or there is no row or column.
 */
NMF_API nmf_status nmf_matrix_dense(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype,
                                    const void *values, int64_t row_stride, int64_t col_stride, unsigned allowed,
                                    nmf_matrix **matrix);

/*
 * Compressed lines, the rows of a matrix or its columns: line i has its entries at start[i] … start[i+1]-1 of `index`,
 * which says where in the line they stand, and of `values`. The arrays are the caller's.
 */
typedef struct nmf_compressed {
    int64_t rows, cols;
    bool by_col;        /* lines are columns (CSC); else rows (CSR) */
    size_t index_bytes; /* `start` and `index` are of int32_t (4) or int64_t (8) */
    nmf_dtype dtype;    /* of `values` */
    const void *start, *index, *values;
} nmf_compressed;

/*
 * A sparse matrix copied from compressed lines. Entries of a line may come in any order; those given twice are summed,
 * zeros dropped unless `allowed` keeps them. At most 4294967295 rows and columns. Failures as for nmf_matrix_dense.
 */
NMF_API nmf_status nmf_matrix_sparse(nmf_context *context, const nmf_compressed *lines, unsigned allowed,
                                     nmf_matrix **matrix);

/* How to read a file; all zero is a good start. */
typedef struct nmf_read_options {
    nmf_dtype dtype;  /* the numbers to hold */
    unsigned allowed; /* of nmf_allow; of text, NA and empty fields are missing too */
    /*
     * Files with one name a line. NULL: the names in the file or, failing that, in files beside it of as many lines:
     * for FILE.mtx.gz, FILE.rows.txt and FILE.cols.txt, else rows.txt and cols.txt.
     */
    const char *row_names, *col_names;
    const char *delimiter; /* of a text table: one character, "tab", or "blanks" for any run of them; NULL: found out */
    const char *layer;     /* which matrix, in a file that holds several; NULL: the only or the main one */
    /*
     * Leave the matrix in its file where that can be read block by block, for nmf_matrix_place: an .nmfx, and an .npy
     * where memory is limited or it would take more than half of it. Entries of a sparse file that would take more than
     * half of the memory go to a file in $TMPDIR or /tmp. In a crowd the coordinates of a Matrix Market file that is
     * not packed stay there, too, until nmf_matrix_place has each process read a share of them: before it such a matrix
     * has a size and names, and nothing else.
     */
    bool in_file;
} nmf_read_options;

/*
 * Read a matrix: Matrix Market, NPY, NPZ, svmlight, HDF5 or text (CSV, TSV, blanks), each also packed by gzip or zstd,
 * or a folder as 10x Genomics writes it; told apart by content. "-" is the standard input. A sparse file gives a sparse
 * matrix. `options` may be NULL. Errors name the file, the line or byte, and what was expected there.
 */
NMF_API nmf_status nmf_matrix_read(nmf_context *context, const char *path, const nmf_read_options *options,
                                   nmf_matrix **matrix);

/* nmf_prepare_options.normalize: scale to the median of the columns' sums. */
#define NMF_NORMALIZE_MEDIAN (-1.0)

/*
 * What to do to a matrix before it is factorized, in this order: transpose, select, normalize, log1p, tfidf. All zero
 * does nothing.
 */
typedef struct nmf_prepare_options {
    bool transpose; /* rows become columns, and are called so in what follows */
    /*
     * Files with one name a line: only the rows (columns) of these names, in the order of the matrix, all of those that
     * share one. NULL: every row (column).
     */
    const char *select_rows, *select_cols;
    /* Scale every column to this sum, or to the median of those that are not 0; columns of zeros stay. 0: as they are.
     */
    double normalize;
    bool log1p; /* every entry a becomes ln(1 + a) */
    bool tfidf; /* rows are terms, columns documents: entry·(ln((1 + n)/(1 + df)) + 1), then columns of norm 1 */
} nmf_prepare_options;

/*
 * Replace a matrix by the prepared one, which has its names and is sparse where it was; the old one is freed. On
 * failure it stays as it was. Numbers are computed in double and kept in the matrix's dtype; missing entries stay
 * missing. NMF_ERROR_INPUT: a file of names cannot be used (the sentence names file, line and name), columns cannot be
 * scaled to the sum within the dtype, or an entry is too low: for normalize and tfidf below 0, for log1p -1 or below.
 */
NMF_API nmf_status nmf_matrix_prepare(nmf_context *context, const nmf_prepare_options *how, nmf_matrix **matrix);

NMF_API void nmf_matrix_free(nmf_matrix *matrix);

typedef struct nmf_matrix_info {
    int64_t rows, cols;
    int64_t nnz;                  /* entries that are neither zero nor missing */
    int64_t missing;              /* entries that are NaN */
    int64_t stored;               /* entries that are kept: of a dense matrix all of them */
    int64_t zero_rows, zero_cols; /* rows and columns with nothing but zeros and missing entries */
    double min, max;              /* over all entries that are not missing, zeros counted; 0 where there are none */
    double norm;                  /* ‖A‖F, of those that are not missing */
    bool sparse;
    nmf_dtype dtype;
    size_t bytes;       /* memory the matrix takes */
    const char *source; /* "npy, uint8", "Matrix Market, integer", … ; "memory" where it was not read */
} nmf_matrix_info;

NMF_API void nmf_matrix_get_info(const nmf_matrix *matrix, nmf_matrix_info *info);

/*
 * A hash of the sizes and entries, not of the names, of a matrix that is not spread over a crowd: the same for a dense
 * and a sparse matrix of the same entries, whatever file they come from; for telling a matrix from another, not against
 * forgery.
 */
NMF_API uint64_t nmf_matrix_hash(const nmf_matrix *matrix);

/* The name of row i or column j, or NULL where the rows (columns) have none. Owned by the matrix. */
NMF_API const char *nmf_matrix_row_name(const nmf_matrix *matrix, int64_t i);
NMF_API const char *nmf_matrix_col_name(const nmf_matrix *matrix, int64_t j);

/* Write the whole matrix, row by row, into `values` (rows·cols doubles): for small ones such as W and H. */
NMF_API void nmf_matrix_copy(const nmf_matrix *matrix, double *values);

/* ---- options ---- */

/* What a fit tells its observer after every iteration. */
typedef struct nmf_progress {
    int64_t iteration, max_iter;  /* iteration 0, with the error of a sample of A: a start is being fitted to that */
    double seconds;               /* since the fit began */
    double error, relative_error; /* as in nmf_step */
    int64_t start, starts; /* the start that is fitted, or the best of those fitted together, from 1, of how many */
} nmf_progress;

/* nmf_options.alpha_h: the same as alpha_w. */
#define NMF_SAME (-1.0)

/*
 * Options of a fit. nmf_options_init() sets the defaults; afterwards 0 in max_iter, tol or threads and NULL in a text
 * stand for the default that nmf_option_at() names. Texts and matrices are the caller's, and must outlive the fit.
 *
 * What is lowered is Σ ω·d(a, wh) over the entries that count, d by `loss` (½(a − wh)² for frobenius), plus penalties.
 * Which options go together: docs/combinations.md; what does not is refused with a sentence.
 */
typedef struct nmf_options {
    int64_t rank;          /* k, the number of components, at least 1; 0: that of fix_w, fix_h or start_w */
    const char *solver;    /* "auto", "hals", "bpp", "mu", "als", "online" */
    const char *loss;      /* "frobenius", "kl", "is", "beta", "huber", "mae" */
    double loss_parameter; /* B of beta, D of huber */
    const char *init;      /* "nndsvd", "random", "sample", "sketch", "numpy" */
    uint64_t seed;         /* of the random numbers */
    int64_t max_iter;      /* iterations at most; 0: the solver's default */
    int64_t batch;         /* columns, or rows, that solver online learns from at a time; 0: 1024, or 10·k */
    double tol;            /* when to stop, see `stop`; 0: the solver's default */
    const char *stop; /* "error": the error is below tol; "change": it (with penalties, the objective) fell by less than
                         tol of itself; "kkt": residual < tol */
    const char *keep; /* "last" iterate or the "best" one */
    double time;      /* seconds after which the fit stops with what it has; an iteration that would end later is not
                         begun. 0: no limit. Results then depend on how fast the machine is. */
    nmf_dtype dtype;  /* the numbers computed with */
    int64_t threads;  /* 0: every core this process may use */
    bool reproducible; /* over several processes the bits that one comes to: sums are made in the order of the items,
                          all of which come to every process. In one process results are so anyway */

    /* Going on after an end that nobody wished for. */
    const char *checkpoint;  /* a file that the fit is kept in while it runs; NULL: none. PATH.1 is the one
                                before. What cannot be written is a warning. Not with several starts */
    double checkpoint_every; /* seconds from one to the next; 0: 60. Another is written where the observer, or time,
                                stops the fit */
    bool resume; /* go on from `checkpoint`, to the bits that the fit would have come to; where there is none
                    yet, it begins, with a warning */

    /* What is observed. Missing entries of A count for nothing in any case. */
    const char *observed;      /* "all", or "stored": only the entries that a sparse A stores */
    const nmf_matrix *mask;    /* of A's shape: entries that are not 0 here are hidden from the fit; NULL: none */
    const nmf_matrix *weights; /* of A's shape, ≥ 0: ω; entries that a sparse one does not store weigh 0. NULL: 1 */
    double implicit;           /* α > 0: ω = 1 + α·a, and a becomes 1 where above 0 (Hu, Koren & Volinsky 2008) */

    /*
     * Penalties. alpha and l1_ratio scale with the matrix, as scikit-learn's do: row i of W adds
     * n_i·alpha_w·(l1_ratio·Σw
     * + ½(1 − l1_ratio)·‖w‖²), n_i the entries that count in row i of A (without masks all n; with them as Zhou et al.
     * 2008 weigh theirs); column j of H m_j·alpha_h·(…). The others are taken as they are: l1·ΣW + ½·l2·‖W‖² +
     * ½·ortho·Σ_{c≠d} ⟨w_c, w_d⟩ over the columns of W, or the rows of H.
     */
    double alpha_w, alpha_h, l1_ratio;
    double l1_w, l1_h, l2_w, l2_h, ortho_w, ortho_h;
    /* ¼·graph_weight·Σ_jl s_jl·‖h_j − h_l‖² over the columns of H, S symmetric, n×n (GNMF: Cai et al. 2011). */
    const nmf_matrix *graph_h;
    double graph_weight; /* 0: 1 */

    /* Constraints. */
    const nmf_matrix *fix_w;   /* m×q, q ≤ k: the first q components of W, held as they are */
    const nmf_matrix *fix_h;   /* q×n: likewise the first q rows of H */
    double max_w, max_h;       /* no entry above this; 0: no bound */
    const char *simplex;       /* "none", or "h": the columns of H sum to 1 */
    const char *free;          /* "none", or "w": W, and A, may have numbers below 0 (semi-NMF) */
    bool symmetric;            /* W = Hᵀ, for a symmetric A */
    const nmf_matrix *start_w; /* m×k and k×n: where to start, rather than from `init`; both or neither */
    const nmf_matrix *start_h;

    /* Several starts. */
    int64_t restarts; /* fits from as many starts, of the seeds S, S + 1, …; the best is handed back. 0: 1 */
    bool keep_all;    /* each is fitted to its end, as with als; else the worse ones are dropped on the way */

    /* What is handed back. */
    const char *order; /* "weight": components by Σw·Σh, the largest first, behind those held; "start": as they began */
    const char *unit; /* "none"; "sum" or "norm": columns of W and rows of H of that length, the rest in d */

    /* Called after every iteration; a return other than 0 stops the fit with NMF_INTERRUPTED. May be NULL. */
    int (*observer)(void *user, const nmf_progress *progress);
    void *observer_user;
} nmf_options;

NMF_API void nmf_options_init(nmf_options *options);

/*
 * Set one option from text, by its name in the table ("max-iter", "100"; "loss", "beta:0.5"). An option without an
 * argument is set whatever the text, which may be NULL. NMF_ERROR_USAGE says what is allowed.
 */
NMF_API nmf_status nmf_options_set(nmf_context *context, nmf_options *options, const char *name, const char *value);

/* Do the options hold, and go together? What depends on a matrix shows only at the fit. NMF_ERROR_USAGE says why not.
 */
NMF_API nmf_status nmf_options_check(nmf_context *context, const nmf_options *options);

/* One row of the options table, from which the command and the bindings make theirs. */
typedef struct nmf_option_info {
    const char *name;     /* "max-iter" */
    char letter;          /* 'k' for rank; 0: none */
    const char *argument; /* what to call its value in help: "N"; NULL: it takes none */
    char help[960];       /* one sentence or two, then what each choice is */
    char choices[120];    /* "last|best"; "" where it is a number */
    char value[120];      /* its default, for help: "42", "hals 500, mu 2000"; "" where it has none */
} nmf_option_info;

/* Row `index` of the table, or false past its end. */
NMF_API bool nmf_option_at(int64_t index, nmf_option_info *info);

/* The name closest to `word` among `count` names, or NULL if none is close: for "did you mean". */
NMF_API const char *nmf_closest(const char *word, const char *const *names, int64_t count);

/* ---- fit ---- */

typedef struct nmf_result nmf_result;

typedef struct nmf_step {
    int64_t iteration;
    double seconds; /* since the fit began, the making of the start included */
    /*
     * Of frobenius ‖A−WH‖F (weighted: sqrt Σ ω·(a − wh)²), of other losses the loss itself. For kl, is and beta a wh
     * counts as at least 10^-12 of the mean of A, except for kl where a is 0.
     */
    double error;
    /* Of frobenius, to the error of WH = 0; of huber and mae likewise; of kl, is, beta to that of every wh = the mean.
     */
    double relative_error;
    double objective; /* what is lowered: the loss and the penalties */
} nmf_step;

/* What became of one of several starts. */
typedef struct nmf_start {
    uint64_t seed;
    int64_t iterations;                      /* 0: interrupted before it began; it has no errors then */
    double error, relative_error, objective; /* as in nmf_step, of the iterate that `keep` gives */
    bool dropped;                            /* before its end, since others were better */
} nmf_start;

typedef struct nmf_summary {
    int64_t rows, cols, nnz, rank;
    const char *solver, *loss, *init; /* as used: never "auto"; init "start" where one was given */
    double loss_parameter;
    int64_t observed; /* entries that count */
    bool penalized;   /* the objective is more than the loss */
    uint64_t seed;
    nmf_dtype dtype;
    int64_t threads;
    int64_t iterations;
    const char *stop_reason; /* "error", "change", "kkt": the rule; "exact": no error is left; "max-iter"; "time";
                                "interrupted"; "stalled": rounding lets no step lower the error; "overflow": numbers
                                left their range */
    bool converged;          /* the stopping rule was met */
    double error, relative_error, objective; /* as in nmf_step, of the factors handed back */
    double deviance, log_likelihood; /* of kl, as a Poisson model: 2·loss, and Σ ω·(a·log wh − wh − log a!); else NaN */
    /*
     * How far W, H are from a point where no single entry can be moved to lower the objective: sqrt(Σ g·d²/s), d the
     * coordinate step of each entry and g its curvature, s the size of what is fitted (Σ ω·a² of frobenius, Σ ω·a of
     * kl, Σ ω·a^B of beta, the loss of WH = 0 of huber and mae). 0 at a stationary point; the same for A·s and, without
     * penalties, for W·D, D⁻¹·H.
     */
    double kkt_residual;
    double seconds;
    int64_t best_iteration;  /* the one with the smallest error, or objective where there are penalties */
    double best_error;       /* its error */
    int64_t held;            /* the first components, which were given */
    const double *d;         /* with `unit`: A ≈ W·diag(d)·H, k numbers; else NULL */
    const nmf_step *history; /* one step an iteration */
    int64_t restarts;        /* starts there were, and what became of each; 1 and NULL where there was but one */
    const nmf_start *starts;
    int64_t processes; /* of the crowd, or 1 */
    double words;      /* numbers that came from others to this process in the last iteration, those of sums aside */
} nmf_summary;

/*
 * Factorize A, which is of the same context; `options` from nmf_options_init on. On NMF_OK and on NMF_INTERRUPTED
 * `result` holds the factors so far (free it with nmf_result_free). The same matrix, options, build and machine give
 * the same bits, whatever the number of threads.
 *
 * Algorithms: als, clipped least squares (Berry et al. 2007); hals, accelerated (Cichocki & Phan 2009; Gillis & Glineur
 * 2012) and extrapolated with restarts (Ang & Gillis 2019); bpp, block principal pivoting (Kim & Park 2011); mu (Lee &
 * Seung 2001; Févotte & Idier 2011). Losses other than frobenius: hals and bpp make Newton steps on each item's own
 * model, with a search where it does not bound the loss (for kl: Hsieh & Dhillon 2011; Carbonetto et al. 2021). online
 * learns W from batches of columns, or H from batches of rows where A has more of them, in max_iter passes, and solves
 * for the other factor after each (Mairal et al. 2010; Lefèvre, Bach & Févotte 2011).
 */
NMF_API nmf_status nmf_fit(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                           nmf_result **result);

/*
 * H for the columns of A with W (m×k) fixed. Of the options count the loss, what is observed, H's penalties, bounds and
 * simplex, and how to compute. For frobenius over all of A with nothing else asked of H it is the exact non-negative
 * least squares solution, by block principal pivoting; else that of a fit whose W is held, to `tol` (0: 1e-7). The
 * result's W is the one given.
 */
NMF_API nmf_status nmf_transform(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                                 const nmf_options *options, nmf_result **result);

/*
 * Go on with a fit of loss frobenius when columns come to its A: `w` (m×k) and `h` (k×n) are what it gave, `matrix`
 * (m×p) holds the new columns alone, and A need not be there any more. At the end of a fit A·Hᵀ = W·H·Hᵀ where W > 0,
 * so that what the old columns ask of W is known from W and H; with H as it is, and H' of the new columns A',
 *
 *     ½‖A' − W'·H'‖² + ½‖(W' − W)·H‖²
 *
 * is lowered over W' and H' by the solver (not als), at most `max_iter` times (0: 8) or until an iteration lowers it
 * by less than `tol` (0: 3e-3) of itself. The result has W' and H' (k×p), the components in their order; [H H'] is the
 * H of all columns. The summary is of the new ones: error and relative_error theirs, objective the sum above. The
 * squared error over all columns is that of the fit + 2·objective, as far as the fit had come to its end (else that is
 * an estimate). Of n depend only a copy of H and H·Hᵀ. After sums over past columns in online
 * dictionary learning (Mairal, Bach, Ponce & Sapiro 2010).
 *
 * Of the options count solver, max_iter, tol, stop, keep, time, dtype, threads, rank (0, or k) and the observer; others
 * are refused with a sentence. `w`, `h` and `matrix` are the caller's. NMF_ERROR_INPUT: they do not fit together, or
 * have entries that are missing or below 0. Else as nmf_fit, NMF_INTERRUPTED too.
 */
NMF_API nmf_status nmf_update(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w, const nmf_matrix *h,
                              const nmf_options *options, nmf_result **result);

/*
 * The W and H that a fit with these options begins with; the summary says how good they are, after 0 iterations.
 * Failures as for nmf_fit.
 */
NMF_API nmf_status nmf_initialize(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                  nmf_result **result);

/* Remove both generations of a checkpoint: for when the result of its fit is in a safe place. */
NMF_API void nmf_checkpoint_remove(nmf_context *context, const char *path);

NMF_API void nmf_result_free(nmf_result *result);

/* Owned by the result. */
NMF_API const nmf_summary *nmf_result_summary(const nmf_result *result);

/*
 * Of a fit of a matrix that is spread over a crowd every process has its own rows of W and columns of H. Every process
 * comes here: they come to process 0, which then has all of them.
 */
NMF_API nmf_status nmf_result_gather(nmf_context *context, const nmf_matrix *matrix, nmf_result *result);

/*
 * Or they stay where they are, and each process writes its part of W, or with `h` of H, to the .npy file `path`, which
 * all of them see, as a whole or not at all. `matrix` is the one that was fitted.
 */
NMF_API nmf_status nmf_result_write(nmf_context *context, const nmf_matrix *matrix, const nmf_result *result, bool h,
                                    const char *path);

/*
 * Copy W (rows×rank) or H (rank×cols), row by row, as numbers of `dtype` into memory of the caller's; of a part that
 * was not gathered its own rows, or columns, alone.
 */
NMF_API void nmf_result_w(const nmf_result *result, nmf_dtype dtype, void *values);
NMF_API void nmf_result_h(const nmf_result *result, nmf_dtype dtype, void *values);

/*
 * How good W (m×k) and H (k×n) are for A, by what the options lower: fills in error, relative_error, objective,
 * deviance, log_likelihood, kkt_residual, observed and what it is of. Of the options count the loss, what is observed,
 * penalties, constraints (which say what kkt_residual may move, and whether numbers below 0 are taken), dtype and
 * threads. `summary`->d, history and starts are NULL, and solver, init and stop_reason "". NMF_ERROR_INPUT: A, W and H
 * do not fit together, have entries that a fit could not have, or WH is so far from A that the loss is past every
 * number. On failure `summary` is all zero.
 */
NMF_API nmf_status nmf_evaluate(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                                const nmf_matrix *h, const nmf_options *options, nmf_summary *summary);

/* ---- a batch of columns at a time ---- */

/* What is kept between batches: three arrays of the caller's, rows × rank, row by row. */
typedef struct nmf_online {
    int64_t rows, rank;
    double *w;
    /* What pulled and what pushed the entries of W so far; nmf_online_start fills them in. */
    double *pull, *push;
} nmf_online;

/* How a batch is learned from. */
typedef struct nmf_online_options {
    double forget; /* in [0, 1]: what earlier batches count for, beside this one */
    bool solve_h;  /* H of the batch is solved for, as nmf_transform does, whatever it was; else updated once */
} nmf_online_options;

/* What a batch came to. */
typedef struct nmf_online_report {
    double objective; /* of the batch, between the updates of H and of W: the loss and the penalties */
    double moved;     /* ‖W − W before‖F / ‖W‖F; 0 where nothing moved */
} nmf_online_report;

/* Before the first batch: pull = W, push = 1 (Lefèvre, Bach & Févotte 2011). */
NMF_API void nmf_online_start(nmf_online *state);

/*
 * Learn from a batch of columns of A by multiplicative updates (Lefèvre, Bach & Févotte 2011): H (k × columns of the
 * batch, row by row, the caller's) is updated once or solved for, then
 *
 *     pull ← forget·pull + W^(1/γ)∘(what pulls W here),  push ← forget·push + (what pushes it),  W ← (pull ⊘ push)^γ
 *
 * with γ of Févotte & Idier 2011. With forget = 0 and all of A as the batch, a step is an iteration of the solver mu.
 * For kl, is and beta with B ≤ 1 a number of W that shrinks is 0 once it is negligible beside its row.
 *
 * Of the options count loss, alpha_w, alpha_h, l1_ratio (scaled by the batch), l1, l2, what is observed (a mask and
 * weights of the batch's shape), dtype and threads; no others. NMF_ERROR_USAGE: forget or the rank is outside what is
 * allowed. NMF_ERROR_INPUT: the batch has other rows than W, W, H, pull or push have numbers that are negative or not
 * finite, or what they would become is past every number. On failure W, H, pull, push and `report` are as before.
 */
NMF_API nmf_status nmf_online_learn(nmf_context *context, const nmf_matrix *batch, const nmf_options *options,
                                    const nmf_online_options *how, nmf_online *state, double *h,
                                    nmf_online_report *report);

/* Bytes a fit of this matrix takes besides the matrix itself. NMF_ERROR_USAGE when the options do not hold. */
NMF_API nmf_status nmf_fit_memory(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                  size_t *bytes);

/* Where a matrix is during a fit. */
typedef struct nmf_placement {
    /* "memory"; "mapped": in its file, of which the system keeps in memory what it can; "streamed": in its file, which
     * is read block by block, once an iteration; "spread" over the processes of a crowd. */
    const char *place;
    int64_t groups;      /* of processes, each of which has all of the matrix and its share of the starts, if several */
    int64_t grid[2];     /* of one that is spread: parts into which its rows, and its columns, are cut; else 1 */
    double matrix_bytes; /* of memory for it; of one that is streamed, for blocks read ahead, and kept */
    double fit_bytes;    /* for all else */
    double least_bytes;  /* the least in which it could be streamed; INFINITY where it cannot be */
    double read_bytes;   /* from its file in an iteration */
} nmf_placement;

/*
 * Choose where a matrix that was read with in_file is to be during a fit of these options, within what
 * nmf_context_limit_memory allows: in memory or mapped where it fits, else streamed. *matrix is replaced where it is
 * brought to memory. A matrix that is streamed can be fitted (nmf_fit) and hashed; all else needs it in memory.
 * NMF_ERROR_MEMORY: it fits neither way; the sentence says what is needed.
 */
NMF_API nmf_status nmf_matrix_place(nmf_context *context, const nmf_options *options, nmf_matrix **matrix,
                                    nmf_placement *placement);

/*
 * The same of a matrix that is not there, of which `info` says rows, cols, stored (of a sparse one), sparse and dtype.
 * read_bytes are those of numbers as they are in memory; a file may have fewer.
 */
NMF_API nmf_status nmf_place_sizes(nmf_context *context, const nmf_options *options, const nmf_matrix_info *info,
                                   nmf_placement *placement);

/* Seconds that an iteration is going to take. */
typedef struct nmf_forecast {
    double iteration_seconds; /* where blocks are read, the longer of these for each */
    double work_seconds;      /* for the arithmetic */
    double read_seconds;      /* for the file of a matrix that is streamed */
} nmf_forecast;

/*
 * Make some iterations of a fit of these options, for about so many seconds, on the matrix or, of one that is streamed,
 * on its first blocks, read some more of those, and tell what an iteration takes. The start, of which nothing is told,
 * is a random one unless it is given. Failures as of nmf_fit.
 */
NMF_API nmf_status nmf_forecast_fit(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                    double seconds, nmf_forecast *forecast);

/* What lies between processes, each alone on its machine. */
typedef struct nmf_network {
    double latency;   /* seconds that a message takes, however short */
    double bandwidth; /* bytes that come to a process in a second */
} nmf_network;

/* What an iteration over several processes is going to take, of the process that has the most to do. */
typedef struct nmf_crowd_forecast {
    int64_t grid[2];     /* parts into which rows and columns are cut, as in nmf_placement */
    double matrix_bytes; /* of memory of a process for its share of the matrix */
    double fit_bytes;    /* for its share of the factors, those of others that it meets, and all else of the fit */
    double words;        /* numbers of the factors and of products that come to a process in an iteration */
    double work_seconds, network_seconds, iteration_seconds; /* the last is the sum: nothing is done at the same time */
} nmf_crowd_forecast;

/*
 * Tell what an iteration of a fit of these options would take over so many processes, each on a machine of its own like
 * this one, from what it takes one of them (work_seconds of nmf_forecast) and from the network, by latency, bandwidth
 * and arithmetic as in Kannan, Ballard & Park 2018 (MPI-FAUN). Of `info` count rows, cols, sparse, stored, missing,
 * min, max and dtype; nothing is made of its size. NMF_ERROR_USAGE: there are more processes than rows or columns,
 * several cannot make this fit, or a number is outside what it may be; `forecast` is then all 0.
 */
NMF_API nmf_status nmf_forecast_crowd(nmf_context *context, const nmf_options *options, const nmf_matrix_info *info,
                                      double work_seconds, const nmf_network *network, int64_t processes,
                                      nmf_crowd_forecast *forecast);

/*
 * (W·H) at `count` places, for W (m×k) and H (k×n), whatever each is held as: values[p] becomes the entry in row
 * rows[p] and column cols[p]. Computed in double; takes memory for k numbers and time O(k) a place. The arrays are the
 * caller's. NMF_ERROR_INPUT: W and H are not of one rank. NMF_ERROR_USAGE: a place is outside W·H (the sentence says
 * which, and what is allowed); `values` is then untouched.
 */
NMF_API nmf_status nmf_predict(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, int64_t count,
                               const int64_t *rows, const int64_t *cols, double *values);

/*
 * The rows with the largest (W·H)[:, col], best first, equal ones by their number: at most `most` of them, into `rows`
 * and `values`, arrays of the caller's with room for the smaller of `most` and m; `found` says how many there are. Only
 * predictions above 0 count. `seen` (m×n) has the rows to leave out: those of which it stores an entry in this column,
 * or, where it is dense, one that is not 0; a missing entry is not seen. NULL: no row is left out. Takes memory for k
 * numbers and time O(m·(k + log most)). NMF_ERROR_INPUT: W, H and `seen` do not fit together. NMF_ERROR_USAGE: there is
 * no such column, or `most` is below 1. On failure `found` is 0.
 */
NMF_API nmf_status nmf_recommend(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, const nmf_matrix *seen,
                                 int64_t col, int64_t most, int64_t *rows, double *values, int64_t *found);

/* ---- how many components, and how sure ---- */

/* How a rank is looked at; all zero is a good start. */
typedef struct nmf_survey_options {
    int64_t restarts;     /* starts, at least 2; 0: 30 */
    int64_t masks;        /* random masks whose entries are held out, one after the other; 0: 3; below 0: none */
    double held_out;      /* the share of the entries that a mask holds out; 0: 0.1 */
    int64_t most_samples; /* co-membership is looked at for this many columns, drawn where there are more; 0: 1000 */
} nmf_survey_options;

/* What a survey finds at one rank. Numbers that make no sense there (of co-membership at rank 1, of masks where there
 * are none) are NaN. */
typedef struct nmf_rank_row {
    int64_t rank, restarts;
    double error, relative_error; /* of the best start, as in nmf_step */
    double median_error;          /* relative, of all starts */
    double explained;             /* 1 − Σ(a − wh)²/Σa² of the best */
    /*
     * Samples (columns of A) belong to the component of their largest h, rows of H as long as columns of W make them.
     * C_jl, co-membership, is the share of the starts in which samples j and l belong together (Brunet et al. 2004).
     */
    double cophenetic;         /* correlation of 1 − C with the heights of its average-linkage tree */
    double dispersion;         /* mean of 4·(C − ½)² (Kim & Park 2007) */
    double pac;                /* share of the pairs with .1 < C < .9 (Șenbabaoğlu et al. 2014) */
    double silhouette_samples; /* of 1 − C, the tree cut into k */
    /* Spectra, the columns of W of all starts, each of Euclidean norm 1. */
    double silhouette_spectra; /* of their distances, clustered into k (Kotliar et al. 2019) */
    /* Components of two starts, matched to each other: their mean cosine, and the least one, as means over all pairs.
     */
    double stability, stability_least;
    /* Of entries that a mask hides from the fit, mean and standard error over masks: relative, as relative_error is. */
    double held_out, held_out_error;
    int64_t masks, samples; /* masks that hold something out (of a tiny matrix some may not), and columns looked at */
    double seconds;
} nmf_rank_row;

/*
 * What the rows of a survey suggest: of the ranks that held-out error leaves open, those from the lowest to the highest
 * within two standard errors of the least error, the highest that is stable, or the lowest where none is. Without
 * held-out error it is the highest that is stable of all, and nothing else is left open.
 */
typedef struct nmf_suggestion {
    int64_t rank;                 /* 0: none */
    int64_t low, high;            /* what is left open */
    char reason[320], doubt[320]; /* in sentences; doubt may be "" */
} nmf_suggestion;

/* How a consensus is made; all zero is a good start. */
typedef struct nmf_consensus_options {
    int64_t restarts;     /* starts, at least 2; 0: 100 */
    double density;       /* spectra farther than this from their nearest ones, on average, are left out; 0: 0.5 */
    double nearest;       /* how many of those there are, as a share of the starts; 0: 0.3 */
    double level;         /* share of the starts that intervals hold; 0: 0.9 */
    int64_t most_samples; /* as in nmf_survey_options */
} nmf_consensus_options;

/* What a consensus came to. */
typedef struct nmf_consensus_summary {
    nmf_rank_row row; /* without held-out entries */
    double level;
    double density;         /* the threshold */
    int64_t spectra, kept;  /* columns of W of all starts, and those that are not left out */
    const double *distance; /* of each of the `spectra` from its nearest ones, on average */
    /*
     * Co-membership of row.samples columns of A: which they are, in the order of the leaves of the tree; the cluster of
     * each, 0 … k−1; and C, row.samples × row.samples, in that order. Owned by the consensus.
     */
    const int64_t *sample, *cluster;
    const double *together;
} nmf_consensus_summary;

/*
 * Look at A with options->rank components: from how->restarts starts, each fitted to its end, and, for every mask, from
 * one more that does not see what the mask holds out. Of the options all that a fit takes counts but restarts and
 * keep_all; `how` may be NULL. The observer hears of every fit. Nothing is made of the size of A, or larger than
 * most_samples². NMF_ERROR_USAGE: the rank is above min(m, n), there are fewer than two starts, or an option leaves
 * nothing to compare (a start that is given, all of a factor held); NMF_INTERRUPTED: the observer asked to stop, and
 * `row` is not filled in.
 */
NMF_API nmf_status nmf_survey(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                              const nmf_survey_options *how, nmf_rank_row *row);

/* What rows, in any order, suggest, with the reason and the doubt. */
NMF_API void nmf_suggest(const nmf_rank_row *rows, int64_t count, nmf_suggestion *suggestion);

typedef struct nmf_consensus nmf_consensus;

/*
 * Consensus components (Kotliar et al. 2019): the spectra of all starts, without those that lie apart, are clustered
 * into k; W is the median of each cluster, its columns summing to 1, and H is fitted to it. Every start's components
 * are matched to those of W, and give an interval for every entry of W and H. Failures as for nmf_survey.
 */
NMF_API nmf_status nmf_consensus_new(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                     const nmf_consensus_options *how, nmf_consensus **consensus);
NMF_API void nmf_consensus_free(nmf_consensus *consensus);

/* Owned by the consensus. */
NMF_API const nmf_consensus_summary *nmf_consensus_get_summary(const nmf_consensus *consensus);
NMF_API const nmf_result *nmf_consensus_result(const nmf_consensus *consensus);

/*
 * Copy the lower or the upper ends of the intervals of W (rows×rank) or H (rank×cols), row by row, as numbers of
 * `dtype` into memory of the caller's. They are of the starts' components as W has them: columns sum to 1.
 */
NMF_API void nmf_consensus_w_bounds(const nmf_consensus *consensus, bool upper, nmf_dtype dtype, void *values);
NMF_API void nmf_consensus_h_bounds(const nmf_consensus *consensus, bool upper, nmf_dtype dtype, void *values);

/* ---- writing ---- */

/* A table to write: row-major numbers, with names where there are any. */
typedef struct nmf_table {
    int64_t rows, cols;
    nmf_dtype dtype;
    const void *values;
    const char *(*row_name)(const void *names, int64_t i); /* NULL: rows have no names */
    const void *row_names;
    const char *(*col_name)(const void *names, int64_t j); /* NULL: columns have no names */
    const void *col_names;
} nmf_table;

/*
 * The names of the formats that can be written anywhere, "csv", "npy", …; NULL past the last. Where nmf-hdf5 is
 * installed there are also "h5", as 10x Genomics lays it out, and "h5ad", AnnData, both with names.
 */
NMF_API const char *nmf_format_at(int64_t index);

/*
 * Write a table as a whole or not at all: beside `path` first, then synced and renamed. Text has the digits that read
 * back as the same numbers. csv, tsv and npz carry names; npy, mtx and svmlight carry numbers only. npz goes to plain
 * files only: the array "matrix", or of a sparse matrix what scipy.sparse.save_npz writes; "row_names", "col_names".
 */
NMF_API nmf_status nmf_table_write(nmf_context *context, const char *path, const char *format, const nmf_table *table);

/*
 * Write a matrix with its names: in `format` or, where that is NULL, the one `path` ends in, packed where that ends in
 * .gz or .zst. Names that the format has no room for go to files beside it, where nmf_matrix_read finds them:
 * FILE.rows.txt and FILE.cols.txt for FILE.npy. "-" is the standard output.
 */
NMF_API nmf_status nmf_matrix_write(nmf_context *context, const char *path, const char *format,
                                    const nmf_matrix *matrix);

/*
 * From one file to another, as nmf_matrix_read and nmf_matrix_write do it, but not by way of all of it in memory where
 * both formats allow that: to csv, tsv, svmlight, npy and nmfx with no more than a row in memory from text tables, with
 * a few blocks from nmfx and npy, and within what nmf_context_limit_memory says from sparse files (see in_file). `info`
 * says what it was; norm and the like are filled in only as far as passing rows show them.
 */
NMF_API nmf_status nmf_convert(nmf_context *context, const char *from, const nmf_read_options *options, const char *to,
                               const char *format, nmf_matrix_info *info);

/*
 * Write a copy of the AnnData file `input`, which A came from, to `path`, with the factors added: obsm["X_nmf"] is Hᵀ,
 * varm["NMF"] is W (raw's where A was raw), uns["nmf"] what the summary says. `input` stays as it is.
 */
NMF_API nmf_status nmf_result_annotate(nmf_context *context, const nmf_result *result, const char *input,
                                       const char *path);

/* Write `bytes` bytes of text the same way: whole or not at all. */
NMF_API nmf_status nmf_text_write(nmf_context *context, const char *path, const char *text, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif

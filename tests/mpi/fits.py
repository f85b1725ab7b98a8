"""Fits, surveys and starts by several processes are those of one."""
import json
import subprocess

import numpy as np

from common import COUNTS, MPIRUN, NMF, NMF_MPI, OPEN_MPI, PLACES, SOME, compare, result, same_bits, together


def formula(report, down, across):
    """Numbers that come to a process in an iteration, by Kannan, Ballard & Park 2018 without those of k x k sums."""
    m, n, k = report["rows"], report["cols"], report["rank"]
    return 2 * ((across - 1) * m * k + (down - 1) * n * k) / (down * across)


def plans(path, *options):
    """What nmf plan tells of each count."""
    words = [NMF, "plan", path, "-k", "5", "--ranks", ",".join(map(str, COUNTS)), "--json", *options]
    rows = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return {row["processes"]: row for row in rows}


def size(number):
    """As the command writes it."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    raise ValueError(number)


def as_planned(*options):
    """The numbers that come, the grid and the memory are as planned, where all parts are of as many whole blocks."""
    options = ["--max-iter", "2", *options]
    for count, plan in plans("even.npy", *options).items():
        done = together(count, ["fit", "even.npy", "-k", "5", "-o", "even", "--format", "npy", *options])
        assert done.returncode == 0, done.stderr
        counted = result("even")[0].get("words_an_iteration", 0)
        assert counted == plan["words_an_iteration"], (plan, counted)
        grid, block, fit = " x ".join(map(str, plan["grid"])), size(plan["matrix_bytes"]), size(plan["fit_bytes"])
        said = f"spread over {grid} processes: in this one the block of the matrix takes {block}, the fit {fit}\n"
        assert count == 1 or said in done.stderr, (said, done.stderr)


def same():
    grids = {1: (1, 1), 2: (2, 1), 3: (3, 1), 4: (4, 1), 6: (3, 2)}
    planned = plans("tall.npy")
    as_planned()
    for count in COUNTS:
        report = compare(count, "tall.npy")
        compare(count, "sparse.nmfx", "--solver", "bpp")
        if count > 1:
            # Parts are of whole blocks of 48 items, so that none is above the mean by more than one.
            slack = 2 * 48 * report["rank"] * 2
            assert report["words_an_iteration"] <= formula(report, *grids[count]) + slack, (count, report["words_an_iteration"])
            assert abs(report["words_an_iteration"] - planned[count]["words_an_iteration"]) <= slack, (count, planned[count])
    if OPEN_MPI:
        same_of_every_kind()


def same_of_every_kind():
    """What one implementation of MPI shows for all."""
    compare(4, "square.npy", "--solver", "mu")
    compare(6, "sparse.mtx", "--solver", "als")
    compare(3, "wide.npy", "--stop", "kkt")
    compare(4, "tiny.npy")
    compare(4, "exact.npy", "--tol", "1e-12", tolerance=1e-9)
    compare(4, "square.npy", "--dtype", "f32", tolerance=1e-5)
    compare(4, "square.npy", "--l1-w", ".1", "--l2-h", ".2", "--ortho-h", ".1", "--unit", "sum")
    compare(3, "square.npy", "--simplex", "h")
    subprocess.run([NMF, "fit", "tall.npy", "-k", "5", "--max-iter", "2", "-q", "-o", "first"], check=True)
    compare(2, "tall.npy", begin=("--start", "first"))


def begins():
    """Starts that look at A, with the products of all processes; and what each process makes by itself."""
    for count in SOME:
        compare(count, "tall.npy", begin=())
        same_bits(count, "sparse.nmfx", begin=("--init", "sketch"))
    if OPEN_MPI:
        begins_of_every_kind()


def begins_of_every_kind():
    compare(6, "sparse.mtx", begin=("--init", "sketch"), tolerance=1e-7)
    compare(4, "square.npy", "--solver", "mu", begin=("--init", "nndsvda"))
    compare(3, "square.npy", "--loss", "kl", "--solver", "bpp", begin=("--init", "nndsvdar"))
    compare(4, "square.npy", begin=("--init", "numpy"))
    same_bits(3, "tall.npy", begin=())
    same_bits(4, "square.npy", "--solver", "mu", begin=("--init", "nndsvda"))
    same_bits(3, "sparse.mtx", "--loss", "kl", begin=("--init", "nndsvdar"))
    for options in (("--init", "spa"), ("--init", "kmeans"), ("--init", "sample"), ("--solver", "online")):
        assert same_bits(2, "symmetric.npy", begin=options)["processes"] == 1


def lines():
    as_planned("--loss", "kl", "--solver", "mu")
    for count in COUNTS:
        compare(count, "square.npy", "--loss", "kl", "--solver", "bpp")
        compare(count, "holes.npy", "--missing", "nan")
    if OPEN_MPI:
        lines_of_every_kind()


def lines_of_every_kind():
    compare(3, "sparse.mtx", "--loss", "kl", "--solver", "mu")
    compare(4, "sparse.nmfx", "--observed", "stored")
    compare(2, "sparse.mtx", "--implicit", "10")
    compare(4, "square.npy", "--mask", "mask.npy")
    compare(6, "square.npy", "--weights", "weights.npy", "--loss", "huber:1.5")
    compare(3, "square.npy", "--loss", "is", "--solver", "mu")
    compare(3, "symmetric.npy", "--symmetric", "--solver", "bpp")
    compare(4, "sparse.mtx", "--graph-h", "graph.mtx", "--solver", "bpp")
    same_bits(4, "symmetric.npy", "--symmetric")
    same_bits(3, "square.npy", "--graph-h", "band.mtx")


def bits():
    for count in SOME:
        assert same_bits(count, "tall.npy")["processes"] == count
        same_bits(count, "sparse.nmfx", "--loss", "kl", "--solver", "hals")
    if OPEN_MPI:
        bits_of_every_kind()


def bits_of_every_kind():
    same_bits(4, "square.npy", "--solver", "mu")
    same_bits(6, "sparse.mtx", "--solver", "als")
    same_bits(6, "sparse.nmfx", "--solver", "bpp", "--dtype", "f32")
    same_bits(4, "exact.npy", "--tol", "1e-12")
    same_bits(4, "tiny.npy")
    same_bits(3, "square.npy", "--l1-w", ".1", "--l2-h", ".2", "--ortho-h", ".1", "--unit", "sum", "--stop", "kkt")
    same_bits(3, "square.npy", "--simplex", "h")
    same_bits(4, "square.npy", "--mask", "mask.npy", "--loss", "is")
    same_bits(6, "square.npy", "--weights", "weights.npy", "--loss", "huber:1.5")
    same_bits(4, "holes.npy", "--missing", "nan")
    same_bits(4, "alike.npy", "--missing", "nan")
    same_bits(2, "sparse.mtx", "--implicit", "10")
    same_bits(4, "sparse.mtx", "--observed", "stored", "--alpha-w", ".01")
    # Too small for a block of items each: every process makes it whole.
    assert same_bits(4, "wide.npy")["processes"] == 1


def starts():
    """Starts are shared out among processes, or among groups of them, and are those of one process."""
    for count in SOME:
        compare(count, "tall.npy", "--restarts", "5")
    report = compare(4, "square.npy", "--restarts", "2", "--keep-all", "--loss", "kl", "--solver", "mu")
    assert [start["seed"] for start in report["starts"]] == [0, 1] and not any(start["dropped"] for start in report["starts"])
    same_bits(3, "tall.npy", "--restarts", "4")
    same_bits(4, "tall.npy", "--restarts", "2")
    words = ["square.npy", "--restarts", "5", "-q", "--reproducible"]
    for folder, begin in (("one", [NMF]), ("many", [MPIRUN, *PLACES, "-n", "3", NMF_MPI])):
        subprocess.run([*begin, "rank", *words, "--ranks", "2:3", "-o", folder + ".ranks"], check=True, capture_output=True)
        subprocess.run([*begin, "rank", *words, "--ranks", "2:4", "-o", folder + ".ranks"], check=True, capture_output=True)
        subprocess.run([*begin, "consensus", *words, "-k", "3", "--format", "npy", "-o", folder + ".consensus"], check=True, capture_output=True)
    rows = [[line.rsplit(",", 1)[0] for line in open(f"{folder}.ranks/survey.csv", encoding="utf-8")] for folder in ("one", "many")]
    assert rows[0] == rows[1] and len(rows[0]) == 4, rows
    for name in ("W", "H", "W_low", "H_high"):
        assert np.array_equal(np.load(f"one.consensus/{name}.npy"), np.load(f"many.consensus/{name}.npy")), name

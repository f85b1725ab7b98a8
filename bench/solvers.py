"""Which solver is the fastest, over all real matrices that are here: what `auto` stands for is chosen by this.

Each solver from its own default start, f64, two threads, three seeds; seconds until the error is within 1 % of the best that
any of the runs ended at (medians; – where most runs never get there).
"""
import glob
import os
import statistics

import cases
from fit import fit
from report import say

SOLVERS = (("hals", "nndsvd"), ("hals", "sample"), ("hals", "random"), ("bpp", "nndsvd"), ("mu", "random"), ("als", "random"))
RANK = 10  # or the smaller side, where that is less
MORE = {"cbcl": 49, "golub": 3, "samson": 3, "sbs21": 5, "swimmer": 17, "tdt2": 30}
NEAR, RUNS = 0.01, 3
LEFT_OUT = ("seed",)


def matrices():
    """(name, file) of every matrix there is."""
    folder = os.environ.get("NMF_BENCH_DATA", os.path.join(cases.ROOT, "..", "shared", "data"))
    for name in sorted(os.listdir(folder)):
        files = [f for kind in ("npy", "mtx.gz", "mtx", "csv") for f in sorted(glob.glob(os.path.join(folder, name, f"{name}.{kind}")))]
        if files and name not in LEFT_OUT:
            yield name, files[0]


def runs(path, rank, solver, init):
    options = ["--solver", solver, "--init", init, "--threads", 2, "--stop", "change", "--tol", "1e-6", "--max-iter", 300]
    return [fit(path, rank, *options, "--seed", seed)["history"] for seed in range(RUNS)]


def seconds(found, goal):
    took = [next((step["seconds"] for step in run if step["relative_error"] <= goal), float("inf")) for run in found]
    return statistics.median(took)


def row(name, path):
    rank = MORE.get(name, RANK)
    found = {racer: runs(path, rank, *racer) for racer in SOLVERS}
    best = min(min(step["relative_error"] for step in run) for tries in found.values() for run in tries)
    figures = {" ".join(racer): seconds(tries, best * (1 + NEAR) + 1e-6) for racer, tries in found.items()}
    say(f"{name}: " + ", ".join(f"{racer} {s:.4f}" for racer, s in figures.items()))
    return {"case": name, "rank": rank, "best": best} | figures


def measure(options):
    columns = [("case", "", "s"), ("rank", "k", "d"), ("best", "best error", ".5f")]
    columns += [(" ".join(racer), " ".join(racer), ".4f") for racer in SOLVERS]
    rows = [row(name, path) for name, path in matrices() if not options.only or name in options.only]
    note = "Seconds until within 1 % of the best error of all runs; –: never, in 300 iterations."
    yield {"title": "Solvers", "note": note, "columns": columns, "rows": rows, "bars": []}

"""Reading text: `nmf info` as a whole process against scipy.io.mmread and the C engine of pandas.read_csv, one thread each."""
import os
import statistics
import subprocess
import time

import numpy as np
import pandas
import scipy.io

import cases
from fit import NMF
from report import at_least, say

COLUMNS = [("file", "file", "s"), ("mb", "MB", ".1f"), ("peer", "peer", "s"), ("theirs", "its seconds", ".3f"),
           ("ours", "nmf info, seconds", ".3f"), ("rate", "MB/s", ".0f"), ("ratio", "times as fast", ".2f")]
MTX, CSV = 5, 2  # the aims
REALS, COUNTS, SPARSE_COUNTS = "reals.csv", "counts.csv", "counts.mtx"


def made(name):
    return os.path.join(cases.MADE, name)


def make():
    """Numbers of 17 digits without names; counts of genes in cells, with names, as a table and as coordinates."""
    os.makedirs(cases.MADE, exist_ok=True)
    if all(os.path.exists(made(name)) for name in (REALS, COUNTS, SPARSE_COUNTS)):
        return
    random = np.random.default_rng(1)
    pandas.DataFrame(random.random((2000, 1000))).to_csv(made(REALS), header=False, index=False)
    counts = random.poisson(0.3, (5000, 2000)) * random.integers(1, 40, (5000, 2000))
    names = [f"gene{i}" for i in range(5000)], [f"cell{j}" for j in range(2000)]
    pandas.DataFrame(counts, index=names[0], columns=names[1]).to_csv(made(COUNTS))
    scipy.io.mmwrite(made(SPARSE_COUNTS), scipy.sparse.csr_matrix(counts))


def read_csv(path):
    return pandas.read_csv(path, engine="c", header=0 if path == made(COUNTS) else None)


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def info(path):
    one = dict(os.environ, OMP_NUM_THREADS="1")
    return timed(lambda: subprocess.run([NMF, "info", path], check=True, env=one, capture_output=True))


def row(path, name, peer, runs):
    """Both in turn, so that what else the machine does meets both."""
    pairs = [(timed(lambda: peer(path)), info(path)) for _ in range(runs)]
    theirs, ours = (statistics.median(side) for side in zip(*pairs))
    ratio = statistics.median(a / b for a, b in pairs)
    size = os.path.getsize(path) / 1e6
    say(f"{os.path.basename(path)}: {ours:.3f} s, {name} {theirs:.3f} s, {ratio:.2f} times as fast")
    return {"file": os.path.basename(path), "mb": size, "peer": name, "theirs": theirs, "ours": ours, "rate": size / ours,
            "ratio": ratio, "runs": pairs}


def measure(options):
    make()
    coordinates = [path for _, path in cases.those(["S1"])] + [made(SPARSE_COUNTS)]
    rows = [row(path, "mmread", scipy.io.mmread, options.runs) for path in coordinates]
    rows += [row(made(name), "read_csv", read_csv, options.runs) for name in (REALS, COUNTS)]
    note = ("Ours is a whole process: its start, the reading, the check of every entry, and for coordinates the sorting by "
            "rows and by columns. Theirs is the call alone; mmread leaves the coordinates as they come. Median of "
            f"{options.runs} pairs.")
    yield {"title": "Reading text", "note": note, "columns": COLUMNS, "rows": rows,
           "bars": [at_least(f"{r['file']}: {r['peer']} ÷ nmf info", r["ratio"], MTX if r["peer"] == "mmread" else CSV)
                    for r in rows]}

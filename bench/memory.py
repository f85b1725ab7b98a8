"""The most memory that `nmf fit` holds, against what A and the factors take."""
import json
import os
import subprocess
import tempfile

import cases
from fit import NMF, built, command
from report import at_most, say

DENSE, SPARSE, FACTORS = 1.25, 2, 8  # times A, times A, times W and H
RACED = ("D1", "D2", "S1", "S2")
COLUMNS = [("case", "", "s"), ("rank", "k", "d"), ("a", "A MB", ".1f"), ("factors", "W and H MB", ".1f"),
           ("allowed", "allowed MB", ".1f"), ("peak", "peak MB", ".1f"), ("ratio", "of allowed", ".2f")]


def peak(path, rank):
    """MB resident at most, in a fit from the default start by every core."""
    with tempfile.TemporaryDirectory() as folder:
        words = [built("peak"), *command(path, rank, folder, "--max-iter", 5)]
        return int(subprocess.run(words, check=True, capture_output=True).stdout.split()[-1]) / 1e6


def base():
    """MB of a process that has nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tiny.csv")
        with open(path, "w", encoding="utf-8") as out:
            out.write("1,2\n3,4\n")
        return peak(path, 1)


def sizes(path, rank):
    """MB of A (dense: f64; sparse: rows compressed, 8 + 4 bytes an entry) and of W and H."""
    found = json.loads(subprocess.run([NMF, "info", path, "--json"], check=True, capture_output=True).stdout)
    rows, cols = found["rows"], found["cols"]
    dense = path.endswith(".npy")
    a = rows * cols * 8 if dense else found["nnz"] * 12 + (rows + 1) * 8
    return dense, a / 1e6, (rows + cols) * rank * 8 / 1e6


def row(case, path):
    rank = cases.rank(case)
    dense, a, factors = sizes(path, rank)
    found = {"case": case, "rank": rank, "a": a, "factors": factors, "peak": peak(path, rank)}
    found["allowed"] = (DENSE if dense else SPARSE) * a + FACTORS * factors
    found["ratio"] = found["peak"] / found["allowed"]
    say(f"{case}: {found['peak']:.1f} MB of {found['allowed']:.1f}")
    return found


def measure(options):
    rows, idle = [row(case, path) for case, path in cases.those(options.only or RACED)], base()
    note = (f"Resident at the most; {idle:.1f} MB of it a process takes that factorizes a matrix of 2 × 2. Allowed: "
            f"{DENSE} × A where dense, {SPARSE} × A where sparse, and {FACTORS} × the factors. "
            "A mapped .npy counts: its pages are the system's to take back.")
    yield {"title": "Memory", "note": note, "base": idle, "columns": COLUMNS, "rows": rows,
           "bars": [at_most(f"{r['case']}: peak memory ÷ allowed", r["ratio"], 1) for r in rows if r["case"] in RACED]}

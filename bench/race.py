#!/usr/bin/python3
"""End to end against scikit-learn: seconds until the error is within 1 % and within 0.2 % of the error scikit-learn ends at.

usage: race.py FOLDER_OF_INPUTS OUTPUT.json [--runs N] [CASE ...]

Same data, same precision, same two threads, from random starts. Runs are interleaved, each pair from another seed; quoted are
medians and the ratio of medians. The goal is the median error that scikit-learn's cd ends at over its runs (300 iterations or
its own rule at tol 1e-5). Its matrices are read by bench/sklearn_curve.py, ours by the command; reading is timed on neither
side.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NMF = os.path.join(HERE, "..", "build", "nmf")
SLACKS = (0.01, 0.002)
CASES = {  # name: (file, rank, iterations of scikit-learn)
    "D1": ("D1.npy", 20, 300),
    "D2": ("D2.npy", 10, 300),
    "S1": ("S1.npz", 20, 300),
    "cbcl": ("cbcl/cbcl.npy", 49, 300),
    "digits": ("digits/digits.npy", 16, 300),
    "pbmc3k": ("pbmc3k/pbmc3k.mtx.gz", 20, 200),
    "tdt2": ("tdt2/tdt2.mtx.gz", 30, 200),
    "golub": ("golub/golub.npy", 3, 300),
}


def theirs(path, rank, seed, iterations):
    script = os.path.join(HERE, "sklearn_curve.py")
    command = ["/usr/bin/python3", script, path, str(rank), "f64", "cd", str(seed), str(iterations), "1e-5"]
    threads = dict(os.environ, OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2")
    found = json.loads(subprocess.run(command, env=threads, check=True, capture_output=True).stdout)
    return [tuple(step) for step in found["curve"]]


def ours(path, rank, seed):
    with tempfile.TemporaryDirectory() as folder:
        command = [NMF, "fit", path, "-k", str(rank), "--init", "random", "--seed", str(seed), "--threads", "2", "--tol", "1e-6",
                   "--quiet", "--json", "--format", "npy", "-o", folder]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return [(step["seconds"], step["relative_error"]) for step in found["history"]]


def reach(curve, error):
    """Seconds and iterations until `error`, or None."""
    return next(((s, i + 1) for i, (s, e) in enumerate(curve) if e <= error), None)


def median_seconds(curves, goal):
    """The median over the runs; one that never got there counts as forever."""
    seconds = [hit[0] if (hit := reach(c, goal)) else float("inf") for c in curves]
    return statistics.median(seconds)


def race(name, folder, runs):
    file, rank, iterations = CASES[name]
    path = next((p for p in (os.path.join(f, file) for f in folder.split(":")) if os.path.exists(p)), None)
    if not path:
        print(f"{name:8} skipped: no {file} in {folder}", flush=True)
        return None
    readable = path.replace(".npz", ".mtx")
    mine, other = [], []
    for seed in range(runs):
        mine.append(ours(readable, rank, seed))
        other.append(theirs(path, rank, seed, iterations))
    goal = statistics.median(curve[-1][1] for curve in other)
    row = {"case": name, "rank": rank, "runs": runs, "goal": goal, "ours_ends_at": statistics.median(c[-1][1] for c in mine)}
    for slack in SLACKS:
        a, b = median_seconds(mine, goal * (1 + slack)), median_seconds(other, goal * (1 + slack))
        row[f"ours_{slack}"], row[f"sklearn_{slack}"], row[f"ratio_{slack}"] = a, b, b / a
    print(f"{name:8} k={rank:<3} goal {goal:.5f}  1 %: {row['sklearn_0.01']:.3f} s / {row['ours_0.01']:.4f} s = "
          f"{row['ratio_0.01']:.1f}   0.2 %: {row['sklearn_0.002']:.3f} s / {row['ours_0.002']:.4f} s = {row['ratio_0.002']:.1f}",
          flush=True)
    return row


def main():
    arguments = sys.argv[1:]
    runs = 5
    if "--runs" in arguments:
        at = arguments.index("--runs")
        runs = int(arguments[at + 1])
        del arguments[at:at + 2]
    if len(arguments) < 2 or any(case not in CASES for case in arguments[2:]):
        sys.exit(__doc__)
    rows = [race(case, arguments[0], runs) for case in arguments[2:] or CASES]
    with open(arguments[1], "w") as out:
        json.dump([row for row in rows if row], out, indent=1)


main()

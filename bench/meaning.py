"""What fits beyond plain least squares cost and find: KL against scikit-learn, ratings, signatures, abundances."""
import csv
import itertools
import json
import os
import statistics
import subprocess
import tempfile

import numpy as np

import cases
import matrices
import openblas
from fit import NMF, command, fit
from report import at_least, at_most, say

KL_SCRIPT = os.path.join(cases.ROOT, "bench", "sklearn_kl.py")
KL = (("golub/golub.npy", 3, 200), ("pbmc3k/pbmc3k.mtx.gz", 6, 200))
NEAR = 0.001  # how far from scikit-learn's divergence counts as the same
BRUNET = 543536  # R NMF's brunet, best of ten, on golub's first 200 rows: 543 535.7
RATINGS, SPLIT_SEED, RANK, ALPHA, ITERATIONS = "ml_latest_small/ml_latest_small.mtx.gz", 0, 10, 0.16, 40
SPEED_RANK = 15
COLUMNS = [("what", "what", "s"), ("figure", "figure", ".4g"), ("beside", "beside", ".4g"), ("ratio", "ratio", ".2f"),
           ("note", "how", "s")]


def place(file):
    folder = os.environ.get("NMF_BENCH_DATA", os.path.join(cases.ROOT, "..", "shared", "data"))
    path = os.path.join(folder, file)
    if not os.path.exists(path):
        say(f"{file}: no file")
    return path if os.path.exists(path) else None


def row(what, figure, beside=None, ratio=None, note=""):
    say(f"{what}: {figure:.6g}" + (f" beside {beside:.6g}, ratio {ratio:.2f}" if ratio else ""))
    return {"what": what, "figure": figure, "beside": beside, "ratio": ratio, "note": note}


def theirs(path, rank, seed, most):
    words = ["/usr/bin/python3", KL_SCRIPT, path, rank, "random", seed, most]
    done = subprocess.run([str(w) for w in words], env=openblas.two_threads(), check=True, capture_output=True)
    return json.loads(done.stdout)


def race(file, rank, most, runs):
    """Seconds until our divergence is within .1 % of where scikit-learn's mu ends by its own rule; both from random starts."""
    path, ours, took = place(file), [], []
    for seed in range(runs if path else 0):
        end = theirs(path, rank, seed, most)
        mine = fit(path, rank, "--loss", "kl", "--init", "random", "--seed", seed, "--threads", 2, "--tol", "1e-6")
        there = (step["seconds"] for step in mine["history"] if step["error"] <= end["error"] * (1 + NEAR))
        ours.append(next(there, float("inf")))
        took.append(end["seconds"])
    if path:
        mine, other = statistics.median(ours), statistics.median(took)
        ratio = statistics.median(t / m for t, m in zip(took, ours))
        name = f"KL, {os.path.basename(file).split('.')[0]}, k = {rank}"
        found = row(name, mine, other, ratio, f"seconds, scikit-learn's mu beside; {runs} seeds")
        yield found, at_least(f"{name}: × scikit-learn mu", ratio, 10)


def brunet(folder):
    path = place("golub/golub.npy")
    if path:
        part = os.path.join(folder, "golub200.npy")
        np.save(part, np.load(path)[:200])
        found = fit(part, 3, "--loss", "kl", "--tol", "1e-8")
        yield (row("KL of golub's first 200 rows, k = 3", found["error"], BRUNET, None, "R NMF's brunet, best of ten, beside"),
               at_most("KL of golub's first 200 rows", found["error"], BRUNET))


def split(path, folder):
    """A fifth of the ratings, drawn with SPLIT_SEED, as a mask and a list of pairs; and a column of ones."""
    ratings = matrices.read(path).tocoo()
    test = np.random.default_rng(SPLIT_SEED).permutation(ratings.nnz)[:ratings.nnz // 5]
    file = os.path.join(folder, "test.mtx")
    with open(file, "w", encoding="ascii") as out:
        print("%%MatrixMarket matrix coordinate real general", file=out)
        print(*ratings.shape, len(test), file=out)
        for e in test:
            print(ratings.row[e] + 1, ratings.col[e] + 1, ratings.data[e], file=out)
    ones = os.path.join(folder, "ones.npy")
    np.save(ones, np.ones((ratings.shape[0], 1)))
    return file, ones, ratings.nnz - len(test), ratings.shape


def rmse(path, test, ones, folder):
    """Of the ratings held out: a level for every user (a column of W of ones, held), and RANK - 1 components beside it."""
    model = os.path.join(folder, "ratings")
    options = ("--observed", "stored", "--mask", test, "--alpha-w", ALPHA, "--init", "random")
    subprocess.run(command(path, RANK, model, *options, "--fix-w", ones), check=True)
    said = subprocess.run([NMF, "predict", model, test, "--json"], check=True, capture_output=True)
    return json.loads(said.stdout)["rmse"]


def step_cost(path, test, runs):
    """Milliseconds of an iteration with and without what is unobserved, from the history: the making of the start apart."""
    options = ("--init", "random", "--max-iter", ITERATIONS, "--tol", "1e-300", "--threads", 2)

    def cost(*more):
        history = fit(path, SPEED_RANK, *options, *more)["history"]
        return 1e3 * (history[-1]["seconds"] - history[0]["seconds"]) / (len(history) - 1)

    pairs = [(cost("--observed", "stored", "--mask", test, "--alpha-w", ALPHA), cost()) for _ in range(runs)]
    return [statistics.median(side) for side in zip(*pairs)]


def work(entries, all_entries, items, sweeps):
    """Flops of an iteration at SPEED_RANK: masked (half of each item's k×k, its products and its loss), and plain (two
    products, Gram matrices); both with so many sweeps over each item."""
    k = SPEED_RANK
    descent = items * 2 * k * k * sweeps
    masked = 2 * entries * k * (k + 1) + 2 * 2 * entries * k + 2 * entries * k + descent
    plain = 2 * 2 * all_entries * k + items * 2 * k * k + descent
    return masked / plain


def ratings(folder, runs):
    path = place(RATINGS)
    if not path:
        return
    test, ones, entries, shape = split(path, folder)
    error = rmse(path, test, ones, folder)
    how = f"80/20 split by seed {SPLIT_SEED}, k = {RANK}, alpha {ALPHA}, a column of ones held"
    yield row("RMSE of the ratings held out", error, note=how), at_most("ml_latest_small: RMSE held out", error, 0.92)
    masked, plain = step_cost(path, test, runs)
    sweeps = statistics.mean(min(10, 1 + i // 4) for i in range(ITERATIONS))
    model = work(entries, entries * 5 / 4, sum(shape), sweeps)
    figure = masked / plain / model
    how = f"ms, plain beside; flops {model:.2f} ×, so that a flop costs {figure:.2f} ×"
    yield (row(f"masked iteration, k = {SPEED_RANK}", masked, plain, masked / plain, how),
           at_most("masked iteration: × plain, a flop", figure, 3))


def exposures(folder):
    path, known = place("sbs21/sbs21.csv"), place("sbs21/cosmic_v2.csv")
    if path and known:
        found = fit(path, 30, "--fix-w", known)
        yield (row("exposures to 30 signatures of 21 genomes", found["seconds"], note=f"seconds; relative error {found['relative_error']:.4f}"),
               at_most("sbs21, signatures held: seconds", found["seconds"], 1))


def angles(found, truth):
    """Of the best matching of columns, in radians, in the order of the true ones."""
    unit = [m / np.linalg.norm(m, axis=0) for m in (found, truth)]
    angle = np.arccos(np.clip(unit[0].T @ unit[1], -1, 1))
    best = min(itertools.permutations(range(3)), key=lambda p: sum(angle[p[t], t] for t in range(3)))
    return [float(angle[best[t], t]) for t in range(3)]


def abundances(folder):
    path, truth = place("samson/samson.npy"), place("samson/endmembers_gt.csv")
    if not path or not truth:
        return
    with open(truth, encoding="utf-8") as file:
        known = np.array([[float(x) for x in line] for line in csv.reader(file)])
    model = os.path.join(folder, "samson")
    for options in ((), ("--simplex", "h")):
        subprocess.run(command(path, 3, model, *options), check=True)
        found = angles(np.load(os.path.join(model, "W.npy")), known)
        how = "radians: " + ", ".join(f"{name} {a:.3f}" for name, a in zip(("soil", "tree", "water"), found))
        yield row("samson, mean spectral angle" + (", columns of H sum to 1" if options else ", plain"), sum(found) / 3, note=how), None


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        parts = [race(*case, options.runs) for case in KL]
        parts += [brunet(folder), ratings(folder, options.runs), exposures(folder), abundances(folder)]
        found = list(itertools.chain(*parts))
    note = f"Medians of {options.runs} interleaved runs, f64, two threads; reading not counted."
    yield {"title": "Beyond plain least squares", "note": note, "columns": COLUMNS, "rows": [r for r, _ in found],
           "bars": [bar for _, bar in found if bar]}

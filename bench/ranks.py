"""Several starts and rank surveys: what starts together save, surveys against R's NMF and a loop over scikit-learn, and what is found."""
import itertools
import json
import os
import shutil
import statistics
import subprocess
import tempfile

import numpy as np

import openblas
from cases import ROOT
from fit import NMF, fit
from meaning import COLUMNS, place, row
from report import at_least, at_most, say

STARTS = 30
TOGETHER = (("cbcl/cbcl.npy", 20), ("bbc/bbc.mtx.gz", 10))
# R NMF, brunet, 30 runs, on golub: the cophenetic correlations of ranks 2 to 5.
COPHENETIC = {2: 0.9996, 3: 0.9954, 4: 0.9887, 5: 0.9692}


def together(file, rank, runs):
    """Seconds of so many starts together, with halving and without, and of one after another."""
    path = place(file)
    if not path:
        return
    took = []
    for _ in range(runs):
        alone = sum(fit(path, rank, "--init", "random", "--seed", seed, "--threads", 2)["seconds"] for seed in range(STARTS))
        halved = fit(path, rank, "--restarts", STARTS, "--threads", 2)
        every = fit(path, rank, "--restarts", STARTS, "--keep-all", "--threads", 2)
        lost = halved["relative_error"] / every["relative_error"] - 1
        took.append((halved["seconds"] / alone, every["seconds"] / alone, halved["seconds"], alone, lost))
    ratio, kept, seconds, alone, lost = (statistics.median(side) for side in zip(*took))
    name = f"{os.path.basename(file).split('.')[0]}, k = {rank}: {STARTS} starts"
    how = f"seconds, one after another beside; all kept {kept:.2f} of that; error {100 * lost:+.3f} % of the best of all"
    yield row(name, seconds, alone, ratio, how), at_most(f"{name} together ÷ one after another", ratio, 1 / 3)


def survey(path, ranks, restarts, folder, *options):
    shutil.rmtree(folder, ignore_errors=True)
    words = [NMF, "rank", path, "--ranks", ranks, "--restarts", restarts, "-o", folder, "--threads", 2, "--json", "-q", *options]
    done = subprocess.run([str(w) for w in words], check=True, capture_output=True)
    return json.loads(done.stdout)


def seconds_of(found):
    return sum(r["seconds"] for r in found["ranks"])


def golub(folder):
    """The survey of R's NMF, rank by rank; neither holds entries out."""
    path = place("golub/golub.npy")
    if not path:
        return
    found = survey(path, "2:5", STARTS, os.path.join(folder, "golub"), "--loss", "kl", "--masks", 0)
    for r in found["ranks"]:
        far = abs(r["cophenetic"] - COPHENETIC[r["rank"]])
        name = f"golub, k = {r['rank']}: cophenetic"
        yield row(name, r["cophenetic"], COPHENETIC[r["rank"]], None, "R NMF's brunet, 30 runs, beside"), at_most(name + ", from R NMF's", far, 0.02)
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(NMF)"], capture_output=True).returncode:
        say("golub against R NMF: r-cran-nmf is not here")
        return
    table = os.path.join(folder, "golub.txt")
    np.savetxt(table, np.load(path))
    words = ["Rscript", os.path.join(ROOT, "bench", "survey.R"), table, "2,3,4,5", str(STARTS)]
    theirs = float(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[0])
    again = survey(path, "2:5", STARTS, os.path.join(folder, "golub"), "--loss", "kl", "--masks", 0)
    mine = (seconds_of(found) + seconds_of(again)) / 2
    name = f"survey of golub, ranks 2 to 5, {STARTS} starts"
    yield row(name, mine, theirs, theirs / mine, "seconds, R NMF's brunet beside; once"), at_least(f"{name}: × R NMF", theirs / mine, 30)


def classes(folder):
    """Samples of golub in their class at rank 3: clusters of the consensus, each counted for the class most of it has."""
    path, known = place("golub/golub.npy"), place("golub/labels.txt")
    if not path or not known:
        return
    out = os.path.join(folder, "consensus")
    words = [NMF, "consensus", path, "-k", "3", "--restarts", STARTS, "--loss", "kl", "-o", out, "-q"]
    subprocess.run([str(w) for w in words], check=True)
    with open(os.path.join(out, "consensus.json"), encoding="utf-8") as file:
        clusters = json.load(file)["samples"]
    with open(known, encoding="utf-8") as file:
        labels = file.read().split("\n")
    pairs = [(c["cluster"], labels[c["column"] - 1]) for c in clusters]
    right = sum(max(pairs.count((c, l)) for l in set(labels)) for c in {c for c, _ in pairs})
    yield row("golub, k = 3: samples in their class", right, len(pairs), None, "of those beside"), at_least("golub, k = 3: samples in their class", right, 37)


def pbmc3k(folder):
    path, ranks, restarts = place("pbmc3k/pbmc3k.mtx.gz"), "5,10,15,20", 10
    if not path:
        return
    words = ["/usr/bin/python3", os.path.join(ROOT, "bench", "sklearn_survey.py"), path, ranks, str(restarts)]
    theirs = json.loads(subprocess.run(words, env=openblas.two_threads(), check=True, capture_output=True).stdout)
    found = survey(path, ranks, restarts, os.path.join(folder, "pbmc3k"), "--masks", 0)
    masked = seconds_of(survey(path, ranks, restarts, os.path.join(folder, "pbmc3k_masked")))
    mine, other = seconds_of(found), theirs["seconds"]
    worst = max(r["error"] / e - 1 for r, e in zip(found["ranks"], theirs["errors"]))
    how = f"seconds, nothing held out ({masked:.3g} with three masks); scikit-learn's cd, fits alone, beside; our errors at most {100 * worst:+.2f} % of its; once"
    name = f"survey of pbmc3k, ranks {ranks}, {restarts} starts"
    yield row(name, mine, other, other / mine, how), at_least(f"{name}: × scikit-learn", other / mine, 10)


def exact():
    path = place("swimmer/swimmer.npy")
    for rank, options in ((17, ()), (17, ("--restarts", STARTS)), (16, ("--restarts", STARTS))) if path else ():
        found = fit(path, rank, *options)["relative_error"]
        name = f"swimmer, k = {rank}" + (f", {STARTS} starts" if options else ", one start of the default")
        yield row(f"{name}: relative error", found), at_most(f"{name}: relative error", found, 1e-6) if options else None


def true_rank(folder):
    path = place("musical_sim/musical_sim.npy")
    if not path:
        return
    for loss in ("kl", "frobenius"):
        found = survey(path, "10:20", STARTS, os.path.join(folder, loss), "--loss", loss)["suggestion"]
        how = f"15 beside; {found['low']} to {found['high']} left open, loss {loss}"
        inside = found["low"] <= 15 <= found["high"]
        yield row(f"musical_sim, {loss}: rank suggested", found["rank"], 15, None, how), at_least(f"musical_sim, {loss}: 15 is inside", int(inside), 1)


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        parts = [together(*case, options.runs) for case in TOGETHER]
        parts += [exact(), golub(folder), classes(folder), pbmc3k(folder), true_rank(folder)]
        found = list(itertools.chain(*parts))
    note = f"Starts together: medians of {options.runs} interleaved runs; f64, two threads; reading not counted."
    yield {"title": "Several starts and rank surveys", "note": note, "columns": COLUMNS, "rows": [r for r, _ in found],
           "bars": [bar for _, bar in found if bar]}

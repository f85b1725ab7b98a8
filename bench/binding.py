"""The Python package: fits against scikit-learn's of the same call, to the same error, and what the binding adds to a fit."""
import itertools
import json
import os
import statistics
import subprocess

import openblas
from cases import ROOT
from meaning import COLUMNS, place, row
from report import at_least, at_most

SCRIPT = os.path.join(ROOT, "bench", "binding_race.py")
RACES = (("digits/digits.npy", 16), ("pbmc3k/pbmc3k.mtx.gz", 20))


def ask(*words):
    """What the script prints, run with the package as it was built, and two threads for both sides."""
    environment = openblas.two_threads() | {"PYTHONPATH": os.path.join(ROOT, "build", "python")}
    words = ["/usr/bin/python3", SCRIPT, *(str(word) for word in words)]
    return json.loads(subprocess.run(words, env=environment, check=True, capture_output=True).stdout)


def race(file, rank, runs):
    path = place(file)
    if not path:
        return
    took = ask("race", path, rank, runs)
    ratio = statistics.median(r["theirs"] / r["ours"] for r in took)
    ours, theirs, whole = (statistics.median(r[side] for r in took) for side in ("ours", "theirs", "whole"))
    ends = f"theirs ends at {took[0]['their_error']:.5f}, ours by itself at {took[0]['our_error']:.5f} after {whole:.3g} s"
    name = f"{os.path.basename(file).split('.')[0]}, k = {rank}: NMF(k).fit(X)"
    yield row(name, ours, theirs, ratio, f"seconds to scikit-learn's error, its own beside; {ends}"), \
        at_least(f"{name} to scikit-learn's error: × scikit-learn", ratio, 8)


def overhead(runs):
    took = ask("overhead", runs)
    share = statistics.median(1 - r["inside"] / r["wall"] for r in took)
    name = "a fit of 5000 x 2000, k = 20: share of the seconds that are not the library's fit"
    yield row(name, share, statistics.median(r["wall"] for r in took), None, "the seconds of the call beside; the look at X is among them"), \
        at_most(name, share, 0.02)


def measure(options):
    parts = [race(*case, options.runs) for case in RACES] + [overhead(options.runs)]
    found = list(itertools.chain(*parts))
    note = f"Medians of {options.runs} interleaved runs in one process; float64, two threads, parameters as they are by default."
    yield {"title": "From Python", "note": note, "columns": COLUMNS, "rows": [r for r, _ in found], "bars": [bar for _, bar in found]}

"""Two processes of one thread against one of two threads, and the numbers that travel between them."""
import json
import os
import shutil
import statistics
import subprocess
import tempfile

import cases
from cases import ROOT
from fit import NEVER, command, fit
from report import at_least, at_most, say

NMF_MPI = os.path.join(ROOT, "build", "nmf-mpi")
ITERATIONS, ROUNDING = 150, 48  # parts are of whole blocks of 48 items
CASES = ("D1", "S1")
COLUMNS = [("case", "", "s"), ("rank", "k", "d"), ("threads", "1 x 2 threads, ms", ".2f"), ("processes", "2 x 1 thread, ms", ".2f"),
           ("ratio", "speed", ".2f"), ("words", "numbers an iteration", ".0f"), ("formula", "MPI-FAUN's", ".0f")]


def together(path, rank, *options):
    """What fit.json says of a fit in two processes."""
    env = os.environ | {"OMP_NUM_THREADS": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    with tempfile.TemporaryDirectory() as folder:
        words = command(path, rank, folder, *options)
        subprocess.run(["mpirun", "-n", "2", NMF_MPI, *words[1:]], check=True, capture_output=True, env=env)
        with open(os.path.join(folder, "fit.json"), encoding="utf-8") as file:
            return json.load(file)


def step(found):
    at = [one["seconds"] for one in found["history"]]
    return 1000 * statistics.median(b - a for a, b in zip(at, at[1:]))


def row(case, path, runs):
    rank = cases.rank(case)
    options = ("--init", "random", "--stop", "error", "--tol", NEVER, "--max-iter", ITERATIONS)
    pairs = [(fit(path, rank, "--threads", 2, *options), together(path, rank, *options)) for _ in range(runs)]
    one, two = (statistics.median(step(found) for found in side) for side in zip(*pairs))
    last = pairs[-1][1]
    found = {"case": case, "rank": rank, "threads": one, "processes": two, "ratio": one / two, "words": last["words_an_iteration"],
             # Two processes stand in a grid of 2 x 1 or 1 x 2, whichever lets fewer numbers travel.
             "formula": min(last["rows"], last["cols"]) * rank}
    say(f"{case}: {one:.2f} ms / {two:.2f} ms = {found['ratio']:.2f}; {found['words']:.0f} numbers, {found['formula']:.0f}")
    return found


def measure(options):
    if not os.path.exists(NMF_MPI) or not shutil.which("mpirun"):
        say("left out, as MPI is not here")
        return
    rows = [row(case, path, options.runs) for case, path in cases.those(options.only or CASES)]
    bars = [at_least(f"{r['case']}: two processes of one thread × one of two", r["ratio"], 0.9) for r in rows]
    bars += [at_most(f"{r['case']}: numbers that come to a process ÷ MPI-FAUN's", r["words"] / (r["formula"] + 2 * ROUNDING * r["rank"]), 1)
             for r in rows]
    note = f"Medians of {options.runs} runs of {ITERATIONS} iterations; the count of MPI-FAUN is allowed a block of 48 items more."
    yield {"title": "Processes", "note": note, "columns": COLUMNS, "rows": rows, "bars": bars}

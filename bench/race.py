"""Whole fits against scikit-learn: seconds until the error is within 1 % and within 0.2 % of what its cd itself ends at.

Same data, f64, two threads on both sides, runs interleaved, every round another seed; medians and their ratios. Time counts
from the beginning of the fit, the start included, reading not. First random starts: the median error that cd ends at (its
own rule at tol 1e-5, or so many iterations) is the goal. Then, up to that goal, each one's best start (ours: nndsvd or
sample; scikit-learn's: nndsvd or nndsvda; whichever gets there sooner) and scikit-learn's mu.
"""
import json
import os
import statistics
import subprocess
from collections import namedtuple

import cases
import openblas
import table
from fit import fit
from report import at_least, say, spread

SLACKS = {"1 %": 0.01, "0.2 %": 0.002}
CURVE = os.path.join(cases.ROOT, "bench", "sklearn_curve.py")
TOL = {"nmf": "1e-6", "cd": "1e-5"}

# iterations: of cd; of mu, where it races at all, which needs more and gets less done in each, twice as many. runs: at most,
# where one takes minutes; best: from the best starts too.
Limits = namedtuple("Limits", "iterations runs best mu aim", defaults=(5, True, True, None))
LIMITS = {
    "D1": Limits(300, aim=10),
    "digits": Limits(300, aim=10),
    "cbcl": Limits(300, aim=10),
    "tdt2": Limits(200, aim=8),
    "pbmc3k": Limits(200, aim=10),
    "golub": Limits(300),
    "S1": Limits(200, mu=False, aim=10),
    "D2": Limits(200, mu=False, aim=10),
    "S2": Limits(60, runs=2, best=False, mu=False, aim=8),
}
Racer = namedtuple("Racer", "solver init")
FROM_RANDOM = (Racer("nmf", "random"), Racer("cd", "random"))
TO_THE_GOAL = (Racer("nmf", "nndsvd"), Racer("nmf", "sample"), Racer("cd", "nndsvd"), Racer("cd", "nndsvda"))
BY_MU = (Racer("nmf", "random"), Racer("mu", "random"))
COLUMNS = [("case", "", "s"), ("rank", "k", "d"), ("start", "start", "s"), ("goal", "goal", ".5f")] + [
    column for slack in SLACKS
    for column in ((f"sklearn {slack}", f"{slack}: scikit-learn", ".3f"), (f"nmf {slack}", "nmf", ".4f"),
                   (f"ratio {slack}", "ratio", ".1f"))] + [("runs", "runs", "d")]


def theirs(path, rank, racer, seed, iterations, goal):
    command = ["/usr/bin/python3", CURVE, path, rank, "f64", racer.solver, racer.init, seed, iterations, TOL.get(racer.solver, 0),
               goal]
    done = subprocess.run([str(word) for word in command], env=openblas.two_threads(), check=True, capture_output=True)
    return json.loads(done.stdout)


def ours(path, rank, racer, seed):
    found = fit(path, rank, "--init", racer.init, "--seed", seed, "--threads", 2, "--tol", TOL["nmf"])
    return {"curve": [(step["seconds"], step["relative_error"]) for step in found["history"]]}


def run(racer, case, path, seed, goal):
    rank = cases.rank(case)
    if racer.solver == "nmf":
        return ours(path, rank, racer, seed)
    iterations = LIMITS[case].iterations * (2 if racer.solver == "mu" else 1)
    return theirs(path, rank, racer, seed, iterations, goal)


def rounds(racers, case, path, runs, goal=0):
    """{racer: its runs}, interleaved. They may end at `goal`."""
    found = {racer: [] for racer in racers}
    for seed in range(runs):
        for racer in racers:
            found[racer].append(run(racer, case, path, seed, goal))
    return found


def reach(curve, error):
    """Seconds until the error is there; infinity where it never is."""
    return next((seconds for seconds, e in curve if e <= error), float("inf"))


def times(runs, goal):
    """{slack: the spread of the seconds until the error is within it of the goal}."""
    return {name: spread([reach(r["curve"], goal * (1 + slack)) for r in runs]) for name, slack in SLACKS.items()}


def compare(mine, others):
    """The figures of a row: the least of our medians and of theirs, and the ratios. Who never gets there takes forever."""
    figures = {}
    for slack in SLACKS:
        ours_took, took = (min(racer[slack]["median"] for racer in side) for side in (mine, others))
        ratio = took / ours_took if ours_took < float("inf") else 0
        figures |= {f"nmf {slack}": ours_took, f"sklearn {slack}": took, f"ratio {slack}": ratio}
    return figures


def row(case, start, goal, found):
    """One line of the table from the rounds of some racers; with every run's seconds."""
    seconds = {f"{racer.solver} {racer.init}": times(runs, goal) for racer, runs in found.items()}
    figures = compare([s for name, s in seconds.items() if name.startswith("nmf")],
                      [s for name, s in seconds.items() if not name.startswith("nmf")])
    say(f"{case} {start}: " + ", ".join(f"{slack} {figures[f'ratio {slack}']:.1f}" for slack in SLACKS))
    ends = {f"{racer.solver} {racer.init}": [(len(r["curve"]), r["curve"][-1]) for r in runs] for racer, runs in found.items()}
    return {"case": case, "rank": cases.rank(case), "start": start, "goal": goal, "runs": len(list(found.values())[0]),
            **figures, "seconds": seconds, "ends": ends, "blas": list(found.values())[-1][0]["blas"]}


def race(case, path, most):
    runs = min(most, LIMITS[case].runs)
    found = rounds(FROM_RANDOM, case, path, runs)
    goal = statistics.median(r["curve"][-1][1] for r in found[FROM_RANDOM[1]])
    yield row(case, "random", goal, found)
    near = goal * (1 + min(SLACKS.values()))
    if LIMITS[case].best:
        yield row(case, "best", goal, rounds(TO_THE_GOAL, case, path, runs, near))
    if LIMITS[case].mu:
        yield row(case, "random, mu", goal, rounds(BY_MU, case, path, runs, near))


def bars(row):
    aim = LIMITS[row["case"]].aim
    if aim and row["start"] != "random, mu":
        for slack in SLACKS:
            yield at_least(f"{row['case']} to {slack}, {row['start']} start: × scikit-learn cd", row[f"ratio {slack}"], aim)


def measure(options):
    chosen = options.only or list(LIMITS)
    rows = [row for row in table.rows("race") if row["case"] not in chosen] if options.only else []
    iterations = ", ".join(f"{case} {limits.iterations}" for case, limits in LIMITS.items())
    note = ("Seconds, f64, two threads each, medians of interleaved runs. –: not reached, or without end; cd was given so many "
            f"iterations: {iterations}; mu twice as many.")
    for case, path in cases.those(chosen):
        rows += race(case, path, options.runs)
        yield {"title": "Whole fits", "note": note, "columns": COLUMNS, "rows": rows, "bars": [b for r in rows for b in bars(r)]}

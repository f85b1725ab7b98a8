"""Two threads against one: seconds of a fit of so many iterations from a random start."""
import cases
from fit import NEVER, fit
from report import at_least, say, spread

ITERATIONS = 40
AIMS = {"D1": 1.8, "D2": 1.8, "cbcl": 1.8, "S1": 1.6}
COLUMNS = [("case", "", "s"), ("rank", "k", "d"), ("one", "one thread", ".3f"), ("two", "two", ".3f"), ("ratio", "ratio", ".2f")]


def seconds(case, path, threads):
    found = fit(path, cases.rank(case), "--init", "random", "--threads", threads, "--max-iter", ITERATIONS, "--tol", NEVER)
    return found["history"][-1]["seconds"]


def row(case, path, runs):
    pairs = [(seconds(case, path, 1), seconds(case, path, 2)) for _ in range(runs)]
    one, two = (spread(list(side)) for side in zip(*pairs))
    found = {"case": case, "rank": cases.rank(case), "one": one["median"], "two": two["median"],
             "ratio": one["median"] / two["median"], "seconds": {"one": one, "two": two}}
    say(f"{case}: {found['one']:.3f} s / {found['two']:.3f} s = {found['ratio']:.2f}")
    return found


def measure(options):
    rows = [row(case, path, options.runs) for case, path in cases.those(options.only or AIMS)]
    bars = [at_least(f"{r['case']}: two threads × one", r["ratio"], AIMS[r["case"]]) for r in rows if r["case"] in AIMS]
    note = f"Seconds of {ITERATIONS} iterations, medians of {options.runs} interleaved runs; reading not counted."
    yield {"title": "Threads", "note": note, "columns": COLUMNS, "rows": rows, "bars": bars}

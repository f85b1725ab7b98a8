"""Seconds of an iteration against the rows, the columns and the entries of A, over three decades; and the plot."""
import subprocess

import numpy as np

from fit import built
from growth_plot import draw
from report import at_most, say, spread

RANK, OTHER_SIDE, SPARSE_SHAPE, AIM = 10, 200, (20000, 10000), 1.1
STEPS = [10 ** (half / 2) for half in range(7)]  # three decades, in halves
SIDES = [round(200 * step) for step in STEPS]
ENTRIES = [round(10000 * step) for step in STEPS]
SIZES = {  # axis: what to hand to bench_growth
    "m": [(side, OTHER_SIDE, RANK) for side in SIDES],
    "n": [(OTHER_SIDE, side, RANK) for side in SIDES],
    "nnz": [(*SPARSE_SHAPE, RANK, entries) for entries in ENTRIES],
}
COLUMNS = [("axis", "growing", "s"), ("size", "size", "d"), ("ms", "ms an iteration", ".3f")]


def seconds(size):
    """Of an iteration, and the entries that there were."""
    done = subprocess.run([built("growth"), *map(str, size)], check=True, capture_output=True)
    spent, entries = done.stdout.split()
    return float(spent), int(entries)


def row(axis, size, runs):
    """`runs`: (seconds, entries) of each."""
    found = spread([spent for spent, _ in runs])
    where = {"m": size[0], "n": size[1], "nnz": runs[0][1]}[axis]
    return {"axis": axis, "size": where, "ms": found["median"] * 1e3, "seconds": found}


def measured(runs):
    """Every size once, then every size again."""
    sizes = [(axis, size) for axis, all_sizes in SIZES.items() for size in all_sizes]
    turns = [[seconds(size) for _, size in sizes] for _ in range(runs)]
    return [row(axis, size, found) for (axis, size), found in zip(sizes, zip(*turns))]


def slope(rows):
    """The exponent: of a straight line through the logarithms."""
    return float(np.polyfit(np.log([r["size"] for r in rows]), np.log([r["ms"] for r in rows]), 1)[0])


def slopes_of(rows):
    """Over all three decades, and over the last, where what does not grow weighs least."""
    return {"all": slope(rows), "last": slope(rows[-3:])}


def measure(options):
    rows = measured(options.runs)
    slopes = {axis: slopes_of([r for r in rows if r["axis"] == axis]) for axis in SIZES}
    said = "; ".join(f"{axis} {s['all']:.2f}, in the last decade {s['last']:.2f}" for axis, s in slopes.items())
    say(f"growth: {said}")
    draw(rows, slopes)
    note = (f"k = {RANK}, one thread, f64, medians of {options.runs} runs. m grows at n = {OTHER_SIDE}, n at m = {OTHER_SIDE}, "
            f"the entries in {SPARSE_SHAPE[0]} × {SPARSE_SHAPE[1]}. Seconds grow with the "
            f"power: {said}. Plot: docs/pictures/growth.svg.")
    bars = [at_most(f"growth in {axis}: power in the {which}", s[key], AIM) for axis, s in slopes.items()
            for key, which in (("all", "three decades"), ("last", "last decade"))]
    yield {"title": "Growth", "note": note, "slopes": slopes, "columns": COLUMNS, "rows": rows, "bars": bars}

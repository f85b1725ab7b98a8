"""docs/pictures/growth.svg: seconds of an iteration, one panel for each of what grows."""
import os

import matplotlib

import cases

matplotlib.use("Agg")
matplotlib.rcParams.update({"svg.hashsalt": "nmf", "svg.fonttype": "none", "font.size": 11})
from matplotlib import pyplot  # noqa: E402  after the choice of what draws

PICTURE = os.path.join(cases.ROOT, "docs", "pictures", "growth.svg")
TITLES = {"m": "rows m (n = 200)", "n": "columns n (m = 200)", "nnz": "entries of a sparse 20000 × 10000"}
MEASURED, GUIDE = "#0072B2", "#555555"  # Okabe & Ito's blue, and grey: told apart by lightness too


def panel(axes, axis, rows, slopes):
    x, y = [r["size"] for r in rows], [r["ms"] for r in rows]
    axes.loglog(x, [y[-1] * size / x[-1] for size in x], linestyle="--", color=GUIDE, label="linear")
    axes.loglog(x, y, marker="o", color=MEASURED, label="measured")
    axes.set_xlabel(TITLES[axis])
    axes.set_title(f"power {slopes['all']:.2f}; last decade {slopes['last']:.2f}", fontsize=11)
    axes.minorticks_off()
    axes.grid(True, linewidth=0.4)


def draw(rows, slopes):
    figure, all_axes = pyplot.subplots(1, len(TITLES), figsize=(11, 3.6), layout="constrained")
    for axes, axis in zip(all_axes, TITLES):
        panel(axes, axis, [r for r in rows if r["axis"] == axis], slopes[axis])
    all_axes[0].set_ylabel("ms an iteration")
    all_axes[0].legend(frameon=False)
    figure.savefig(PICTURE, metadata={"Date": None})

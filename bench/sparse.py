"""The two products of an iteration on a sparse A: one thread, against SciPy's A @ H.T and A.T @ W."""
import subprocess
import time

import numpy as np

import cases
import matrices
from fit import built
from report import at_least, say, spread

CASE, AIM = "S2", 10
COLUMNS = [("case", "", "s"), ("k", "k", "d"), ("dtype", "", "s"), ("product", "", "s"),
           ("scipy", "SciPy ms", ".1f"), ("nmf", "nmf ms", ".1f"), ("ratio", "ratio", ".1f")]
PRODUCTS = ("A·Hᵀ", "Aᵀ·W", "both")


def seconds(product, *factors):
    began = time.perf_counter()
    product(*factors)
    return time.perf_counter() - began


def theirs(a, rank):
    """A function that makes both products once and returns their seconds."""
    random = np.random.default_rng(1)
    h, w = random.random((rank, a.shape[1]), a.dtype), random.random((a.shape[0], rank), a.dtype)
    ht = np.ascontiguousarray(h.T)  # as scikit-learn's cd keeps it
    return lambda: (seconds(a.__matmul__, ht), seconds(a.T.__matmul__, w))


def interleaved(path, a, rank, dtype, runs):
    """Seconds of both products, a run of ours and one of theirs in turn; the first of each does not count."""
    mine, other, scipys = [], [], theirs(a, rank)
    command = [built("sparse"), path, str(rank), dtype]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for _ in range(runs + 1):
            program.stdin.write("\n")
            program.stdin.flush()
            mine.append(tuple(map(float, program.stdout.readline().split())))
            other.append(scipys())
        program.stdin.close()
    return mine[1:], other[1:]


def row(case, dtype, product, mine, other):
    ours, scipys = spread(mine), spread(other)
    found = {"case": case, "k": cases.rank(case), "dtype": dtype, "product": product,
             "nmf": ours["median"] * 1e3, "scipy": scipys["median"] * 1e3, "ratio": scipys["median"] / ours["median"],
             "seconds": {"nmf": ours, "scipy": scipys}}
    say(f"{case} {dtype} {product}: {found['scipy']:.1f} ms / {found['nmf']:.1f} ms = {found['ratio']:.1f}")
    return found


def rows_of(case, path, a, dtype, runs):
    mine, other = interleaved(path, a, cases.rank(case), dtype, runs)
    mine, other = ([(p, n, p + n) for p, n in times] for times in (mine, other))
    return [row(case, dtype, *triple) for triple in zip(PRODUCTS, zip(*mine), zip(*other))]


def rows_of_case(case, path, runs):
    a = matrices.read(path)
    for dtype, real in (("f64", np.float64), ("f32", np.float32)):
        yield from rows_of(case, path, a.astype(real), dtype, runs)


def measure(options):
    found = [r for case, path in cases.those(options.only or [CASE]) if not path.endswith(".npy")
             for r in rows_of_case(case, path, options.runs)]
    bars = [at_least(f"sparse products, {r['dtype']}: × SciPy", r["ratio"], AIM) for r in found
            if r["case"] == CASE and r["product"] == "both"]
    note = f"One thread against one, medians of {options.runs} interleaved runs; each product without the other, then their sum."
    yield {"title": "Sparse products", "note": note, "columns": COLUMNS, "rows": found, "bars": bars}

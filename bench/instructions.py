"""Instructions that the hot kernels take, counted by valgrind: the same on a busy machine, and held against those kept.

NMF_ISA=avx2, the widest that valgrind 3.19 knows. `./dev bench instructions --keep` keeps today's counts as the ones to compare
with, in bench/instructions.json. Counts of another compiler are another matter: the file says which one they are of.
"""
import json
import os
import re
import subprocess

import cases
import machine
from fit import built
from report import at_most, say

KEPT = os.path.join(cases.ROOT, "bench", "instructions.json")
RANKS, GROWN = (10, 32), 1.02
COLUMNS = [("kernel", "", "s"), ("dtype", "", "s"), ("k", "k", "d"), ("count", "instructions", ",d"), ("kept", "kept", ",d"),
           ("ratio", "ratio", ".3f")]
VALGRIND = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=bench_measured",
            "--callgrind-out-file=/dev/null"]


def kernels():
    return subprocess.run([built("instructions")], check=True, capture_output=True, text=True).stdout.splitlines()


def count(kernel, dtype, rank):
    command = [*VALGRIND, built("instructions"), kernel, dtype, str(rank)]
    threads = dict(os.environ, NMF_ISA="avx2", OMP_NUM_THREADS="1")
    said = subprocess.run(command, env=threads, check=True, capture_output=True, text=True).stderr
    return int(re.search(r"Collected : (\d+)", said).group(1))


def kept():
    if not os.path.exists(KEPT):
        return {"compiler": None, "counts": {}}
    with open(KEPT, encoding="utf-8") as file:
        return json.load(file)


def keep(rows):
    counts = {name(row): row["count"] for row in rows}
    with open(KEPT, "w", encoding="utf-8") as file:
        json.dump({"compiler": machine.compiler(), "counts": counts}, file, indent=1)
        file.write("\n")


def name(row):
    return f"{row['kernel']} {row['dtype']} k={row['k']}"


def row(kernel, dtype, rank, before):
    found = {"kernel": kernel, "dtype": dtype, "k": rank, "count": count(kernel, dtype, rank)}
    found["kept"] = before.get(name(found))
    found["ratio"] = found["count"] / found["kept"] if found["kept"] else None
    return found


def comparable(before):
    """Whether those kept are this compiler's; of another's nothing can be said."""
    if before["compiler"] != machine.compiler():
        say(f"instructions: those kept are by {before['compiler']}, these by {machine.compiler()}")
    return before["compiler"] == machine.compiler()


def bars(rows):
    """The kernel that grew most; loudly, every one that grew too much."""
    held = [row for row in rows if row["ratio"]]
    for row in held:
        if row["ratio"] > GROWN:
            say(f"*** MORE INSTRUCTIONS *** {name(row)}: {row['ratio']:.3f} × those kept")
    worst = max(held, key=lambda row: row["ratio"], default=None)
    return [at_most(f"instructions ÷ those kept, at most ({name(worst)})", worst["ratio"], GROWN)] if worst else []


def measure(options):
    before = kept()
    rows = [row(kernel, dtype, rank, before["counts"]) for kernel in kernels() for dtype in ("f64", "f32") for rank in RANKS]
    held = bars(rows) if comparable(before) else []
    if options.keep:
        keep(rows)
    note = ("valgrind --tool=callgrind, AVX2, one call at a fixed size; "
            f"more than {100 * (GROWN - 1):.0f} % above those kept is said aloud.")
    yield {"title": "Instructions", "note": note, "compiler": machine.compiler(), "columns": COLUMNS, "rows": rows, "bars": held}

"""Fits of matrices larger than the memory they may take, against the disk and against the same fit in memory."""
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading

import cases
from fit import NMF, built
from report import at_least, at_most, say

RANK, ITERATIONS = 20, 6
# name: kind, file, rows, columns, rank or entries a row, --memory, MB that may be resident, bytes of disk
LARGE = {
    "dense": ("dense", "d.npy", 750000, 4000, 20, "1G", 1100, 12.1e9),
    "sparse": ("sparse", "s.nmfx", 1000000, 30000, 300, "2G", 2200, 1e9),
}
COLUMNS = [("case", "", "s"), ("file", "file GB", ".2f"), ("memory", "--memory", "s"), ("peak", "peak MB", ".0f"),
           ("iteration", "s/iteration", ".2f"), ("disk", "dd s", ".2f"), ("inside", "in memory s", ".2f"),
           ("of_bound", "of the bound", ".2f"), ("planned", "planned s", ".2f")]


class Cold:
    """While it lasts, the system keeps none of the file: every reading comes from the disk."""

    def __init__(self, path):
        self.fd, self.over = os.open(path, os.O_RDONLY), threading.Event()
        os.fsync(self.fd)
        self.thread = threading.Thread(target=self.evict)

    def evict(self):
        while not self.over.wait(0.2):
            os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def __enter__(self):
        os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        os.close(self.fd)


def read_by_dd(path):
    """Seconds to read the file once, from the disk."""
    with Cold(path):
        done = subprocess.run(["dd", f"if={path}", "of=/dev/null", "bs=1M"], check=True, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
    return float(re.search(r"copied, ([0-9.]+) s", done.stderr)[1])


def fit(path, memory, folder):
    """Seconds of an iteration, and MB resident at most."""
    words = [built("peak"), NMF, "fit", path, "-k", str(RANK), "--dtype", "f32", "--init", "random", "--stop", "error", "--tol", "1e-300",
             "--max-iter", str(ITERATIONS), "--memory", memory, "--format", "npy", "-q", "-o", folder]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    with open(os.path.join(folder, "fit.json"), encoding="utf-8") as file:
        at = [step["seconds"] for step in json.load(file)["history"]]
    return [b - a for a, b in zip(at, at[1:])], int(done.stdout.split()[-1]) / 1e6


def plan(path, memory):
    done = subprocess.run([NMF, "plan", path, "-k", str(RANK), "--dtype", "f32", "--memory", memory, "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["iteration_seconds"]


def row(name, folder, runs):
    kind, file, rows, cols, each, memory, allowed, _ = LARGE[name]
    path = os.path.join(folder, file)
    subprocess.run([built("large"), kind, path, str(rows), str(cols), str(each)], check=True)
    disk, steps, peaks = [], [], []
    for _ in range(runs):
        disk.append(read_by_dd(path))
        with Cold(path):
            found, peak = fit(path, memory, os.path.join(folder, "out"))
        steps += found
        peaks.append(peak)
    with Cold(path):
        planned = plan(path, memory)
    inside = statistics.median(fit(path, "100G", os.path.join(folder, "out"))[0])
    size = os.path.getsize(path) / 1e9
    os.remove(path)
    found = {"case": name, "memory": memory, "peak": max(peaks), "allowed": allowed, "iteration": statistics.median(steps),
             "file": size, "disk": statistics.median(disk), "inside": inside, "planned": planned}
    found["of_bound"] = max(found["disk"], inside) / found["iteration"]
    say(f"{name}: {found['iteration']:.2f} s an iteration, dd {found['disk']:.2f}, in memory {inside:.2f}, planned {planned:.2f}, {found['peak']:.0f} MB")
    return found


def plans(options):
    """Smaller matrices: what is planned, by the file and by its sizes alone, and what then is."""
    for case, path in cases.those([c for c in cases.SYNTHETIC if c in (options.only or cases.SYNTHETIC)]):
        with tempfile.TemporaryDirectory() as folder:
            rank, out = str(cases.rank(case)), os.path.join(folder, "out")
            words = ["-k", rank, "--solver", "hals", "--init", "random"]
            info = json.loads(subprocess.run([NMF, "info", path, "--json"], check=True, capture_output=True).stdout)
            sizes = ["--rows", str(info["rows"]), "--cols", str(info["cols"])] + (["--nnz", str(info["nnz"])] if info["sparse"] else [])
            planned = [json.loads(subprocess.run([NMF, "plan", *what, *words, "--json"], check=True, capture_output=True).stdout)["iteration_seconds"] for what in ([path], sizes)]
            subprocess.run([NMF, "fit", path, *words, "--stop", "error", "--tol", "1e-300", "--max-iter", "60", "-q", "-o", out], check=True)
            with open(os.path.join(out, "fit.json"), encoding="utf-8") as file:
                at = [step["seconds"] for step in json.load(file)["history"]]
        yield case, statistics.median(b - a for a, b in zip(at, at[1:])), *planned


def measure(options):
    rows, bars = [], []
    for name in LARGE:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
            free = shutil.disk_usage(folder).free
            if free < 1.3 * LARGE[name][-1]:
                say(f"{name}: left out, as {folder} has {free / 1e9:.0f} GB free and it takes {1.3 * LARGE[name][-1] / 1e9:.0f}")
                continue
            found = row(name, folder, min(options.runs, 3))
        rows.append(found)
        bars += [at_least(f"{name}: speed, of what the disk or the arithmetic allows", found["of_bound"], 0.85),
                 at_most(f"{name}: peak memory ÷ allowed", found["peak"] / found["allowed"], 1),
                 at_most(f"{name}: planned against what it took", max(found["planned"] / found["iteration"], found["iteration"] / found["planned"]), 1.25)]
    for case, took, by_file, by_sizes in plans(options):
        say(f"{case}: {took:.4f} s an iteration; planned {by_file:.4f} by the file, {by_sizes:.4f} by its sizes")
        bars += [at_most(f"{case}: planned by {how} against what it took", max(planned / took, took / planned), 1.25)
                 for how, planned in (("the file", by_file), ("its sizes", by_sizes))]
    note = (f"Rank {RANK}, f32. Every reading comes from the disk; dd reads the file in the same run. The bound is the longer of "
            "dd and an iteration of the same fit in memory.")
    yield {"title": "Larger than memory", "note": note, "columns": COLUMNS, "rows": rows, "bars": bars}

"""nmf-mpi against nmf: several.py MPIRUN NMF_MPI NMF PART. Exits with 77 where it cannot run."""
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy.io
import scipy.sparse

MPIRUN, NMF_MPI, NMF, PART = sys.argv[1:5]
os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
               "MPIR_CVAR_POLLS_BEFORE_YIELD": "0", "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
OPEN_MPI = "HYDRA" not in subprocess.run([MPIRUN, "--version"], capture_output=True, text=True).stdout
PLACES = ["--oversubscribe", "--bind-to", "none"] if OPEN_MPI else []
COUNTS = [1, 2, 3, 4, 6]
random = np.random.default_rng(7)


def together(count, words, **more):
    """The command in so many processes."""
    return subprocess.run([MPIRUN, *PLACES, "-n", str(count), NMF_MPI, *words], capture_output=True, text=True, timeout=100, **more)


def sentences(done):
    return [line for line in done.stderr.splitlines() if line.startswith("nmf: ")]


def result(folder):
    with open(os.path.join(folder, "fit.json"), encoding="utf-8") as file:
        report = json.load(file)
    return report, np.load(os.path.join(folder, "W.npy")), np.load(os.path.join(folder, "H.npy"))


def gap(a, b):
    return np.max(np.abs(np.asarray(a) - np.asarray(b))) / np.max(np.abs(a))


def compare(count, path, *options, tolerance=1e-10, begin=("--init", "random")):
    """The errors of every iteration, W and H are those of one process, wherever the items are."""
    words = ["fit", path, "-k", "5", *begin, "--max-iter", "12", "--format", "npy", "-q", *options]
    subprocess.run([NMF, *words, "-o", "one"], check=True)
    done = together(count, [*words, "-o", "many"])
    what = f"{count} processes, {' '.join(words[1:])}"
    assert done.returncode == 0, (what, done.stderr)
    (one, w, h), (many, w_many, h_many) = result("one"), result("many")
    assert many["processes"] == count and many["stop_reason"] == one["stop_reason"], what
    errors = [[step["error"] for step in report["history"]] for report in (one, many)]
    assert len(errors[0]) == len(errors[1]), what
    worst = max(gap([a], [b]) for a, b in zip(*errors))
    assert worst <= tolerance, (what, "errors", worst)
    assert gap(w, w_many) <= 1e4 * tolerance and gap(h, h_many) <= 1e4 * tolerance, (what, gap(w, w_many), gap(h, h_many))
    return many


def inputs():
    tall = random.random((700, 9)) @ random.random((9, 310)) + random.random((700, 310)) / 5
    np.save("tall.npy", tall)
    np.save("wide.npy", random.random((60, 900)))
    np.save("even.npy", random.random((1728, 1152)))
    np.save("square.npy", random.random((300, 300)))
    np.save("tiny.npy", 1e-250 * random.random((200, 150)))
    np.save("exact.npy", random.random((320, 5)) @ random.random((5, 300)))
    holes = random.random((300, 200))
    holes[random.random(holes.shape) < 0.1] = np.nan
    np.save("holes.npy", holes)
    np.save("mask.npy", (random.random((300, 300)) < 0.2).astype(float))
    np.save("weights.npy", random.random((300, 300)))
    scipy.io.mmwrite("sparse.mtx", scipy.sparse.random(900, 400, 0.03, random_state=3))
    subprocess.run([NMF, "convert", "sparse.mtx", "sparse.nmfx"], check=True, capture_output=True)


def formula(report, down, across):
    """Numbers that come to a process in an iteration, by Kannan, Ballard & Park 2018 without those of k x k sums."""
    m, n, k = report["rows"], report["cols"], report["rank"]
    return 2 * ((across - 1) * m * k + (down - 1) * n * k) / (down * across)


def plans(path, *options):
    """What nmf plan tells of each count."""
    words = [NMF, "plan", path, "-k", "5", "--ranks", ",".join(map(str, COUNTS)), "--json", *options]
    rows = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return {row["processes"]: row for row in rows}


def size(number):
    """As the command writes it."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    raise ValueError(number)


def as_planned(*options):
    """The numbers that come, the grid and the memory are as planned, where all parts are of as many whole blocks."""
    options = ["--max-iter", "2", *options]
    for count, plan in plans("even.npy", *options).items():
        done = together(count, ["fit", "even.npy", "-k", "5", "-o", "even", "--format", "npy", *options])
        assert done.returncode == 0, done.stderr
        counted = result("even")[0].get("words_an_iteration", 0)
        assert counted == plan["words_an_iteration"], (plan, counted)
        grid, block, fit = " x ".join(map(str, plan["grid"])), size(plan["matrix_bytes"]), size(plan["fit_bytes"])
        said = f"spread over {grid} processes: in this one the block of the matrix takes {block}, the fit {fit}\n"
        assert count == 1 or said in done.stderr, (said, done.stderr)


def same():
    grids = {1: (1, 1), 2: (2, 1), 3: (3, 1), 4: (4, 1), 6: (3, 2)}
    planned = plans("tall.npy")
    as_planned()
    for count in COUNTS:
        report = compare(count, "tall.npy")
        compare(count, "sparse.nmfx", "--solver", "bpp")
        if count > 1:
            # Parts are of whole blocks of 48 items, so that none is above the mean by more than one.
            slack = 2 * 48 * report["rank"] * 2
            assert report["words_an_iteration"] <= formula(report, *grids[count]) + slack, (count, report["words_an_iteration"])
            assert abs(report["words_an_iteration"] - planned[count]["words_an_iteration"]) <= slack, (count, planned[count])
    if OPEN_MPI:
        same_of_every_kind()


def same_of_every_kind():
    """What one implementation of MPI shows for all."""
    compare(4, "square.npy", "--solver", "mu")
    compare(6, "sparse.mtx", "--solver", "als")
    compare(3, "wide.npy", "--stop", "kkt")
    compare(4, "tiny.npy")
    compare(4, "exact.npy", "--tol", "1e-12", tolerance=1e-9)
    compare(4, "square.npy", "--dtype", "f32", tolerance=1e-5)
    compare(4, "square.npy", "--l1-w", ".1", "--l2-h", ".2", "--ortho-h", ".1", "--unit", "sum")
    compare(3, "square.npy", "--simplex", "h")
    subprocess.run([NMF, "fit", "tall.npy", "-k", "5", "--max-iter", "2", "-q", "-o", "first"], check=True)
    compare(2, "tall.npy", begin=("--start", "first"))
    compare(4, "square.npy", "--restarts", "3")


def lines():
    as_planned("--loss", "kl", "--solver", "mu")
    for count in COUNTS:
        compare(count, "square.npy", "--loss", "kl", "--solver", "bpp")
        compare(count, "holes.npy", "--missing", "nan")
    if OPEN_MPI:
        lines_of_every_kind()


def lines_of_every_kind():
    compare(3, "sparse.mtx", "--loss", "kl", "--solver", "mu")
    compare(4, "sparse.nmfx", "--observed", "stored")
    compare(2, "sparse.mtx", "--implicit", "10")
    compare(4, "square.npy", "--mask", "mask.npy")
    compare(6, "square.npy", "--weights", "weights.npy", "--loss", "huber:1.5")
    compare(3, "square.npy", "--loss", "is", "--solver", "mu")


def refused(count, status, says, *words, **more):
    done = together(count, list(words), **more)
    assert done.returncode != 0, words
    assert len(sentences(done)) == 1 and says in sentences(done)[0], (words, done.stderr)
    if OPEN_MPI:
        assert done.returncode == status, (words, done.returncode)


def bad():
    np.save("few.npy", random.random((3, 50)))
    spoiled = random.random((500, 40))
    spoiled[321, 7] = -1
    np.save("spoiled.npy", spoiled)
    refused(4, 2, "4 processes for a matrix of 3 × 50", "fit", "few.npy", "-k", "2")
    refused(3, 3, "nowhere.npy", "fit", "nowhere.npy", "-k", "2")
    refused(4, 3, "spoiled.npy: row 322, column 8 is -1", "fit", "spoiled.npy", "-k", "2")
    refused(2, 2, "fit has no option --sovler", "fit", "square.npy", "-k", "2", "--sovler", "mu")
    refused(2, 2, "nndsvd is for one process", "fit", "square.npy", "-k", "2", "--init", "nndsvd")
    refused(2, 2, "--update is for one process", "fit", "--update", "first", "square.npy")
    refused(2, 2, "spread over several processes", "fit", "square.npy", "-k", "2", "--solver", "online")
    refused(2, 2, "use nmf for \"rank\"", "rank", "square.npy", "-k", "2:3")
    refused(2, 4, "cannot", "fit", "square.npy", "-k", "2", "-o", "/proc/none/here")
    assert not os.path.exists("few.npy.nmf") and not os.path.exists("spoiled.npy.nmf")
    # A file that only one process does not see: its first words say which process that is.
    with open("one.sh", "w", encoding="utf-8") as file:
        file.write('case "${OMPI_COMM_WORLD_RANK-}${PMI_RANK-}" in 2) set -- fit missing.npy -k 2 ;; esac\nexec "$NMF_MPI" "$@"\n')
    done = subprocess.run([MPIRUN, *PLACES, "-n", "4", "sh", "one.sh", "fit", "square.npy", "-k", "2"], capture_output=True, text=True,
                          timeout=100, env=os.environ | {"NMF_MPI": NMF_MPI})
    assert done.returncode != 0 and len(sentences(done)) == 1, done.stderr
    assert "process 3 of 4: missing.npy" in sentences(done)[0], done.stderr


LONG = ["fit", "large.npy", "-k", "30", "--init", "random", "--stop", "error", "--tol", "1e-300", "--format", "npy"]


def killed():
    """One process dies: all of them end soon, and not well. The checkpoint is good for any number of processes."""
    np.save("large.npy", random.random((2000, 500)))
    job = subprocess.Popen([MPIRUN, *PLACES, "-n", "3", NMF_MPI, *LONG, "--max-iter", "1000000", "--checkpoint-every", "0.05s", "-o", "out"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    mine = []
    for _ in range(100):
        time.sleep(0.1)
        found = subprocess.run(["pgrep", "-f", "large.npy -k 30"], capture_output=True, text=True).stdout.split()
        mine = [pid for pid in found if os.path.basename(os.readlink(f"/proc/{pid}/exe")).startswith("nmf-mpi")]
        if len(mine) == 3:
            break
    assert len(mine) == 3, mine
    time.sleep(1)
    began = time.monotonic()
    os.kill(int(mine[1]), signal.SIGKILL)
    assert job.wait(timeout=30) != 0
    while any(os.path.exists(f"/proc/{pid}") for pid in mine) and time.monotonic() - began < 30:
        time.sleep(0.1)
    assert time.monotonic() - began < 30, mine
    go_on()


def go_on():
    """From the checkpoint in `out`."""
    assert os.path.exists("out/checkpoint"), os.listdir("out")
    shutil.copytree("out", "first")
    subprocess.run([NMF, *LONG, "--max-iter", "1", "-q", "--resume", "first"], check=True)
    steps = result("first")[0]["iterations"]
    assert steps > 1
    subprocess.run([NMF, *LONG, "--max-iter", str(steps + 5), "-q", "-o", "whole"], check=True)
    errors = [step["error"] for step in result("whole")[0]["history"]]
    for count in (2, 3, 4):
        folder = f"again{count}"
        shutil.copytree("out", folder)
        done = together(count, [*LONG, "--max-iter", str(steps + 5), "-q", "--resume", folder])
        assert done.returncode == 0, done.stderr
        assert gap(errors, [step["error"] for step in result(folder)[0]["history"]]) < 1e-8, count
    done = together(2, [*LONG, "--seed", "5", "-q", "--resume", "out"])
    assert "is the checkpoint of another fit: its seed is" in done.stderr, done.stderr


def memory():
    """No process has all of A: at most a fair share of it and of the factors, by a third more, and 64 MB."""
    rows, cols, rank, count = 30000, 1000, 5, 4
    np.save("big.npy", random.random((rows, cols)))
    done = subprocess.run([MPIRUN, *PLACES, "-n", str(count), sys.executable, HERE,
                           MPIRUN, NMF_MPI, NMF, "peak"], capture_output=True, text=True, timeout=100)
    peaks = [int(kib) * 1024 for kib in re.findall(r"peak (\d+)", done.stdout)]
    assert len(peaks) == count, (done.stdout, done.stderr)
    allowed = 1.3 * 8 * (rows * cols + (rows + cols) * rank) / count + 64e6
    assert max(peaks) <= allowed, (peaks, allowed)
    assert allowed < 8 * rows * cols


def peak():
    subprocess.run([NMF_MPI, "fit", "big.npy", "-k", "5", "--max-iter", "3", "-q", "-o", "out", "--format", "npy"], check=True, close_fds=False)
    print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, flush=True)


HERE = os.path.abspath(__file__)
if PART == "peak":
    peak()
else:
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        inputs()
        {"same": same, "lines": lines, "bad": bad, "killed": killed, "memory": memory}[PART]()

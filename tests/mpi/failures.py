"""What cannot be, a process that dies, and what a process holds."""
import glob
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np

from common import MPIRUN, NMF, NMF_MPI, PLACES, gap, random, refused, result, sentences, together

SEVERAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "several.py")

def bad():
    np.save("few.npy", random.random((3, 50)))
    spoiled = random.random((500, 40))
    spoiled[321, 7] = -1
    np.save("spoiled.npy", spoiled)
    refused(4, 2, "4 processes for a matrix of 3 × 50", "fit", "few.npy", "-k", "2")
    refused(3, 3, "nowhere.npy", "fit", "nowhere.npy", "-k", "2")
    refused(4, 3, "spoiled.npy: row 322, column 8 is -1", "fit", "spoiled.npy", "-k", "2")
    refused(2, 2, "fit has no option --sovler", "fit", "square.npy", "-k", "2", "--sovler", "mu")
    refused(2, 2, "--update is for one process", "fit", "--update", "first", "square.npy")
    refused(2, 2, "info is for one process, and these are 2", "info", "square.npy")
    refused(2, 2, "did you mean fit?", "fti", "square.npy", "-k", "2")
    refused(3, 3, "is not symmetric: row 1, column 2 is", "fit", "square.npy", "-k", "2", "--symmetric")
    refused(2, 2, "--ranks goes up to 301", "rank", "square.npy", "--ranks", "2:301")
    refused(2, 4, "cannot", "fit", "square.npy", "-k", "2", "-o", "/proc/none/here")
    assert not os.path.exists("few.npy.nmf") and not os.path.exists("spoiled.npy.nmf")
    # A file that only one process does not see, and words that only one was given: it is said which process that is.
    third("mkdir away && cd away", "process 3 of 4: square.npy")
    third("set -- fit square.npy -k 3", "process 3 of 4: the command line")
    third("mkdir other && cp wide.npy other/square.npy && cd other", "process 3 of 4: the matrix is not as in the first process")
    third("cd away", "process 3 of 4: square.npy", "rank", "square.npy", "--ranks", "2", "--restarts", "4")


def third(does, says, *words):
    """What only the third of four processes does."""
    words = words or ("fit", "square.npy", "-k", "2")
    with open("one.sh", "w", encoding="utf-8") as file:
        file.write(f'case "${{OMPI_COMM_WORLD_RANK-}}${{PMI_RANK-}}" in 2) {does} ;; esac\nexec "$NMF_MPI" "$@"\n')
    done = subprocess.run([MPIRUN, *PLACES, "-n", "4", "sh", "one.sh", *words], capture_output=True, text=True,
                          timeout=100, env=os.environ | {"NMF_MPI": NMF_MPI})
    assert done.returncode != 0 and len(sentences(done)) == 1, done.stderr
    assert says in sentences(done)[0], done.stderr

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
    rows, cols = 30000, 1000
    np.save("big.npy", random.random((rows, cols)))
    holds_a_share("big.npy", 8 * rows * cols, rows + cols)
    rows, cols, entries = 60000, 20000, 6000000
    write_digits("big.mtx", rows, cols, entries)
    holds_a_share("big.mtx", 2 * 12 * entries + 8 * (rows + cols), rows + cols)


def holds_a_share(path, bytes_of_a, items):
    """No process has all of A: at most a fair share of it and of the factors, by a third more, and 64 MB."""
    count, rank = 4, 5
    done = subprocess.run([MPIRUN, *PLACES, "-n", str(count), sys.executable, SEVERAL,
                           MPIRUN, NMF_MPI, NMF, "peak", path, str(rank)], capture_output=True, text=True, timeout=100)
    files = glob.glob("peak.*")
    peaks = [int(os.path.basename(file).split(".")[1]) * 1024 for file in files]
    assert done.returncode == 0 and len(peaks) == count, (files, done.stdout, done.stderr)
    for file in files:
        os.remove(file)
    allowed = 1.3 * (bytes_of_a + 8 * items * rank) / count + 64e6
    assert max(peaks) <= allowed, (path, peaks, allowed)
    assert allowed < bytes_of_a


def peak(path, rank):
    subprocess.run([NMF_MPI, "fit", path, "-k", rank, "--max-iter", "3", "-q", "-o", "out", "--format", "npy"], check=True, close_fds=False)
    with open(f"peak.{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}.{os.getpid()}", "w", encoding="utf-8"):
        pass


def write_digits(path, rows, cols, entries):
    """A .mtx of so many entries wherever they fall, made of digits side by side."""
    numbers = [random.integers(1, rows + 1, entries), random.integers(1, cols + 1, entries), random.integers(1, 100000, entries)]
    text = np.full((entries, 21), ord(" "), np.uint8)
    for number, last, width in zip(numbers, (5, 12, 19), (6, 6, 5)):
        for place in range(width):
            text[:, last - place] = number // 10**place % 10 + ord("0")
    text[:, 14] = ord(".")
    text[:, 20] = ord("\n")
    with open(path, "wb") as file:
        file.write(f"%%MatrixMarket matrix coordinate real general\n{rows} {cols} {entries}\n".encode())
        file.write(text.tobytes())

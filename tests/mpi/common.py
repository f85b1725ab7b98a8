"""What the tests of several processes share: the command in so many of them, held against one."""
import json
import os
import subprocess
import sys

import numpy as np
import scipy.io
import scipy.sparse

MPIRUN, NMF_MPI, NMF, PART = sys.argv[1:5]
os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
               "MPIR_CVAR_POLLS_BEFORE_YIELD": "0", "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
OPEN_MPI = "HYDRA" not in subprocess.run([MPIRUN, "--version"], capture_output=True, text=True).stdout
PLACES = ["--oversubscribe", "--bind-to", "none"] if OPEN_MPI else []
COUNTS = [1, 2, 3, 4, 6]
SOME = COUNTS if OPEN_MPI else [2, 4]  # for what does not depend on the implementation
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


def same_bits(count, path, *options, begin=("--init", "random")):
    """With --reproducible every number is the one that one process writes."""
    words = ["fit", path, "-k", "5", *begin, "--max-iter", "12", "--format", "npy", "-q", "--reproducible", *options]
    subprocess.run([NMF, *words, "-o", "one"], check=True)
    done = together(count, [*words, "-o", "many"])
    what = f"{count} processes, {' '.join(words[1:])}"
    assert done.returncode == 0, (what, done.stderr)
    (one, w, h), (many, w_many, h_many) = result("one"), result("many")
    assert np.array_equal(w, w_many) and np.array_equal(h, h_many), (what, gap(w, w_many), gap(h, h_many))
    assert [step["error"] for step in one["history"]] == [step["error"] for step in many["history"]], what
    for name in ("error", "objective", "kkt_residual", "stop_reason"):
        assert one[name] == many[name], (what, name, one[name], many[name])
    return many


def refused(count, status, says, *words, **more):
    done = together(count, list(words), **more)
    assert done.returncode != 0, words
    assert len(sentences(done)) == 1 and says in sentences(done)[0], (words, done.stderr)
    if OPEN_MPI:
        assert done.returncode == status, (words, done.returncode)


def inputs():
    tall = random.random((700, 9)) @ random.random((9, 310)) + random.random((700, 310)) / 5
    np.save("tall.npy", tall)
    np.save("wide.npy", random.random((60, 900)))
    np.save("even.npy", random.random((1728, 1152)))
    np.save("square.npy", random.random((300, 300)))
    for name, size in (("graph", 400), ("band", 300)):
        near = scipy.sparse.diags([1.0, 0.5], [1, 7], (size, size))
        scipy.io.mmwrite(name + ".mtx", near + near.T)
    half = random.random((200, 200))
    np.save("symmetric.npy", half + half.T)
    np.save("tiny.npy", 1e-250 * random.random((200, 150)))
    np.save("exact.npy", random.random((320, 5)) @ random.random((5, 300)))
    holes = random.random((300, 200))
    holes[random.random(holes.shape) < 0.1] = np.nan
    np.save("holes.npy", holes)
    # Many lines miss the same entries: they share a model in one process, and stand in several.
    holes = random.random((400, 200))
    holes[::7, 3] = holes[::5, 50] = np.nan
    np.save("alike.npy", holes)
    np.save("mask.npy", (random.random((300, 300)) < 0.2).astype(float))
    np.save("weights.npy", random.random((300, 300)))
    scipy.io.mmwrite("sparse.mtx", scipy.sparse.random(900, 400, 0.03, random_state=3))
    subprocess.run([NMF, "convert", "sparse.mtx", "sparse.nmfx"], check=True, capture_output=True)

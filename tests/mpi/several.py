"""nmf-mpi against nmf: several.py MPIRUN NMF_MPI NMF PART. Exits with 77 where it cannot run."""
import glob
import gzip
import json
import os
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
    written()


def written():
    """Each process writes its part of an .npy; of other formats the first one all, with the names."""
    with open("named.csv", "w", encoding="utf-8") as file:
        file.write("," + ",".join(f"c{j}" for j in range(120)) + "\n")
        for i in range(130):
            file.write(f"r{i}," + ",".join(f"{value:.4f}" for value in random.random(120)) + "\n")
    for kind in ("npy", "csv"):
        done = together(3, ["fit", "named.csv", "-k", "4", "--max-iter", "5", "-q", "--format", kind, "-o", kind + ".out"])
        assert done.returncode == 0, done.stderr
    for name, axis in (("W", 0), ("H", 1)):
        table = np.genfromtxt(f"csv.out/{name}.csv", delimiter=",", dtype=str)
        assert np.array_equal(table[1:, 1:].astype(float), np.load(f"npy.out/{name}.npy")), name
        names = table[1:, 0] if axis == 0 else table[0, 1:]
        side = open(f"npy.out/{name}.{'rows' if axis == 0 else 'cols'}.txt", encoding="utf-8").read().split()
        assert list(names) == side and names[0] == ("r0" if axis == 0 else "c0"), (names, side)


def begins():
    """Starts that look at A, with the products of all processes; and what each process makes by itself."""
    for count in SOME:
        compare(count, "tall.npy", begin=())
        same_bits(count, "sparse.nmfx", begin=("--init", "sketch"))
    if OPEN_MPI:
        begins_of_every_kind()


def begins_of_every_kind():
    compare(6, "sparse.mtx", begin=("--init", "sketch"), tolerance=1e-7)
    compare(4, "square.npy", "--solver", "mu", begin=("--init", "nndsvda"))
    compare(3, "square.npy", "--loss", "kl", "--solver", "bpp", begin=("--init", "nndsvdar"))
    compare(4, "square.npy", begin=("--init", "numpy"))
    same_bits(3, "tall.npy", begin=())
    same_bits(4, "square.npy", "--solver", "mu", begin=("--init", "nndsvda"))
    same_bits(3, "sparse.mtx", "--loss", "kl", begin=("--init", "nndsvdar"))
    for options in (("--init", "spa"), ("--init", "kmeans"), ("--init", "sample"), ("--solver", "online")):
        assert same_bits(2, "symmetric.npy", begin=options)["processes"] == 1


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
    compare(3, "symmetric.npy", "--symmetric", "--solver", "bpp")
    compare(4, "sparse.mtx", "--graph-h", "graph.mtx", "--solver", "bpp")
    same_bits(4, "symmetric.npy", "--symmetric")
    same_bits(3, "square.npy", "--graph-h", "band.mtx")


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


def bits():
    for count in SOME:
        assert same_bits(count, "tall.npy")["processes"] == count
        same_bits(count, "sparse.nmfx", "--loss", "kl", "--solver", "hals")
    if OPEN_MPI:
        bits_of_every_kind()


def bits_of_every_kind():
    same_bits(4, "square.npy", "--solver", "mu")
    same_bits(6, "sparse.mtx", "--solver", "als")
    same_bits(6, "sparse.nmfx", "--solver", "bpp", "--dtype", "f32")
    same_bits(4, "exact.npy", "--tol", "1e-12")
    same_bits(4, "tiny.npy")
    same_bits(3, "square.npy", "--l1-w", ".1", "--l2-h", ".2", "--ortho-h", ".1", "--unit", "sum", "--stop", "kkt")
    same_bits(3, "square.npy", "--simplex", "h")
    same_bits(4, "square.npy", "--mask", "mask.npy", "--loss", "is")
    same_bits(6, "square.npy", "--weights", "weights.npy", "--loss", "huber:1.5")
    same_bits(4, "holes.npy", "--missing", "nan")
    same_bits(2, "sparse.mtx", "--implicit", "10")
    same_bits(4, "sparse.mtx", "--observed", "stored", "--alpha-w", ".01")
    # Too small for a block of items each: every process makes it whole.
    assert same_bits(4, "wide.npy")["processes"] == 1


def starts():
    """Starts are shared out among processes, or among groups of them, and are those of one process."""
    for count in SOME:
        compare(count, "tall.npy", "--restarts", "5")
    report = compare(4, "square.npy", "--restarts", "2", "--keep-all", "--loss", "kl", "--solver", "mu")
    assert [start["seed"] for start in report["starts"]] == [0, 1] and not any(start["dropped"] for start in report["starts"])
    same_bits(3, "tall.npy", "--restarts", "4")
    same_bits(4, "tall.npy", "--restarts", "2")
    words = ["square.npy", "--restarts", "5", "-q", "--reproducible"]
    for folder, begin in (("one", [NMF]), ("many", [MPIRUN, *PLACES, "-n", "3", NMF_MPI])):
        subprocess.run([*begin, "rank", *words, "--ranks", "2:3", "-o", folder + ".ranks"], check=True, capture_output=True)
        subprocess.run([*begin, "rank", *words, "--ranks", "2:4", "-o", folder + ".ranks"], check=True, capture_output=True)
        subprocess.run([*begin, "consensus", *words, "-k", "3", "--format", "npy", "-o", folder + ".consensus"], check=True, capture_output=True)
    rows = [[line.rsplit(",", 1)[0] for line in open(f"{folder}.ranks/survey.csv", encoding="utf-8")] for folder in ("one", "many")]
    assert rows[0] == rows[1] and len(rows[0]) == 4, rows
    for name in ("W", "H", "W_low", "H_high"):
        assert np.array_equal(np.load(f"one.consensus/{name}.npy"), np.load(f"many.consensus/{name}.npy")), name


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
    refused(2, 2, "--update is for one process", "fit", "--update", "first", "square.npy")
    refused(2, 2, "use nmf for \"info\"", "info", "square.npy")
    refused(3, 3, "is not symmetric: row 1, column 2 is", "fit", "square.npy", "-k", "2", "--symmetric")
    refused(2, 2, "--ranks goes up to 301", "rank", "square.npy", "--ranks", "2:301")
    refused(2, 4, "cannot", "fit", "square.npy", "-k", "2", "-o", "/proc/none/here")
    assert not os.path.exists("few.npy.nmf") and not os.path.exists("spoiled.npy.nmf")
    # A file that only one process does not see, and words that only one was given: it is said which process that is.
    third("mkdir away && cd away", "process 3 of 4: square.npy")
    third("set -- fit square.npy -k 3", "process 3 of 4: the command line")


def third(does, says):
    with open("one.sh", "w", encoding="utf-8") as file:
        file.write(f'case "${{OMPI_COMM_WORLD_RANK-}}${{PMI_RANK-}}" in 2) {does} ;; esac\nexec "$NMF_MPI" "$@"\n')
    done = subprocess.run([MPIRUN, *PLACES, "-n", "4", "sh", "one.sh", "fit", "square.npy", "-k", "2"], capture_output=True, text=True,
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
    done = subprocess.run([MPIRUN, *PLACES, "-n", str(count), sys.executable, HERE,
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


def write_mtx(path, entries, rows=900, cols=400, promised=None, form="real general", end="\n"):
    """Entries are triplets, or lines as they are."""
    lines = [entry if isinstance(entry, str) else " ".join(str(number) for number in entry) for entry in entries]
    head = [f"%%MatrixMarket matrix coordinate {form}", "% of a test", f"{rows} {cols} {len(lines) if promised is None else promised}"]
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(end.join(head + lines) + end)


def some_entries(rows=900, cols=400, count=12000):
    """Some of them at the same place."""
    return [(int(i), int(j), float(v)) for i, j, v in zip(random.integers(1, rows + 1, count), random.integers(1, cols + 1, count), random.random(count))]


def shares():
    """Of a .mtx each process reads a share of the bytes: what comes of it is what one process reads."""
    entries = some_entries()
    spread = [text for entry in entries for text in (" ".join(map(str, entry)), "% a remark that is no entry" * (len(entry) - 2), "")]
    write_mtx("again.mtx", spread, promised=len(entries), end="\r\n")
    for count in SOME:
        compare(count, "again.mtx")
        same_bits(count, "again.mtx", "--loss", "kl", "--solver", "bpp")
    # Most entries are in the first rows and columns: parts are to be even by entries too.
    leaning = {(1 + i * i // 901, 1 + j * j // 401): (v,) for i, j, v in entries}
    write_mtx("leaning.mtx", [place + value for place, value in leaning.items()])
    shares_agree("leaning.mtx", 3)
    # At every place three, so that parts are the same whether they are counted before they are summed or after: sums of
    # them show in which order they were.
    places = sorted({entry[:2] for entry in entries})
    thrice = [(*places[place], 10.0 ** random.integers(-8, 8)) for place in random.permutation(3 * len(places)) % len(places)]
    write_mtx("thrice.mtx", thrice)
    shares_agree("thrice.mtx", 3)
    spoil(entries, 3)
    if OPEN_MPI:
        shares_agree("leaning.mtx", 6)
        shares_agree("sparse.mtx", 6, "--loss", "kl", "--solver", "mu")
        spoil(entries, 6)
        shares_of_every_kind(entries)


def shares_agree(path, count, *options):
    """A packed file is read whole by every process, which keeps its block: the same bits. So is a file in blocks."""
    with open(path, "rb") as plain, gzip.open("packed.mtx.gz", "wb") as packed:
        packed.write(plain.read())
    subprocess.run([NMF, "convert", path, "blocks.nmfx"], check=True, capture_output=True)
    factors = []
    for file in ("packed.mtx.gz", path, "blocks.nmfx"):
        done = together(count, ["fit", file, "-k", "5", "--init", "random", "--max-iter", "5", "--format", "npy", "-q", "-o", "many", *options])
        assert done.returncode == 0, done.stderr
        factors.append(result("many")[1:])
    for w, h in factors[1:]:
        assert np.array_equal(w, factors[0][0]) and np.array_equal(h, factors[0][1]), (path, count, options)


def shares_of_every_kind(entries):
    lower = [(max(i, j), min(i, j), v) for i, j, v in some_entries(cols=900)]
    write_mtx("mirrored.mtx", lower, cols=900, form="real symmetric")
    compare(4, "mirrored.mtx")
    same_bits(3, "mirrored.mtx", "--loss", "kl", "--solver", "bpp")
    write_mtx("ones.mtx", [entry[:2] for entry in entries], form="pattern general")
    compare(6, "ones.mtx")
    write_mtx("counts.mtx", [(i, j, int(8 * v)) for i, j, v in entries], form="integer general")
    compare(3, "counts.mtx")
    compare(3, "counts.mtx", "--observed", "stored")
    compare(4, "counts.mtx", "--log1p")
    write_mtx("unknown.mtx", [(i, j, v if v > 0.02 else "nan") for i, j, v in entries])
    compare(3, "unknown.mtx", "--missing", "nan", "--solver", "bpp")
    write_mtx("small.mtx", some_entries(40, 30, 300), 40, 30)
    compare(6, "small.mtx", "--solver", "bpp")
    # Shares of which some have no line.
    write_mtx("few.mtx", [(1, 1, 2), (12, 7, 3)], 12, 10)
    shares_agree("few.mtx", 6)
    write_mtx("few.mtx", some_entries(5, 4, 9), 5, 4)
    refused(6, 2, "6 processes for a matrix of 5 × 4", "fit", "few.mtx", "-k", "2")
    named(entries)
    unlike(entries)


def unlike(entries):
    """Of a file that is not the same to all."""
    os.mkdir("other")
    write_mtx("alike.mtx", entries)
    write_mtx("other/alike.mtx", entries[:-1])
    with open("other.sh", "w", encoding="utf-8") as file:
        file.write('case "${OMPI_COMM_WORLD_RANK-}${PMI_RANK-}" in 1) cd other ;; esac\nexec "$NMF_MPI" "$@"\n')
    done = subprocess.run([MPIRUN, *PLACES, "-n", "3", "sh", "other.sh", "fit", "alike.mtx", "-k", "2"], capture_output=True, text=True,
                          timeout=100, env=os.environ | {"NMF_MPI": NMF_MPI})
    assert done.returncode != 0 and sentences(done) == ["nmf: alike.mtx is not the same file to all processes"], done.stderr


def named(entries):
    """Names beside the file, and in a folder of 10x Genomics."""
    os.mkdir("cells")
    rows, cols = [f"gene {i}" for i in range(900)], [f"cell {j}" for j in range(400)]
    for path, list_of in (("named.rows.txt", rows), ("named.cols.txt", cols), ("cells/features.tsv", rows), ("cells/barcodes.tsv", cols)):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(list_of) + "\n")
    for path, file in (("named.mtx", "named.mtx"), ("cells", "cells/matrix.mtx")):
        write_mtx(file, entries)
        done = together(3, ["fit", path, "-k", "2", "--max-iter", "3", "-q", "--format", "csv", "-o", "many"])
        assert done.returncode == 0, done.stderr
        with open("many/W.csv", encoding="utf-8") as w:
            assert [line.split(",")[0].strip('"') for line in w][1:] == rows, path
    write_mtx("named.mtx", [*entries[:-5], (17, 4, "inf"), *entries[-4:]])
    says_the_same("named.mtx", 3, 3, 'row 17 ("gene 16"), column 4 ("cell 3") is inf')


def says_the_same(path, count, status, says, *options):
    """The sentences of one process; `status` 0: warnings."""
    words = ["fit", path, "-k", "2", "--max-iter", "2", "--init", "random", *options]
    one = subprocess.run([NMF, *words, "-o", "one"], capture_output=True, text=True)
    many = together(count, [*words, "-o", "many"])
    what = (path, count, one.stderr, many.stderr)
    told = [[line for line in done.stderr.splitlines() if line.startswith(("nmf: ", "warning: "))] for done in (one, many)]
    assert told[0] == told[1] and told[0] and says in told[0][-1], what
    assert one.returncode == status and (many.returncode == 0) == (status == 0), what
    if OPEN_MPI:
        assert many.returncode == status, what


def spoil(entries, count):
    bad = {
        "is -1;": [*entries[:-3], (705, 306, -1.0), *entries[-2:]],
        "expected \"row column value\"": [*entries[:100], (5, 6, -1.0), *entries[100:-2], "7 8 x", (1, 1, 1)],
        "row 901 is outside": [*entries[:7000], (901, 1, 1), *entries[7000:], "no entry"],
        "a NUL byte": [*entries[:-1], "1 1 \0"],
    }
    for says, lines in bad.items():
        write_mtx("bad.mtx", lines)
        says_the_same("bad.mtx", count, 3, says)
    write_mtx("bad.mtx", [*entries, "no entry"], promised=len(entries))
    says_the_same("bad.mtx", count, 3, "more than the")
    write_mtx("bad.mtx", [*entries, "no entry"], promised=len(entries) // 3)
    says_the_same("bad.mtx", count, 3, "more than the")
    write_mtx("bad.mtx", [*entries, "", "% the end"], promised=len(entries) + 1)
    says_the_same("bad.mtx", count, 3, "after 12000 of the 12001 entries")
    write_mtx("bad.mtx", [], promised=5)
    says_the_same("bad.mtx", count, 3, "after 0 of the 5 entries")
    write_mtx("bad.mtx", entries)
    os.truncate("bad.mtx", os.path.getsize("bad.mtx") - 25)
    says_the_same("bad.mtx", count, 3, "")
    write_mtx("bad.mtx", [(i, j, 1e-300 if (i + j) % 3 == 0 else v) for i, j, v in {entry[:2]: entry for entry in entries}.values()])
    says_the_same("bad.mtx", count, 0, "are so small that they are 0 in f32", "--dtype", "f32")
    write_mtx("bad.mtx", [*entries, (1, 1, 1e300)])
    says_the_same("bad.mtx", count, 3, "more than a number of f32 can be", "--dtype", "f32")
    write_mtx("bad.mtx", entries)
    says_the_same("bad.mtx", count, 0, "at a place that has one already")


HERE = os.path.abspath(__file__)
if PART == "peak":
    peak(*sys.argv[5:7])
else:
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        inputs()
        {"same": same, "lines": lines, "bits": bits, "starts": starts, "begins": begins, "bad": bad, "killed": killed, "memory": memory, "shares": shares}[PART]()

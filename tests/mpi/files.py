"""Files that several processes read and write."""
import gzip
import os
import subprocess

import numpy as np

from common import MPIRUN, NMF, NMF_MPI, OPEN_MPI, PLACES, SOME, compare, random, refused, result, same_bits, sentences, together


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
    # An entry in four quarters, and its mirror image in one: rows and columns have not as many.
    some = {(max(i, j), min(i, j)): v for i, j, v in some_entries(200, 200, 3000)}
    quarters = [(j, i, v / 4) for (i, j), v in some.items() if i != j for _ in range(4)]
    write_mtx("quarters.mtx", quarters + [(*place, v) for place, v in some.items()], 200, 200)
    compare(3, "quarters.mtx", "--symmetric", "--solver", "bpp")
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

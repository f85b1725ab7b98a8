"""Files as NumPy, SciPy and pandas write them are read by nmf, entry by entry and name by name; and ours by them."""
import gzip
import os
import subprocess
import sys

import numpy as np
import pandas
import scipy.io
import scipy.sparse

FOLDER = sys.argv[1]
ROWS, COLS = [f"gene {i}" for i in range(37)], [f"cell_{j}" for j in range(23)]
random = np.random.default_rng(7)
COUNTS = random.poisson(0.6, (37, 23))
REALS = random.random((37, 23)) * 10.0 ** random.integers(-200, 200, (37, 23))


def place(name):
    return os.path.join(FOLDER, name)


def nmf(*words):
    done = subprocess.run([os.environ["NMF"], *words], capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)


def read(name, *words):
    """Through nmf, to the numbers and the names."""
    nmf("convert", place(name), place("back.csv"), *words)
    header = None if words or not named(name) else 0
    table = pandas.read_csv(place("back.csv"), header=header, index_col=header, float_precision="round_trip")
    return table


def named(name):
    return "named" in name


def same(name, expected, *words):
    found = read(name, *words)
    assert np.array_equal(found.to_numpy(), np.asarray(expected, float)), name
    if named(name):
        assert list(found.index) == ROWS and list(found.columns) == COLS, name


def matrix_market():
    sparse = scipy.sparse.coo_matrix(COUNTS)
    symmetric = np.tril(COUNTS[:23]) + np.tril(COUNTS[:23], -1).T
    for name, matrix, words in (
            ("integer.mtx", sparse, {}), ("real.mtx", scipy.sparse.coo_matrix(REALS), {"precision": 17}),
            ("pattern.mtx", sparse.astype(bool).astype(int), {"field": "pattern"}),
            ("symmetric.mtx", scipy.sparse.coo_matrix(symmetric), {"symmetry": "symmetric"}),
            ("array.mtx", REALS, {"precision": 17}), ("symmetric_array.mtx", symmetric, {"symmetry": "symmetric"})):
        scipy.io.mmwrite(place(name), matrix, **words)
        same(name, matrix.toarray() if scipy.sparse.issparse(matrix) else matrix)


def numpy():
    for kind in "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
        for order in "<>":
            for layout in "CF":
                for version in (1, 0), (2, 0), (3, 0):
                    array = np.array(COUNTS, dtype=np.dtype(kind).newbyteorder(order), order=layout)
                    with open(place("array.npy"), "wb") as file:
                        np.lib.format.write_array(file, array, version=version)
                    if version == (1, 0) or kind == "f4":
                        same("array.npy", array)
    np.save(place("reals.npy"), REALS)
    same("reals.npy", REALS)
    with gzip.open(place("reals.npy.gz"), "wb") as file:
        np.save(file, REALS)
    same("reals.npy.gz", REALS)


def text():
    frame = pandas.DataFrame(REALS, index=ROWS, columns=COLS)
    for name, words in (("named.csv", {}), ("named.csv.gz", {}), ("named.tsv", {"sep": "\t"}), ("named2.csv", {"sep": ";"}),
                        ("named3.csv", {"quoting": 2}), ("named4.csv", {"line_terminator": "\r\n"}),
                        ("named5.csv", {"encoding": "utf-8-sig"}), ("plain.csv", {"header": False, "index": False})):
        try:
            frame.to_csv(place(name), **words)
        except TypeError:  # pandas 2 calls it otherwise
            frame.to_csv(place(name), lineterminator="\r\n")
        same(name, REALS)
    np.savetxt(place("savetxt.txt"), REALS, fmt="%.17g")
    same("savetxt.txt", REALS)
    frame.to_csv(place("bars.txt"), header=False, index=False, sep="|")
    same("bars.txt", REALS, "--delimiter", "|")


def ours():
    frame = pandas.DataFrame(REALS, index=ROWS, columns=COLS)
    frame.to_csv(place("named.csv"))
    for name in ("ours.npy", "ours.mtx", "ours.csv", "ours.tsv", "ours.csv.gz"):
        nmf("convert", place("named.csv"), place(name))
    assert np.array_equal(np.load(place("ours.npy")), REALS)
    assert np.array_equal(scipy.io.mmread(place("ours.mtx")), REALS)
    for name, separator in (("ours.csv", ","), ("ours.tsv", "\t"), ("ours.csv.gz", ",")):
        back = pandas.read_csv(place(name), sep=separator, index_col=0, float_precision="round_trip")
        assert back.equals(frame), name
    scipy.io.mmwrite(place("counts.mtx"), scipy.sparse.coo_matrix(COUNTS))
    nmf("convert", place("counts.mtx"), place("again.mtx"))
    assert np.array_equal(scipy.io.mmread(place("again.mtx")).toarray(), COUNTS)
    nmf("convert", place("counts.mtx"), place("tenx/"))
    with gzip.open(place("tenx/matrix.mtx.gz")) as file:
        assert np.array_equal(scipy.io.mmread(file).toarray(), COUNTS)


matrix_market()
numpy()
text()
ours()

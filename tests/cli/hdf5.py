"""HDF5 as others write and read it: h5py, scipy and anndata against nmf. Usage: hdf5.py NMF FOLDER"""

import os
import subprocess
import sys
import warnings

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sparse

warnings.filterwarnings("ignore")
nmf, folder = sys.argv[1], sys.argv[2]
os.chdir(folder)

ROWS, COLS = 41, 29
rng = np.random.default_rng(3)
A = np.where(rng.random((ROWS, COLS)) < 0.3, rng.integers(1, 300, (ROWS, COLS)), 0).astype(float)
A[5] = 0
REAL = A / 3
ROW_NAMES = [f"gene-{i}" for i in range(ROWS - 1)] + ["gène"]
COL_NAMES = [f"AAAC{j}-1" for j in range(COLS)]
failures = 0


def check(what, holds):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", what)


def run(*words):
    return subprocess.run([nmf, *words], capture_output=True, text=True)


def read(name, *options):
    """What nmf makes of a file: numbers and names, by way of a csv."""
    done = run("convert", name, "read.csv", *options)
    if done.returncode != 0:
        return done.stderr, None, None
    table = pd.read_csv("read.csv", index_col=0, float_precision="round_trip")
    return table.to_numpy(dtype=float), list(table.index.astype(str)), list(table.columns)


def expect(name, values, *options, names=True):
    got, rows, cols = read(name, *options) if names else (plain(name, *options), None, None)
    what = " ".join([name, *options])
    if isinstance(got, str):
        check(what + ": " + got, False)
        return
    check(what + ": the numbers", got.shape == values.shape and np.array_equal(got, values))
    if names:
        check(what + ": the names", rows == ROW_NAMES[: len(rows)] and cols == COL_NAMES)


def plain(name, *options):
    done = run("convert", name, "read.npy", *options)
    return np.load("read.npy") if done.returncode == 0 else done.stderr


def refused(name, words, *options):
    done = run("info", name, *options)
    what = " ".join([name, *options])
    lines = done.stderr.strip().split("\n")
    check(f"{what}: exit {done.returncode}, {lines}", done.returncode == 3 and len(lines) == 1 and words in lines[0])


def tenx(name, version, values, kind="i4", **how):
    csc = sparse.csc_matrix(values)
    with h5py.File(name, "w") as file:
        group = file.create_group("matrix" if version == 3 else "GRCh38")
        group["barcodes"] = np.array(COL_NAMES, dtype="S")
        group.create_dataset("data", data=csc.data.astype(kind), **how)
        group.create_dataset("indices", data=csc.indices.astype("i8"), **how)
        group.create_dataset("indptr", data=csc.indptr.astype("i8"), **how)
        group["shape"] = np.array(values.shape, dtype="i4")
        features = group.create_group("features") if version == 3 else group
        encoded = [n.encode() for n in ROW_NAMES]
        features["name" if version == 3 else "gene_names"] = np.array(encoded)
        features["id" if version == 3 else "genes"] = np.array([f"ENSG{i:05}" for i in range(ROWS)], dtype="S")
        features["feature_type"] = np.array(["Gene Expression"] * ROWS, dtype="S")


def h5ad(name, x, raw=True, **how):
    data = anndata.AnnData(x, obs=pd.DataFrame({"n": range(COLS)}, index=COL_NAMES), var=pd.DataFrame(index=ROW_NAMES),
                           dtype=x.dtype)
    if raw:
        data.raw = anndata.AnnData(sparse.csr_matrix(A.T * 2), obs=data.obs, var=data.var, dtype="f8")
    data.layers["counts"] = sparse.csr_matrix(A.T)
    data.layers["turned"] = sparse.csc_matrix(A.T)
    data.layers["dense"] = A.T.copy()
    data.write_h5ad(name, **how)


def read_tenx():
    tenx("v3.h5", 3, A, compression="gzip", shuffle=True, chunks=(17,))
    tenx("v2.h5", 2, A)
    expect("v3.h5", A)
    expect("v2.h5", A)
    expect("v2.h5", A, "--layer", "GRCh38")
    refused("v2.h5", 'no layer "x"; it has GRCh38', "--layer", "x")
    with h5py.File("v2.h5", "a") as file:
        file.copy("GRCh38", "mm10")
    refused("v2.h5", "2 matrices: name one by --layer, of GRCh38, mm10")
    expect("v2.h5", A, "--layer", "mm10")
    with h5py.File("v3.h5", "a") as file:
        file["matrix/features/name"][4] = b"gene-3"
    rows = read("v3.h5")[1]
    check("names that repeat give way to ids", rows[2:6] == ["gene-2", "ENSG00003", "ENSG00004", "gene-5"])


def read_h5ad():
    h5ad("csr.h5ad", sparse.csr_matrix(REAL.T), compression="gzip")
    h5ad("csc.h5ad", sparse.csc_matrix(REAL.T))
    h5ad("dense.h5ad", REAL.T.copy(), compression="gzip")
    h5ad("single.h5ad", A.T.astype("f4"), raw=False)
    for name in ("csr.h5ad", "csc.h5ad", "dense.h5ad"):
        expect(name, REAL)
        expect(name, A * 2, "--layer", "raw")
        for layer in ("counts", "turned", "dense"):
            expect(name, A, "--layer", layer)
    expect("single.h5ad", A, "--dtype", "f32")
    refused("csr.h5ad", 'no layer "conts"; --layer names what it has: X, counts, dense, turned, raw', "--layer", "conts")
    refused("single.h5ad", "X, counts, dense, turned", "--layer", "raw")


def old_h5ad():
    """obs and var as records, the matrix as h5sparse had it, raw by names with dots: AnnData 0.6."""
    csr = sparse.csr_matrix(A.T)
    with h5py.File("old.h5ad", "w") as file:
        for name in ("X", "raw.X"):
            group = file.create_group(name)
            group.attrs["h5sparse_format"] = "csr"
            group.attrs["h5sparse_shape"] = np.array(csr.shape)
            group["data"], group["indices"], group["indptr"] = csr.data, csr.indices, csr.indptr
        for name, names in (("obs", COL_NAMES), ("var", ROW_NAMES), ("raw.var", ROW_NAMES)):
            encoded = [n.encode() for n in names]
            kind = [("n", "i8"), ("index", f"S{max(map(len, encoded))}")]
            file[name] = np.array(list(zip(range(len(names)), encoded)), dtype=kind)
    expect("old.h5ad", A)
    expect("old.h5ad", A, "--layer", "raw")


def read_plain():
    kinds = ["i1", "u1", ">i2", "u2", "i4", ">u4", "i8", "u8", "f2", ">f4", "f8", ">f8"]
    small = (A % 100).astype(int)
    with h5py.File("plain.h5", "w") as file:
        for kind in kinds:
            file.create_dataset("kinds/" + kind, data=small.astype(kind), chunks=(7, 11), compression="gzip")
        file["kinds/bool"] = A > 0
        file["line"] = np.arange(5)
    for kind in kinds:
        expect("plain.h5", small.astype(float), "--layer", "/kinds/" + kind, names=False)
    expect("plain.h5", (A > 0).astype(float), "--layer", "kinds/bool", names=False)
    refused("plain.h5", "13 tables of numbers: name one by --layer, of /kinds/")
    refused("plain.h5", 'no "/nothing"; --layer can name /kinds/', "--layer", "/nothing")
    refused("plain.h5", '"/line" has 1 dimensions', "--layer", "/line")
    with h5py.File("one.h5", "w") as file:
        file.create_dataset("deep/down", data=REAL, chunks=(40, 1), compression="gzip", fletcher32=True)
    expect("one.h5", REAL, names=False)
    with h5py.File("none.h5", "w") as file:
        file["line"] = np.arange(5)
    refused("none.h5", "neither as 10x Genomics nor as AnnData")
    # The numbers of one row are more than a block of the wire.
    wide = rng.integers(0, 9, (3, 200000)).astype("f8")
    with h5py.File("wide.h5", "w") as file:
        file["x"] = wide
    expect("wide.h5", wide, names=False)


def other_files():
    with h5py.File("elsewhere.h5", "w") as file:
        file["x"] = A
    with h5py.File("links.h5", "w") as file:
        file["link"] = h5py.ExternalLink("elsewhere.h5", "/x")
        file.create_dataset("outside", (4, 4), "f8", external=[("elsewhere.h5", 0, h5py.h5f.UNLIMITED)])
        layout = h5py.VirtualLayout(shape=A.shape, dtype="f8")
        layout[:] = h5py.VirtualSource("elsewhere.h5", "x", shape=A.shape)
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("lzf", data=A, compression="lzf")
    refused("links.h5", 'no "/link"', "--layer", "/link")
    refused("links.h5", "another file", "--layer", "/outside")
    refused("links.h5", "another file", "--layer", "/virtual")
    refused("links.h5", "the filter lzf (number 32000)", "--layer", "/lzf")


def claims():
    """More than the file can hold."""
    with h5py.File("huge.h5", "w") as file:
        file.create_dataset("x", (1 << 40, 1 << 20), "f8", chunks=(16, 16))
    refused("huge.h5", "more than a file of")
    with h5py.File("chunk.h5", "w") as file:
        file.create_dataset("x", (4, 4), "f4", maxshape=(None, None), chunks=(1 << 14, 1 << 14))
    refused("chunk.h5", "more than a file of")
    tenx("bad.h5", 3, A)
    for name, at, value, words in (
        ("indices", 3, ROWS, "must be from 0 to 40"),
        ("indices", 3, -1, "must be from 0 to 40"),
        ("indptr", 3, 0, "begins before"),
        ("indptr", COLS, 7, "begins before"),
        ("shape", 0, 3, "41 names for its 3 rows"),
        ("shape", 1, 3, "indptr has"),
        ("shape", 1, -5, "from 0 to 4294967295"),
    ):
        with h5py.File("bad.h5", "a") as file:
            before = file["matrix/" + name][at]
            file["matrix/" + name][at] = value
        refused("bad.h5", words)
        with h5py.File("bad.h5", "a") as file:
            file["matrix/" + name][at] = before
    expect("bad.h5", A)


def written_h5ad(name, values, dtype):
    got = anndata.read_h5ad(name)
    x = got.X.toarray() if sparse.issparse(got.X) else got.X
    check(name + ": the numbers", x.dtype == dtype and np.array_equal(x.T, values.astype(dtype)))
    check(name + ": the names", list(got.obs_names) == COL_NAMES and list(got.var_names) == ROW_NAMES)
    return got


def written_tenx(name, values, kind):
    with h5py.File(name) as file:
        group = file["matrix"]
        csc = sparse.csc_matrix((group["data"][:], group["indices"][:], group["indptr"][:]), tuple(group["shape"][:]))
        check(name + ": the numbers", csc.dtype == kind and np.array_equal(csc.toarray(), values))
        rows = [n.decode() for n in group["features/name"][:]]
        check(name + ": the names", rows == ROW_NAMES and [n.decode() for n in group["barcodes"][:]] == COL_NAMES)
        check(name + ": the features", set(group["features/feature_type"][:]) == {b"Gene Expression"})


def write():
    for name in ("csr.h5ad", "dense.h5ad"):
        for dtype, of in (("f64", "f8"), ("f32", "f4")):
            check("convert " + name, run("convert", name, "out.h5ad", "--dtype", dtype).returncode == 0)
            got = written_h5ad("out.h5ad", REAL, of)
            check(name + " stays sparse or dense", sparse.issparse(got.X) == (name == "csr.h5ad"))
        check("convert " + name, run("convert", name, "out.h5").returncode == 0)
        written_tenx("out.h5", REAL, "f8")
    for layer in ("counts", "dense"):
        check("convert counts", run("convert", "csr.h5ad", "out.h5", "--layer", layer).returncode == 0)
        written_tenx("out.h5", A, "i4")
    np.save("bare.npy", REAL)
    run("convert", "bare.npy", "bare.h5ad")
    got = anndata.read_h5ad("bare.h5ad")
    check("names where there are none", list(got.obs_names) == [str(j) for j in range(COLS)])
    check("numbers without names", np.array_equal(got.X.T, REAL))
    zero = np.zeros((3, 3))
    zero[1, 1] = 1
    np.save("zero.npy", zero)
    run("convert", "zero.npy", "zero.h5")
    check("lines without entries", np.array_equal(plain("zero.h5"), zero))


def factors():
    before = open("csr.h5ad", "rb").read()
    for _ in range(2):
        done = run("fit", "csr.h5ad", "-k", "3", "-o", "out", "--format", "npy", "--h5ad", "fitted.h5ad")
        check("fit --h5ad: " + done.stderr, done.returncode == 0)
    check("the input stays as it is", open("csr.h5ad", "rb").read() == before)
    got = written_h5ad("fitted.h5ad", REAL, "f8")
    check("W", np.array_equal(got.varm["NMF"], np.load("out/W.npy")))
    check("H", np.array_equal(got.obsm["X_nmf"], np.load("out/H.npy").T))
    said = got.uns["nmf"]
    check("uns", said["rank"] == 3 and said["solver"] == "hals" and 0 < said["relative_error"] < 1)
    check("all else", got.raw is not None and list(got.obs["n"]) == list(range(COLS)) and "turned" in got.layers)
    run("fit", "fitted.h5ad", "-k", "4", "-o", "out", "--format", "npy", "--h5ad", "again.h5ad", "--dtype", "f32")
    got = written_h5ad("again.h5ad", REAL, "f8")
    check("factors take the place of others", got.obsm["X_nmf"].shape == (COLS, 4) and got.uns["nmf"]["rank"] == 4)
    check("W in f32", got.varm["NMF"].dtype == "f4" and np.array_equal(got.varm["NMF"], np.load("out/W.npy")))
    # raw has more variables than X.
    data = anndata.read_h5ad("csr.h5ad")
    data[:, :7].write_h5ad("fewer.h5ad")
    done = run("fit", "fewer.h5ad", "--layer", "raw", "-k", "2", "-o", "out", "--h5ad", "fitted.h5ad")
    check("factors of raw: " + done.stderr, done.returncode == 0)
    got = anndata.read_h5ad("fitted.h5ad")
    check("factors of raw", got.raw.varm["NMF"].shape == (ROWS, 2) and "NMF" not in got.varm)
    done = run("fit", "old.h5ad", "-k", "2", "-o", "out", "--h5ad", "fitted-old.h5ad")
    check("an old layout: " + done.stderr, done.returncode == 0)


read_tenx()
read_h5ad()
old_h5ad()
read_plain()
other_files()
claims()
write()
factors()
left = [name for name in os.listdir(".") if name.endswith(".tmp")]
check(f"nothing is left: {left}", not left)
sys.exit(1 if failures else 0)

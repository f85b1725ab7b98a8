# NPZ from and to NumPy and SciPy.
. tests/cli/lib.sh

python=/usr/bin/python3
if ! $python -c 'import numpy, scipy.sparse' 2>/dev/null; then
    echo "skipped: $python has no NumPy and SciPy"
    exit 77
fi

# Every file, and beside it the matrix that is in it as text.
$python - "$scratch" <<'END' || fail "the files could not be made"
import sys
import numpy as np
import scipy.sparse as sp

folder = sys.argv[1]
rng = np.random.default_rng(7)
whole = rng.integers(0, 100, (17, 11)) * (rng.random((17, 11)) < 0.3)
whole[3] = 0
whole[:, 5] = 0


def expect(name, matrix):
    np.savetxt(f"{folder}/{name}.expected", np.asarray(matrix, dtype=float), delimiter=",", fmt="%.17g")


for kind in "csr", "csc", "coo":
    for packed in True, False:
        sp.save_npz(f"{folder}/{kind}{packed:d}.npz", sp.csr_matrix(whole / 7).asformat(kind), compressed=packed)
        expect(f"{kind}{packed:d}", whole / 7)
for dtype in "f2", ">f4", ">f8", "i1", "?", ">i2", "u8", "f4":
    name = "".join(c for c in dtype.replace(">", "big").replace("?", "bool"))
    matrix = whole.astype(dtype)
    np.savez(f"{folder}/plain_{name}.npz", matrix)
    expect(f"plain_{name}", matrix)
    np.savez_compressed(f"{folder}/packed_{name}.npz", x=np.asfortranarray(matrix), y=np.arange(3), z=np.array("text"))
    expect(f"packed_{name}", matrix)
    rows = sp.csr_matrix(whole.astype("f8"))
    np.savez(f"{folder}/sparse_{name}.npz", format="csr", shape=rows.shape, data=rows.data.astype(dtype),
             indices=rows.indices.astype(">i8"), indptr=rows.indptr.astype("i8"))
    expect(f"sparse_{name}", matrix)
np.savez(f"{folder}/several.npz", a=whole, b=whole * 2, c=np.arange(4))
np.savez(f"{folder}/names.npz", matrix=[[1, 2], [3, 4], [5, 6]], row_names=["α", "b c", "日本"],
         col_names=np.array([b"x", b"long one"]))
sp.save_npz(f"{folder}/bsr.npz", sp.bsr_matrix(whole))
END

for expected in "$scratch"/*.expected; do
    name=${expected%.expected}
    run convert "$name.npz" "$name.csv"
    expect_status 0
    expect_near "$name.csv" "$expected" 0
done

run convert "$scratch/names.npz" "$scratch/names.csv"
expect_equal "$(tr '\n' '|' <"$scratch/names.csv")" ",x,long one|α,1,2|b c,3,4|日本,5,6|" "names"
run info "$scratch/several.npz"
expect_status 3
expect_sentence "holds 2 arrays of two dimensions: a, b;"
run info "$scratch/several.npz" --layer b
expect_status 0
expect_in out "npz, int64"
run info "$scratch/bsr.npz"
expect_status 3
expect_sentence "convert it with .tocsr()"

# By way of a pipe, and packed once more.
# shellcheck disable=SC2094
{ cat "$scratch/csc1.npz"; } | run info -
expect_in out "npz, csc"
gzip -kf "$scratch/csr1.npz"
run info "$scratch/csr1.npz.gz"
expect_status 0
expect_in out "17 rows x 11 columns"

# What we write.
printf ',a,,"é ""q"""\nr 1,0.1,0,3\n日本,0,0,1e-300\n' >"$scratch/in.csv"
run convert "$scratch/in.csv" "$scratch/dense.npz"
expect_status 0
run convert "$scratch/dense.npz" "$scratch/in.mtx" --dtype f32
printf '%%%%MatrixMarket matrix coordinate real general\n3 4 3\n1 2 0.1\n3 1 7\n3 4 0.25\n' >"$scratch/sparse.mtx"
printf '%s\n' p q r >"$scratch/sparse.rows.txt"
run convert "$scratch/sparse.mtx" "$scratch/sparse.npz"
expect_status 0
run convert "$scratch/sparse.mtx" "$scratch/single.npz" --dtype f32
expect_status 0
expect_no_file "$scratch/single.rows.txt"
$python - "$scratch" <<'END' || fail "what was written is not what NumPy and SciPy read"
import sys
import numpy as np
import scipy.sparse as sp

folder = sys.argv[1]
dense = np.load(f"{folder}/dense.npz")
assert sorted(dense) == ["col_names", "matrix", "row_names"], sorted(dense)
assert dense["matrix"].dtype == np.float64 and (dense["matrix"] == [[0.1, 0, 3], [0, 0, 1e-300]]).all()
assert list(dense["row_names"]) == ["r 1", "日本"] and list(dense["col_names"]) == ["a", "", 'é "q"']
expected = np.array([[0, 0.1, 0, 0], [0, 0, 0, 0], [7, 0, 0, 0.25]])
for name, dtype in ("sparse", np.float64), ("single", np.float32):
    matrix = sp.load_npz(f"{folder}/{name}.npz")
    assert matrix.format == "csr" and matrix.dtype == dtype and matrix.indices.dtype == np.int32
    assert matrix.has_canonical_format and (matrix.toarray() == expected.astype(dtype)).all()
    assert list(np.load(f"{folder}/{name}.npz")["row_names"]) == ["p", "q", "r"]
END

# Factors.
o=$scratch/fit
run fit "$scratch/csr1.npz" -k 3 -o "$o" --format npz
expect_status 0
run fit "$scratch/sparse.npz" -k 2 -o "$o" --format npz
expect_status 0
expect_equal "$(files_in "$o")" "H.npz W.npz fit.json " "files"
run top "$o" -n 3
expect_status 0
expect_in out "r"
cp "$o/H.npz" "$scratch/H.npz"
run transform "$o" "$scratch/sparse.npz" --format npz
expect_status 0
expect_file "$o/H.npz"
$python -c '
import sys, numpy as np
w, h = (np.load(sys.argv[1] + "/" + name)["matrix"] for name in ("W.npz", "H.npz"))
assert w.shape == (3, 2) and h.shape == (2, 4)
' "$o" || fail "factors"
run convert "$scratch/in.csv" "$scratch/no.npz.gz"
expect_status 2
expect_sentence "must be a plain file"
finish

# HDF5, through the program that looks into it: 10x Genomics and AnnData, written and read, whole and damaged.
. tests/cli/lib.sh

helper=$(dirname "$NMF")/nmf-hdf5
if [ ! -x "$helper" ]; then
    echo "skipped: nmf-hdf5 was not built, as libhdf5 is not here"
    exit 77
fi

# What nmf writes it reads, names and all, from a file, a pipe, or packed.
a=$seed/A.csv
for file in a.h5 a.h5ad; do
    run convert $a "$scratch/$file"
    expect_status 0
    run convert "$scratch/$file" "$scratch/back.csv"
    expect_status 0
    cut -d, -f2- "$scratch/back.csv" | tail -n +2 >"$scratch/numbers.csv"
    expect_near "$scratch/numbers.csv" $a 0
    gzip -c "$scratch/$file" >"$scratch/packed"
    run info "$scratch/packed"
    expect_status 0
    run info - <"$scratch/$file"
    expect_status 0
    said="cat $file | nmf info -"
    # shellcheck disable=SC2002
    cat "$scratch/$file" | "$NMF" info - >"$scratch/out" 2>"$scratch/err" || fail "a pipe is not read"
    expect_in out "HDF5"
done
expect_equal "$(files_in "$scratch")" "a.h5 a.h5ad back.csv err gap numbers.csv out packed " "files"

# Not packed: HDF5 is written here and there.
run convert $a "$scratch/a.h5ad.gz"
expect_status 2
expect_sentence "a plain file"
mkdir "$scratch/full"
(
    ulimit -f 1
    exec "$NMF" convert examples/data/digits.npy "$scratch/full/a.h5ad" 2>"$scratch/err"
)
status=$?
expect_status 4
expect_equal "$(files_in "$scratch/full")" "" "files"

# The program is asked for by a sentence, and only for this.
said="nmf without nmf-hdf5"
NMF_HDF5=$scratch/none "$NMF" info "$scratch/a.h5" >"$scratch/out" 2>"$scratch/err"
status=$?
expect_status 3
expect_sentence "libhdf5-dev"
NMF_HDF5=$scratch/none "$NMF" info $a >"$scratch/out" 2>"$scratch/err"
status=$?
expect_status 0

# Factors go into a copy, never into the file itself, and only into what has a place for them.
run fit "$scratch/a.h5ad" -k 2 -o "$scratch/o" --h5ad "$scratch/a.h5ad"
expect_status 2
expect_sentence "take its place"
run fit "$scratch/a.h5" -k 2 -o "$scratch/o" --h5ad "$scratch/b.h5ad"
expect_status 2
expect_sentence "which $scratch/a.h5 (HDF5, 10x Genomics) is not"
run fit - -k 2 -o "$scratch/o" --h5ad "$scratch/b.h5ad" <"$scratch/a.h5ad"
expect_status 2
run fit "$scratch/a.h5ad" --transpose -k 2 -o "$scratch/o" --h5ad "$scratch/b.h5ad"
expect_status 2
expect_sentence "not with --transpose"
expect_no_file "$scratch/o"
expect_no_file "$scratch/b.h5ad"
before=$(cksum <"$scratch/a.h5ad")
run fit "$scratch/a.h5ad" -k 2 -o "$scratch/o" --h5ad "$scratch/b.h5ad"
expect_status 0
expect_in err "obsm"
expect_equal "$(cksum <"$scratch/a.h5ad")" "$before" "the input"
run convert "$scratch/b.h5ad" "$scratch/h.csv" --layer /obsm/X_nmf
expect_status 0
run convert "$scratch/b.h5ad" "$scratch/w.csv" --layer /varm/NMF
expect_status 0
cut -d, -f2- "$scratch/o/W.csv" | tail -n +2 >"$scratch/expected.csv"
expect_near "$scratch/w.csv" "$scratch/expected.csv" 0

# Damaged files, at least twenty and as many as some seconds allow: taken or refused by a sentence. libhdf5 itself often does not survive them.
harmless() {
    run info "$scratch/bad"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "exit $status, expected 0 or 3"
    [ "$status" -eq 0 ] || [ "$(grep -c "^nmf: $scratch/bad" "$scratch/err")" -eq 1 ] || fail "expected one sentence"
}
end=$(($(date +%s) + 12))
bytes=$(wc -c <"$scratch/a.h5ad")
i=0
while [ $i -lt 300 ] && { [ $i -le 20 ] || [ "$(date +%s)" -lt $end ]; }; do
    if [ $((i % 3)) -eq 0 ]; then
        head -c $((bytes * i / 300)) "$scratch/a.h5ad" >"$scratch/bad"
    else
        cp "$scratch/a.h5ad" "$scratch/bad"
        printf "\\$(printf %o $((i * 37 % 256)))" |
            dd of="$scratch/bad" bs=1 seek=$((i * 7919 % bytes)) conv=notrunc 2>/dev/null
    fi
    harmless
    i=$((i + 1))
done
# As others write it, and as they read it.
if /usr/bin/python3 -c "import anndata, h5py, scipy, pandas" 2>/dev/null; then
    said="hdf5.py"
    mkdir "$scratch/python"
    /usr/bin/python3 tests/cli/hdf5.py "$NMF" "$scratch/python" >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
else
    echo "left out: files written by h5py and anndata (python3-anndata is not here)"
fi

finish

# A table converted to any format, from there to any other, and back, is the same table to the byte.
. tests/cli/lib.sh

start=$scratch/start.csv
cat >"$start" <<'TABLE'
,cell 1,"c,2",ΔF508,"4"
gene a,0,1.5,0,2
"b ""quoted""",3,0,0.1,1e-300
"3",0,0,0,7.2345678901234564e+22
d,12,0,0,0
TABLE
endings="csv tsv npy mtx npz svmlight csv.gz mtx.zst tenx/"
run convert "$start" "$scratch/probe.h5"
if [ "$status" -eq 0 ]; then
    endings="$endings h5 h5ad"
else
    expect_sentence "nmf-hdf5"
    echo "HDF5 is left out: nmf-hdf5 was not built"
fi

expect_same() {
    run convert "$1" "$scratch/back.csv"
    expect_status 0
    cmp -s "$scratch/back.csv" "$start" || fail "$1 is not $start: $(diff "$scratch/back.csv" "$start" | head -n 4)"
}

for first in $endings; do
    mkdir -p "$scratch/1" "$scratch/2"
    run convert "$start" "$scratch/1/a.$first"
    expect_status 0
    expect_same "$scratch/1/a.$first"
    for second in $endings; do
        run convert "$scratch/1/a.$first" "$scratch/2/b.$second"
        expect_status 0
        expect_same "$scratch/2/b.$second"
        rm -rf "$scratch/2"
        mkdir "$scratch/2"
    done
    rm -rf "$scratch/1"
done

# Through pipes, where the name says nothing.
"$NMF" convert "$start" - --format mtx 2>/dev/null | "$NMF" convert - "$scratch/piped.npy" 2>/dev/null
run info "$scratch/piped.npy" --json
expect_equal "$(json_value rows "$scratch/out") $(json_value cols "$scratch/out")" "4 4" "shape"

# What cannot be.
run convert "$start" "$scratch/a.xls"
expect_status 2
expect_sentence "does not end in a format that can be written"
run convert "$start" -
expect_status 2
expect_sentence "name one with --format"
run convert "$start" "$start"
expect_status 2
expect_sentence "would take its place"
run convert "$scratch/none.csv" "$scratch/a.npy"
expect_status 3
expect_no_file "$scratch/a.npy"
run convert "$start" "$scratch/a.npz.gz"
expect_status 2
finish

# A matrix that does not fit into --memory stays in its file, and the result is the same to the byte.
. tests/cli/lib.sh

awk 'BEGIN { srand(7); for (i = 0; i < 2000; i++) { line = int(4 * rand()); for (j = 1; j < 700; j++) line = line "," int(4 * rand() * rand()); print line } }' \
    >"$scratch/part.csv"
for _ in 1 2 3 4 5 6 7 8; do
    cat "$scratch/part.csv"
done >"$scratch/a.csv"
run convert "$scratch/a.csv" "$scratch/a.nmfx"
expect_status 0
run convert "$scratch/a.csv" "$scratch/a.npy"
expect_status 0

fit="-k 3 --init random --max-iter 5 --format npy"
for file in a.nmfx a.npy; do
    # shellcheck disable=SC2086
    run fit "$scratch/$file" $fit -o "$scratch/whole"
    expect_status 0
    [ "$file" = a.npy ] || expect_in err "plan     memory: the matrix takes 89.6 MB"
    [ "$file" = a.nmfx ] || expect_in err "plan     mapped: the matrix takes 89.6 MB"
    # As little as it can do with, which it says itself.
    # shellcheck disable=SC2086
    run fit "$scratch/$file" $fit -o "$scratch/streamed" --memory 20M
    expect_status 5
    expect_sentence "is the least memory for it, and 20 MB may be used"
    expect_no_file "$scratch/streamed"
    least=$(sed -n 's/.*: \([0-9]*\) MB is the least.*/\1/p' "$scratch/err")
    # shellcheck disable=SC2086
    run fit "$scratch/$file" $fit -o "$scratch/streamed" --memory "${least}M"
    expect_status 0
    expect_in err "plan     streamed: "
    cmp -s "$scratch/whole/W.npy" "$scratch/streamed/W.npy" || fail "W differs"
    cmp -s "$scratch/whole/H.npy" "$scratch/streamed/H.npy" || fail "H differs"
    rm -r "$scratch/streamed"
done

# A checkpoint goes on wherever the matrix is then.
long="-k 3 --init random --format npy --stop error --tol 1e-300 --max-iter 40"
# shellcheck disable=SC2086
run fit "$scratch/a.nmfx" $long -o "$scratch/whole"
expect_status 0
# shellcheck disable=SC2086
run fit "$scratch/a.nmfx" $long --time 0.1s --resume "$scratch/parts" --memory 100M
expect_status 0
expect_in err "stopped  by time"
# shellcheck disable=SC2086
run fit "$scratch/a.npy" $long --resume "$scratch/parts"
expect_status 0
cmp -s "$scratch/whole/W.npy" "$scratch/parts/W.npy" || fail "W differs after the checkpoint"

# What needs all of it says so.
run fit "$scratch/a.nmfx" -k 3 --loss kl --memory 100M -o "$scratch/kl"
expect_status 5
expect_sentence "and 100 MB may be used; block by block it can be read for loss frobenius"
expect_no_file "$scratch/kl"
run fit "$scratch/part.csv" -k 3 --memory 40M -o "$scratch/part"
expect_status 5
expect_sentence "and 40 MB may be used; as an .nmfx, which nmf convert writes, it can stay in its file"
run fit "$scratch/a.csv" -k 3 --memory 40X
expect_status 2
expect_sentence "--memory takes a size such as 500M or 4G, not \"40X\""
run fit "$scratch/a.csv" -k 3 --memory 0
expect_status 2
run fit "$scratch/a.csv" -k 3 --memroy 4G
expect_status 2
expect_sentence "did you mean --memory?"

# Files that were damaged on the way.
size=$(wc -c <"$scratch/a.nmfx")
head -c $((size / 2)) "$scratch/a.nmfx" >"$scratch/cut.nmfx"
run fit "$scratch/cut.nmfx" -k 3
expect_status 3
expect_sentence "cut.nmfx is cut short: it has $((size / 2)) bytes, and was written with $size"
cp "$scratch/a.nmfx" "$scratch/flipped.nmfx"
printf 'flipped' | dd of="$scratch/flipped.nmfx" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
run fit "$scratch/flipped.nmfx" -k 3 -o "$scratch/flipped"
expect_status 3
expect_sentence "flipped.nmfx: block 3 of 6 is damaged: it does not match its checksum"

# It is read like any other file, and what is told of it needs no look at its entries.
run info "$scratch/a.nmfx"
expect_status 0
expect_in out "shape         16000 rows x 700 columns"
run info "$scratch/flipped.nmfx"
expect_status 0
run convert "$scratch/a.nmfx" "$scratch/b.npy"
expect_status 0
cmp -s "$scratch/a.npy" "$scratch/b.npy" || fail "a.nmfx is not what a.npy is"
run convert "$scratch/a.npy" "$scratch/a.nmfx.gz"
expect_status 2
expect_sentence "the block format is written to a plain file, neither packed again nor into a pipe"

# Entries that do not fit go by way of disk, and nothing else of it is to be seen.
awk 'BEGIN { srand(3); print "%%MatrixMarket matrix coordinate integer general"; print 9000, 4000, 1200000
             for (e = 0; e < 1200000; e++) print int(9000 * rand()) + 1, int(4000 * rand() * rand()) + 1, int(5 * rand()) }' \
    >"$scratch/s.mtx"
awk 'BEGIN { for (i = 0; i < 9000; i++) print "gene" i }' >"$scratch/s.rows.txt"
run convert "$scratch/s.mtx" "$scratch/s.nmfx"
expect_status 0
expect_in err "entries stand at a place that has one already; they were summed"
run convert "$scratch/s.nmfx" "$scratch/t.npz"
expect_status 0
run convert "$scratch/s.nmfx" "$scratch/t.svmlight"
expect_status 0
# Where HDF5 is there.
"$NMF" convert "$scratch/s.nmfx" "$scratch/t.h5ad" 2>/dev/null
for file in s.mtx t.npz t.svmlight t.h5ad; do
    [ -e "$scratch/$file" ] || continue
    run convert "$scratch/$file" "$scratch/t.nmfx"
    expect_status 0
    cp "$scratch/err" "$scratch/said"
    run convert "$scratch/$file" "$scratch/u.nmfx" --memory 40M
    expect_status 0
    cmp -s "$scratch/t.nmfx" "$scratch/u.nmfx" || fail "$file becomes something else by way of disk"
    cmp -s "$scratch/said" "$scratch/err" || fail "of $file something else is said"
done
run convert "$scratch/s.nmfx" "$scratch/whole.csv"
expect_status 0
run convert "$scratch/s.mtx" "$scratch/parts.csv" --memory 40M
expect_status 0
cmp -s "$scratch/whole.csv" "$scratch/parts.csv" || fail "parts.csv differs"
# In memory, back from the disk, and still there.
for memory in 8G 62M 52M; do
    # shellcheck disable=SC2086
    run fit "$scratch/s.mtx" $fit -o "$scratch/by$memory" --memory "$memory"
    expect_status 0
    expect_in err "plan     $([ "$memory" = 52M ] && echo streamed || echo memory): "
    cmp -s "$scratch/by8G/W.npy" "$scratch/by$memory/W.npy" || fail "W differs by way of disk"
    cmp -s "$scratch/by8G/H.npy" "$scratch/by$memory/H.npy" || fail "H differs by way of disk"
done
TMPDIR="$scratch/none"
export TMPDIR
run convert "$scratch/s.mtx" "$scratch/v.nmfx" --memory 40M
expect_status 3
expect_sentence "s.mtx must be put on disk to be read, as its entries do not fit in memory, and $scratch/none does not take it: No such file or directory (TMPDIR names another folder)"
expect_no_file "$scratch/v.nmfx"
unset TMPDIR
finish

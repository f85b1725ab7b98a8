# stdout and stderr, folders that cannot be written, a disk that is full: exit 4 and nothing half-written.
. tests/cli/lib.sh

o=$scratch/deep/er/out
run fit $seed/A.csv -k 2 -o "$o"
expect_status 0
expect_nothing_in out
expect_in err "$o/W.csv"
expect_equal "$(files_in "$o")" "H.csv W.csv fit.json " "files"
run fit -k 2 --quiet $seed/A.csv -o "$o"
expect_status 0
expect_nothing_in out
expect_nothing_in err

# The default folder is beside the input.
cp $seed/A.csv "$scratch/A.csv"
run fit "$scratch/A.csv" -k 2
expect_status 0
expect_file "$scratch/A.csv.nmf/fit.json"

: >"$scratch/file"
run fit $seed/A.csv -k 2 -o "$scratch/file"
expect_status 4
expect_in err "cannot be made"
run fit $seed/A.csv -k 2 -o "$scratch/file/below"
expect_status 4
expect_in err "cannot be made"
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$scratch/locked"
    chmod 500 "$scratch/locked"
    run fit $seed/A.csv -k 2 -o "$scratch/locked"
    expect_status 4
    expect_in err "cannot be written to"
    run fit $seed/A.csv -k 2 -o "$scratch/locked/below"
    expect_status 4
fi

# H cannot take its name: the folder does not claim to hold a result.
mkdir -p "$scratch/taken/H.csv/x"
run fit $seed/A.csv -k 2 -o "$scratch/taken"
expect_status 4
expect_in err "H.csv"
expect_no_file "$scratch/taken/fit.json"
expect_equal "$(files_in "$scratch/taken")" "H.csv W.csv " "files"

# A limit on the size of files stands for a full disk: W is too long for it.
awk 'BEGIN { srand(1); for (i = 0; i < 600; i++) print rand() "," rand() "," rand() }' >"$scratch/tall.csv"
run fit "$scratch/tall.csv" -k 2 -o "$scratch/full"
expect_status 0
before=$(cksum <"$scratch/full/W.csv")
for folder in full fresh; do
    said="nmf fit -o $folder, the disk full"
    (
        ulimit -f 8
        exec "$NMF" fit "$scratch/tall.csv" -k 2 --solver mu -o "$scratch/$folder" 2>"$scratch/err"
    )
    status=$?
    expect_status 4
    expect_in err "W.csv"
    expect_no_file "$scratch/$folder/fit.json"
done
expect_equal "$(cksum <"$scratch/full/W.csv")" "$before" "the W that was there"
expect_equal "$(files_in "$scratch/full")" "H.csv W.csv " "files"
expect_equal "$(files_in "$scratch/fresh")" "" "files"

# stdout that takes nothing.
if [ -w /dev/full ]; then
    for words in "info $seed/A.csv" "top $o" "--help" "fit --help" "fit $seed/A.csv -k 2 --json -o $o"; do
        said="nmf $words >/dev/full"
        # shellcheck disable=SC2086
        "$NMF" $words >/dev/full 2>"$scratch/err"
        status=$?
        expect_status 4
        expect_in err "standard output"
    done
fi
# A reader that has left is told nothing: the signal of a broken pipe ends the command, as it ends cat.
for words in "info $seed/A.csv" "top $o" "--help"; do
    said="nmf $words, nobody reading"
    {
        sleep 0.3
        # shellcheck disable=SC2086
        "$NMF" $words 2>"$scratch/err"
        echo $? >"$scratch/status"
    } | :
    status=$(cat "$scratch/status")
    expect_status 141
    expect_nothing_in err
done

finish

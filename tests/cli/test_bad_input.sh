# Matrices and files that cannot be used: exit 3 and one sentence, and no folder left behind.
. tests/cli/lib.sh

o=$scratch/never
bad() {
    run fit "$1" -k 1 -o "$o"
    expect_status 3
    expect_sentence "$2"
    expect_no_file "$o"
    run info "$1"
    expect_status 3
    expect_sentence "$2"
}

bad "$scratch/missing.csv" missing.csv
printf '1,2\n3,nan\n' >"$scratch/nan.csv"
bad "$scratch/nan.csv" "nan.csv"
grep -qi 'row 2.*column 2' "$scratch/err" || fail "row and column are not named"
printf '1,2\n3,inf\n' >"$scratch/inf.csv"
bad "$scratch/inf.csv" "inf.csv"
printf '1,-2.5\n3,4\n' >"$scratch/negative.csv"
bad "$scratch/negative.csv" "-2.5"
grep -qi 'row 1.*column 2' "$scratch/err" || fail "row and column are not named"
printf '1,2\n3\n' >"$scratch/short.csv"
bad "$scratch/short.csv" "short.csv"
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 3\n1 1 1.0\n2 2 1.0\n' >"$scratch/short.mtx"
bad "$scratch/short.mtx" "short.mtx"
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 1\n4 1 1.0\n' >"$scratch/outside.mtx"
bad "$scratch/outside.mtx" "outside.mtx"
printf '\223NUMPY\001\000' >"$scratch/short.npy"
bad "$scratch/short.npy" "short.npy"
: >"$scratch/empty.csv"
bad "$scratch/empty.csv" "empty.csv"
mkdir "$scratch/folder.csv"
bad "$scratch/folder.csv" "folder.csv"

# More memory than any machine has: refused before it is asked for.
run fit tests/data/seed/A.csv -k 99999999 -o "$o"
expect_status 5
expect_sentence "rank 99999999"
expect_no_file "$o"

# Odd, but a matrix: works, with one warning.
printf '1,2,3\n0,0,0\n4,5,6\n' >"$scratch/zero.csv"
run fit "$scratch/zero.csv" -k 1 -o "$scratch/zero"
expect_status 0
expect_equal "$(grep -c '^warning: ' "$scratch/err")" 1 "warnings"
expect_file "$scratch/zero/W.csv"
run fit "$scratch/zero.csv" -k 1 -o "$scratch/zero" --quiet
expect_status 0
expect_nothing_in err
run fit "$seed/A.csv" -k 8 -o "$scratch/wide"
expect_status 0
expect_equal "$(grep -c '^warning: ' "$scratch/err")" 1 "warnings"

for word in top transform draw; do
    file=
    shape=
    [ "$word" = transform ] && file=$seed/A.csv
    [ "$word" = draw ] && shape="--shape 3x3"
    # shellcheck disable=SC2086
    run "$word" "$scratch/nowhere" $file $shape
    expect_status 3
    expect_sentence "is not a folder"
    mkdir -p "$scratch/bare"
    # shellcheck disable=SC2086
    run "$word" "$scratch/bare" $file $shape
    expect_status 3
    expect_sentence "holds no finished result"
    # Factors of which nobody says that they belong together.
    mkdir -p "$scratch/parts"
    cp "$scratch/zero/W.csv" "$scratch/zero/H.csv" "$scratch/parts"
    # shellcheck disable=SC2086
    run "$word" "$scratch/parts" $file $shape
    expect_status 3
    expect_sentence "holds no finished result"
    mkdir -p "$scratch/new"
    echo "{}" >"$scratch/new/transform.json"
    # shellcheck disable=SC2086
    run "$word" "$scratch/new" $file $shape
    expect_status 3
    expect_sentence "holds no W"
done

finish

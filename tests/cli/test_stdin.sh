# The standard input as a file: mapped formats too, packed or not; the output must then be named.
. tests/cli/lib.sh

digits=examples/data/digits.npy
run fit $digits -k 3 -o "$scratch/file"
expect_status 0
run fit - -k 3 -o "$scratch/direct" <$digits
expect_status 0
gzip -c $digits >"$scratch/digits.gz"
run fit - -k 3 -o "$scratch/packed" <"$scratch/digits.gz"
expect_status 0
# shellcheck disable=SC2094
{ cat $digits; } | run fit - -k 3 -o "$scratch/pipe"
for way in direct packed pipe; do
    cmp -s "$scratch/file/H.csv" "$scratch/$way/H.csv" || fail "H from the standard input ($way) is another"
done

run fit - -k 3 <$digits
expect_status 2
expect_sentence "name one with -o"
run fit - -k 3 -o "$scratch/none" </dev/null
expect_status 3
expect_sentence "standard input"
expect_no_file "$scratch/none"
run info - <$digits
expect_status 0
expect_in out "64 rows x 1797 columns"
finish

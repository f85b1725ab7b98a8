# What a fit would take is told before it is begun: by its file, or by its sizes alone.
. tests/cli/lib.sh

awk 'BEGIN { srand(7); for (i = 0; i < 300; i++) { line = rand(); for (j = 1; j < 200; j++) line = line "," rand(); print line } }' \
    >"$scratch/a.csv"
run plan "$scratch/a.csv" -k 5 --json
expect_status 0
expect_equal "$(json_value rows "$scratch/out")" 300 rows
expect_equal "$(json_value place "$scratch/out")" memory place
bytes=$(json_value fit_bytes "$scratch/out")
run plan --rows 300 --cols 200 -k 5 --json
expect_status 0
expect_equal "$(json_value fit_bytes "$scratch/out")" "$bytes" "the bytes of the fit by sizes"
expect_equal "$(json_value matrix_bytes "$scratch/out")" 480000.0 "the bytes of the matrix by sizes"
awk "BEGIN { exit !($(json_value iteration_seconds "$scratch/out") > 0) }" || fail "an iteration takes no time"
run plan --rows 300 --cols 200 --nnz 600 -k 5
expect_status 0
expect_in out "sparse"
expect_in out "place       memory"

# Larger than memory.
run plan --rows 2000000 --cols 300 -k 5 --dtype f32 --memory 1G
expect_status 0
expect_in out "place       streamed"
expect_in out "read        2.4 GB each iteration"
run plan --rows 2000000 --cols 300 -k 5 --memory 100M
expect_status 5
expect_sentence "MB is the least memory for it, and 100 MB may be used"

run plan -k 5
expect_status 2
expect_sentence "plan takes a FILE, or --rows and --cols"
run plan "$scratch/a.csv" --rows 3 -k 5
expect_status 2
run plan "$scratch/a.csv"
expect_status 2
expect_sentence "plan needs a rank"
run plan --rows 3 --cols 4 --nnz 13 -k 2
expect_status 2
expect_sentence "3 x 4 with 13 entries cannot be a matrix here"
run plan "$scratch/b.csv" -k 5
expect_status 3
finish

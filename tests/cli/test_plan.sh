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

# Over several processes: 8 stand in a grid of 4 x 2, and 201 have no columns for all of them.
run plan "$scratch/a.csv" -k 5 --ranks 1,8,201
expect_status 0
expect_in out "network     100Gb,2us (--network gives another)"
grep -q "^ *1 *1 x 1 .* 0 " "$scratch/out" || fail "one process has no row"
grep -q "^ *8 *4 x 2 " "$scratch/out" || fail "eight processes have no row"
expect_in out "201  there are 201 processes for a matrix of 300"
run plan --rows 300 --cols 200 -k 5 --ranks 8,1,201 --network 1.25GB,500ns --json
expect_status 0
expect_json "$scratch/out"
expect_equal "$(grep -c '"network": "1.25GB,500ns"' "$scratch/out")" 3 "rows"
expect_equal "$(sed -n 's/.*"words_an_iteration": \(.*\),/\1/p' "$scratch/out" | tr '\n' ' ')" "1125.0 0.0 " words
expect_equal "$(grep -c '"refused": "there are 201 processes' "$scratch/out")" 1 "rows that are refused"
# Sizes that no machine has are told of by smaller ones, without a word about those.
run plan --rows 1000000000 --cols 10000000 --nnz 1000000000000 -k 2 --ranks 1024 --memory 500M
expect_status 0
expect_in out " 256 x 4 "
expect_in out " 21679688 "
expect_nothing_in err
# A FILE that cannot be fitted here in this memory can be in more processes.
run convert "$scratch/a.csv" "$scratch/a.nmfx" -q
expect_status 0
run plan "$scratch/a.nmfx" -k 5 --loss kl --memory 32M
expect_status 5
run plan "$scratch/a.nmfx" -k 5 --loss kl --memory 32M --ranks 4
expect_status 0
expect_in out " 4 x 1 "

refused_network() {
    run plan --rows 300 --cols 200 -k 5 --ranks 2 --network "$1"
    expect_status 2
    expect_sentence "--network takes a bandwidth (b for bits, B for bytes a second, after K, M, G or T) and a latency"
    expect_in err "not \"$1\""
}
for wrong in 100Gb 100Gb, ,2us 100,2us 100Gb,2 100gb,2us 2us,100Gb 0Gb,2us -1Gb,2us infGb,2us 1e400Gb,2us 100Gb,2us,3 "100 Gb,2us"; do
    refused_network "$wrong"
done
for wrong in 0 1,,2 1,x 1: -1 1000001 99999999999999999999 2,; do
    run plan --rows 300 --cols 200 -k 5 --ranks "$wrong"
    expect_status 2
    expect_sentence "--ranks takes numbers of processes, from 1 to 1000000 each, such as 1,8,64, not \"$wrong\""
done
run plan --rows 300 --cols 200 -k 5 --ranks "$(seq -s, 101)"
expect_status 2
expect_sentence "--ranks takes at most 100 numbers of processes"
run plan --rows 300 --cols 200 -k 5 --network 100Gb,2us
expect_status 2
expect_sentence "--network goes with --ranks"

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

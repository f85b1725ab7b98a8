# A fit that is killed goes on from its checkpoint to the same bytes; a folder with a checkpoint is not used otherwise.
. tests/cli/lib.sh

awk 'BEGIN { srand(1); for (i = 0; i < 300; i++) { line = rand(); for (j = 1; j < 200; j++) line = line "," rand(); print line } }' \
    >"$scratch/a.csv"
fit="fit $scratch/a.csv -k 6 --solver mu --stop error --tol 1e-300 --max-iter 30000"

# shellcheck disable=SC2086
run $fit -o "$scratch/whole"
expect_status 0

# Killed again and again, wherever it is.
o=$scratch/killed
kills=0
tries=0
while [ "$tries" -lt 15 ] && [ ! -f "$o/fit.json" ]; do
    # shellcheck disable=SC2086
    "$NMF" $fit --checkpoint-every 0.01s --resume "$o" >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    sleep "0.$(((tries * 7 + 3) % 10))5"
    kill -s KILL "$pid" 2>/dev/null && kills=$((kills + 1))
    wait "$pid" 2>/dev/null
    tries=$((tries + 1))
done
[ "$kills" -gt 2 ] || fail "it was killed $kills times only"
# shellcheck disable=SC2086
run $fit --resume "$o"
expect_status 0
cmp -s "$scratch/whole/W.csv" "$o/W.csv" || fail "W differs after $kills kills"
cmp -s "$scratch/whole/H.csv" "$o/H.csv" || fail "H differs after $kills kills"
expect_equal "$(json_value iterations "$o/fit.json")" 30000 iterations
# A process killed while it wrote W leaves that file's temporary one, but no checkpoint outlives the result.
for left in checkpoint checkpoint.1 checkpoint.new; do
    [ ! -e "$o/$left" ] || fail "$left is left"
done

# Ctrl-C writes one.
o=$scratch/stopped
# shellcheck disable=SC2086
"$NMF" $fit --max-iter 1000000 --checkpoint-every 1h -o "$o" >"$scratch/out" 2>"$scratch/err" &
pid=$!
while [ ! -d "$o" ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
done
sleep 0.5
kill -s INT "$pid"
wait "$pid"
status=$?
expect_status 130
expect_in err "--resume $o goes on"
expect_file "$o/checkpoint"
# shellcheck disable=SC2086
run $fit -o "$o"
expect_status 2
expect_sentence "go on from it with --resume $o"
# shellcheck disable=SC2086
run $fit --resume "$o" --seed 3
expect_status 3
expect_sentence "its seed is 0, and here it is 3"
run fit tests/data/seed/A.csv -k 6 --solver mu --resume "$o"
expect_status 3
expect_sentence "is the checkpoint of another fit: its matrix is"
printf x | dd of="$o/checkpoint" bs=1 seek=500 conv=notrunc 2>/dev/null
rm -f "$o/checkpoint.1"
# shellcheck disable=SC2086
run $fit --resume "$o"
expect_status 3
expect_sentence "is not a whole checkpoint"

# Time writes one, too, and says what was reached; then the rest is made.
o=$scratch/late
# shellcheck disable=SC2086
run $fit --max-iter 1000000 --time 0.2s --checkpoint-every 1h -o "$o"
expect_status 0
expect_equal "$(json_value stop_reason "$o/fit.json")" time stop_reason
expect_file "$o/checkpoint"
reached=$(json_value iterations "$o/fit.json")
# shellcheck disable=SC2086
run $fit --max-iter $((reached + 10)) --resume "$o"
expect_status 0
expect_equal "$(json_value iterations "$o/fit.json")" $((reached + 10)) iterations
expect_equal "$(files_in "$o")" "H.csv W.csv fit.json " "files"

# With nothing there yet it begins, and says so.
# shellcheck disable=SC2086
run $fit --max-iter 5 --resume "$scratch/new"
expect_status 0
expect_in err "there is no checkpoint $scratch/new/checkpoint yet: the fit begins"
# shellcheck disable=SC2086
run $fit --resume "$scratch/new" -o "$scratch/other"
expect_status 2
expect_sentence "--resume $scratch/new is the folder for the result, too"
# shellcheck disable=SC2086
run $fit --restarts 3 --checkpoint-every 1m -o "$scratch/several"
expect_status 2
expect_sentence "leave restarts out"

finish

# fit.json and what --json prints.
. tests/cli/lib.sh

o=$scratch/fit
run fit $seed/A.csv -k 3 -o "$o" --seed 7 --threads 1 --dtype f64 --json
expect_status 0
expect_json "$scratch/out"
cmp -s "$scratch/out" "$o/fit.json" || fail "--json and fit.json differ"
for key in rank rows cols nnz solver loss init seed dtype threads iterations stop_reason converged error relative_error \
    kkt_residual seconds version best_iteration best_error input format history; do
    [ -n "$(json_value "$key" "$o/fit.json")" ] || fail "fit.json has no $key"
done
expect_equal "$(json_value rank "$o/fit.json")" 3 rank
expect_equal "$(json_value rows "$o/fit.json")" 9 rows
expect_equal "$(json_value cols "$o/fit.json")" 7 cols
expect_equal "$(json_value nnz "$o/fit.json")" 63 nnz
expect_equal "$(json_value seed "$o/fit.json")" 7 seed
expect_equal "$(json_value dtype "$o/fit.json")" f64 dtype
expect_equal "$(json_value threads "$o/fit.json")" 1 threads
expect_equal "$(json_value input "$o/fit.json")" $seed/A.csv input
[ "$(json_value solver "$o/fit.json")" != auto ] || fail "the solver is not named"
expect_equal "$(grep -c '^      "iteration"' "$o/fit.json")" "$(json_value iterations "$o/fit.json")" "length of history"

# A factorization without an error, and a name that is not UTF-8 nor harmless in JSON.
odd=$(printf '%s/a"b\\\303\050.csv' "$scratch")
printf '0,0\n0,0\n' >"$odd"
run fit "$odd" -k 1 -o "$o" --quiet --json
expect_status 0
expect_nothing_in err
expect_json "$scratch/out"
[ -n "$(json_value input "$scratch/out")" ] || fail "a name that is not UTF-8 is left out"

run info $seed/A.csv --json
expect_status 0
expect_json "$scratch/out"
expect_equal "$(json_value nnz "$scratch/out")" 63 nnz
run top "$o" --json
expect_status 0
expect_json "$scratch/out"
run top "$o" --json --columns
expect_status 0
expect_json "$scratch/out"

finish

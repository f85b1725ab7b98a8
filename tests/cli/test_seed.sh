# The reference run of the clipped least squares solver: factors and every error to 1e-8.
. tests/cli/lib.sh

o=$scratch/fit
run fit $seed/A.csv -k 3 --solver als --init numpy --seed 42 --max-iter 100 --tol 1e-4 --stop error --format csv -o "$o"
expect_status 0
expect_nothing_in out
expect_near "$o/W.csv" $seed/W.csv 1e-8
expect_near "$o/H.csv" $seed/H.csv 1e-8
sed -n 's/^      "error": \([^,]*\),*$/\1/p' "$o/fit.json" >"$scratch/errors"
expect_near "$scratch/errors" $seed/error_per_iteration.csv 1e-8
expect_equal "$(json_value stop_reason "$o/fit.json")" max-iter stop_reason
expect_equal "$(json_value converged "$o/fit.json")" false converged
expect_equal "$(json_value iterations "$o/fit.json")" 100 iterations

# A Gram matrix without full rank: finite factors that reach the tolerance, by the same errors.
run fit $seed/rank2_A.csv -k 4 --solver als --init numpy --seed 42 --max-iter 100 --tol 1e-4 --stop error -o "$o"
expect_status 0
sed -n 's/^      "error": \([^,]*\),*$/\1/p' "$o/fit.json" >"$scratch/errors"
expect_near "$scratch/errors" $seed/rank2_k4_error_per_iteration.csv 1e-8
expect_equal "$(json_value stop_reason "$o/fit.json")" error stop_reason
expect_equal "$(json_value converged "$o/fit.json")" true converged
if grep -qi -e nan -e inf "$o/W.csv" "$o/H.csv"; then
    fail "factors that are not finite"
fi
awk -F, -v h="$o/H.csv" '
    BEGIN { while ((getline line < h) > 0) { k++; n = split(line, part, ","); for (j = 1; j <= n; j++) H[k, j] = part[j] } }
    { for (j = 1; j <= n; j++) { sum = 0; for (i = 1; i <= k; i++) sum += $i * H[i, j]; printf "%s%.17g", (j > 1 ? "," : ""), sum }
      print "" }' "$o/W.csv" >"$scratch/product"
expect_near "$scratch/product" $seed/rank2_A.csv 1e-4

finish

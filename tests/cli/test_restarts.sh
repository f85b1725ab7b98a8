# nmf fit --restarts: what fit.json and the notes say of the starts.
. tests/cli/lib.sh

a=$seed/A.csv
o=$scratch/fit
run fit "$a" -k 3 --restarts 4 --seed 10 --keep-all -o "$o"
expect_status 0
expect_json "$o/fit.json"
expect_equal "$(json_value restarts "$o/fit.json")" 4 restarts
expect_in err "starts   best of 4 (seed $(json_value seed "$o/fit.json")), 0 dropped on the way"
tr -d ' \n' <"$o/fit.json" | sed 's/.*"starts":\[//; s/\].*//; s/},/}\n/g' >"$scratch/starts"
echo >>"$scratch/starts"
expect_equal "$(sed 's/.*"seed":\([0-9]*\).*/\1/' "$scratch/starts" | tr '\n' ' ')" "10 11 12 13 " seeds
expect_equal "$(grep -c '"iterations":[1-9].*"error":[0-9.e-]*,"relative_error":0\.[0-9]*,"dropped":false' "$scratch/starts")" 4 \
    "starts with all their numbers"
# The best one is handed back.
best=$(sed 's/.*"seed":\([0-9]*\).*"error":\([^,]*\),.*/\2 \1/' "$scratch/starts" | sort -g | head -n 1)
expect_equal "${best#* }" "$(json_value seed "$o/fit.json")" "the best start's seed"
grep -q '"keep_all": true' "$o/fit.json" || fail "keep_all is not among what was given"

run fit "$a" -k 3 --restarts 12 -o "$o"
expect_status 0
dropped=$(grep -c '"dropped": true' "$o/fit.json")
expect_in err "best of 12 (seed $(json_value seed "$o/fit.json")), $dropped dropped on the way"
! grep -q keep_all "$o/fit.json" || fail "keep_all was not given"

# One start is not spoken of.
run fit "$a" -k 3 -o "$o"
expect_status 0
expect_equal "$(json_value restarts "$o/fit.json")" 1 restarts
! grep -q '"starts"' "$o/fit.json" || fail "starts of a single one"
! grep -q '^starts ' "$scratch/err" || fail "a note of a single start"

# alpha-h of 0 is not alpha-h as that of W.
run fit "$a" -k 3 --alpha-w 0.1 --alpha-h 0 -o "$o"
grep -q '"alpha_h": 0' "$o/fit.json" || fail "alpha_h of 0 is not among what was given"

finish

# nmf transform: the H of a converged fit comes back, and nothing of the fit is harmed.
. tests/cli/lib.sh

o=$scratch/fit
p=$scratch/new
run fit $seed/A.csv -k 3 -o "$o" --solver bpp --stop kkt --tol 1e-12 --max-iter 100000
expect_status 0
for format in csv npy mtx; do
    run fit $seed/A.csv -k 3 -o "$o" --solver bpp --stop kkt --tol 1e-12 --max-iter 100000 --format $format
    expect_status 0
    run transform "$o" $seed/A.csv -o "$p" --json
    expect_status 0
    expect_json "$scratch/out"
    expect_json "$p/transform.json"
    if [ $format = csv ]; then
        expect_near "$p/H.csv" "$o/H.csv" 1e-6
    fi
    expect_equal "$(json_value rank "$p/transform.json")" 3 rank
    expect_equal "$(json_value model "$p/transform.json")" "$o" model
    fit_error=$(json_value relative_error "$o/fit.json")
    new_error=$(json_value relative_error "$p/transform.json")
    awk -v a="$fit_error" -v b="$new_error" 'BEGIN { exit !(b <= a * (1 + 1e-9) && b > 0.999 * a) }' ||
        fail "relative error $new_error after a fit of $fit_error"
done

# Into the folder of a fit: no.
cp "$o/fit.json" "$scratch/before"
run transform "$o" $seed/A.csv -o "$o"
expect_status 2
expect_sentence "name another folder"
cmp -s "$o/fit.json" "$scratch/before" || fail "the fit was touched"

# Into its own folder by default.
cp $seed/A.csv "$scratch/B.csv"
run transform "$o" "$scratch/B.csv" --quiet
expect_status 0
expect_nothing_in out
expect_nothing_in err
expect_file "$scratch/B.csv.nmf/H.csv"
expect_file "$scratch/B.csv.nmf/transform.json"

# Rows that do not fit, in number or by name.
printf '1,2\n3,4\n' >"$scratch/small.csv"
run transform "$o" "$scratch/small.csv" -o "$scratch/never"
expect_status 3
expect_sentence "2 rows"
expect_no_file "$scratch/never"
printf 'n,x,y\na,1,2\nb,3,4\nc,1,0\n' >"$scratch/named.csv"
printf 'n,z\na,1\nc,3\nb,1\n' >"$scratch/swapped.csv"
run fit "$scratch/named.csv" -k 1 -o "$scratch/named"
expect_status 0
run transform "$scratch/named" "$scratch/swapped.csv" -o "$p"
expect_status 0
expect_in err 'warning: row 2 is "c"'
expect_equal "$(sed -n 1p "$p/H.csv" | cut -d, -f2-)" z "header of H"

finish

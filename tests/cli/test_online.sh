# nmf fit --solver online, and fits that go on when columns come: nmf fit --update.
. tests/cli/lib.sh

# A named matrix of low rank and some noise; the last 10 of its 70 columns come later.
awk 'BEGIN {
    srand(3)
    for (c = 0; c < 3; c++) { for (i = 0; i < 30; i++) w[i, c] = rand() ^ 3; for (j = 0; j < 70; j++) h[c, j] = rand() ^ 3 }
    line = "id"; for (j = 0; j < 70; j++) line = line ",s" j; print line
    for (i = 0; i < 30; i++) {
        line = "g" i
        for (j = 0; j < 70; j++) { a = 0.1 * rand(); for (c = 0; c < 3; c++) a += w[i, c] * h[c, j]; line = line "," a }
        print line
    }
}' >"$scratch/all.csv"
cut -d, -f1-61 "$scratch/all.csv" >"$scratch/old.csv"
cut -d, -f1,62-71 "$scratch/all.csv" >"$scratch/new.csv"
o=$scratch/o

# expect_at_most A B FACTOR WHAT: A ≤ FACTOR·B.
expect_at_most() {
    awk -v a="$1" -v b="$2" -v by="$3" 'BEGIN { exit !(a + 0 > 0 && a <= b * by) }' || fail "$4: $1, with $2 to compare"
}

run fit "$scratch/all.csv" -k 3 -o "$scratch/whole"
whole=$(json_value relative_error "$scratch/whole/fit.json")
for options in "" "--batch 20" "--batch 20 --max-iter 3" "--batch 20 --transpose"; do
    # shellcheck disable=SC2086
    run fit "$scratch/all.csv" -k 3 --solver online $options -o "$o"
    expect_status 0
    expect_json "$o/fit.json"
    expect_equal "$(json_value solver "$o/fit.json")" online solver
    expect_at_most "$(json_value relative_error "$o/fit.json")" "$whole" 1.05 "relative error with $options"
done
run fit --help
expect_in out "online: learns from a batch"
expect_in out "--batch"
run fit "$scratch/all.csv" -k 3 --batch 20 -o "$scratch/never"
expect_status 2
expect_sentence "batch is for solver online"
run fit "$scratch/all.csv" -k 3 --solver online --simplex h -o "$scratch/never"
expect_status 2
expect_sentence "solver hals does"
run fit "$scratch/all.csv" -k 3 --solver online --checkpoint-every 1m -o "$scratch/never"
expect_status 2
expect_sentence "keeps no checkpoint"
expect_no_file "$scratch/never"

# New columns: all of H is there under its names, and all columns are fitted as by a fit of them.
run fit "$scratch/old.csv" -k 3 -o "$o"
expect_status 0
cp "$o/H.csv" "$scratch/H.before"
cp -r "$o" "$scratch/kept"
run fit --update "$o" "$scratch/new.csv" --json
expect_status 0
expect_json "$scratch/out"
expect_in err "10 columns behind 60"
expect_equal "$(files_in "$o")" "H.csv W.csv fit.json " files
expect_equal "$(sed -n 1p "$o/H.csv")" "$(sed -n 1p "$scratch/whole/H.csv")" "header of H"
expect_equal "$(cut -d, -f1-61 "$o/H.csv" | cksum)" "$(cksum <"$scratch/H.before")" "H of the old columns"
expect_equal "$(cut -d, -f1 "$o/W.csv" | cksum)" "$(cut -d, -f1 "$scratch/whole/W.csv" | cksum)" "names in W"
expect_equal "$(json_value cols "$o/fit.json")" 70 cols
expect_at_most "$(json_value relative_error "$o/fit.json")" "$whole" 1.01 "relative error of all columns"
grep -q '"columns": 10,' "$o/fit.json" || fail "fit.json does not say how many columns came"
grep -q '"updates": 1,' "$o/fit.json" || fail "fit.json does not say that it is an update"
# What is said is what the factors are, and they are read as those of any fit.
run transform "$o" "$scratch/all.csv" -o "$scratch/t"
expect_status 0
expect_at_most "$(json_value relative_error "$scratch/t/transform.json")" "$(json_value relative_error "$o/fit.json")" 1 \
    "relative error with an H that is best"
run top "$o"
expect_status 0

# Column after column, in another format and into another folder.
rm -rf "$o"
cp -r "$scratch/kept" "$o"
for j in 62 63 64; do
    cut -d, -f1,$j "$scratch/all.csv" >"$scratch/one.csv"
    run fit --update "$o" "$scratch/one.csv" -q
    expect_status 0
    expect_nothing_in err
done
grep -q '"updates": 3,' "$o/fit.json" || fail "three updates are not counted"
expect_equal "$(sed -n 1p "$o/H.csv")" "$(sed -n 1p "$scratch/whole/H.csv" | cut -d, -f1-64)" "header after three"
run fit --update "$scratch/kept" "$scratch/new.csv" -o "$scratch/other" --format npy
expect_status 0
expect_equal "$(files_in "$scratch/other")" "H.cols.txt H.npy W.npy W.rows.txt fit.json " "files of the other"
expect_equal "$(cksum <"$scratch/kept/H.csv")" "$(cksum <"$scratch/H.before")" "the fit that was gone on with"

# Nothing is lost where something cannot be written.
rm -rf "$o"
cp -r "$scratch/kept" "$o"
mkdir -p "$o/update.new/H.csv/in the way"
run fit --update "$o" "$scratch/new.csv" -q
expect_status 4
for file in W.csv H.csv fit.json; do
    cmp -s "$o/$file" "$scratch/kept/$file" || fail "$file of the fit was touched"
done
rm -r "$o/update.new"

# What does not go.
sed 's/^g3,/gx,/' "$scratch/new.csv" >"$scratch/renamed.csv"
run fit --update "$o" "$scratch/renamed.csv"
expect_status 3
expect_in err 'row 4 is "gx"'
sed '$d' "$scratch/new.csv" >"$scratch/short.csv"
run fit --update "$o" "$scratch/short.csv"
expect_status 3
expect_in err "has 29 rows, but the W"
sed 1d "$scratch/new.csv" | cut -d, -f2- >"$scratch/bare.csv"
run fit --update "$o" "$scratch/bare.csv"
expect_status 3
expect_in err "both must, or neither"
run fit --update "$o" "$scratch/new.csv" -k 4
expect_status 2
expect_in err "keeps that of the fit, 3"
run fit --update "$o" "$scratch/new.csv" --l1-w 1
expect_status 2
expect_in err "takes no penalties"
run fit --update "$o" "$scratch/new.csv" --resume "$o"
expect_status 2
expect_sentence "leave --resume"
run fit --update "$scratch/t" "$scratch/new.csv"
expect_status 3
expect_sentence "is no folder of a fit"
run fit --update "$scratch/nothing" "$scratch/new.csv"
expect_status 3
expect_sentence "is not a folder"
run fit "$scratch/old.csv" -k 3 --loss kl -o "$scratch/kl"
run fit --update "$scratch/kl" "$scratch/new.csv"
expect_status 2
expect_sentence "loss kl"
run fit "$scratch/old.csv" -k 3 --l1-h 0.1 -o "$scratch/sparse"
run fit --update "$scratch/sparse" "$scratch/new.csv"
expect_status 2
expect_sentence "l1_h"
run fit "$scratch/old.csv" -k 3 -o "$scratch/logged" --log1p
run fit --update "$scratch/logged" "$scratch/new.csv"
expect_status 0
expect_in err "prepared by other options"
run fit "$scratch/old.csv" -k 3 -o "$scratch/united" --unit sum
run fit --update "$scratch/united" "$scratch/new.csv"
expect_status 0
expect_at_most "$(json_value relative_error "$scratch/united/fit.json")" "$whole" 1.01 "relative error after unit"
sed 's/"cols": 70/"cols": 71/' "$scratch/united/fit.json" >"$scratch/edited"
cp "$scratch/edited" "$scratch/united/fit.json"
run fit --update "$scratch/united" "$scratch/new.csv"
expect_status 3
expect_sentence "not of one fit"
cp "$scratch/new.csv" "$o/H.csv"
cp "$scratch/kept/H.csv" "$scratch/H.csv"
run fit --update "$o" "$o/H.csv"
expect_status 2
expect_sentence "is read, and the result would take its place"

finish

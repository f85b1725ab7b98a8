# nmf consensus: a folder that serves as a fit's, and what only a consensus knows.
. tests/cli/lib.sh

o=$scratch/agreed
few="--restarts 5 --threads 1"

# Two groups of samples, a to c and d to f, with names.
cat >"$scratch/A.csv" <<'END'
gene,a,d,b,e,c,f
g1,5,0.1,4,0,6,0.2
g2,4,0.2,5,0.1,5,0
g3,0.1,3,0,4,0.2,5
g4,0,4,0.3,5,0.1,6
g5,1,1,1,1,1,1
END

# shellcheck disable=SC2086
consensus() {
    run consensus "$scratch/A.csv" -k 2 $few -o "$o" "$@"
}

consensus
expect_status 0
expect_nothing_in out
expect_in err "kept     "
expect_in err " of 10 components of 5 starts"
expect_in err "cophenetic "
expect_in err "$o/W.csv"
expect_equal "$(files_in "$o")" \
    "H.csv H_high.csv H_low.csv W.csv W_high.csv W_low.csv consensus.csv consensus.json consensus.png consensus.svg fit.json " \
    "files"
expect_json "$o/consensus.json"
expect_json "$o/fit.json"
expect_equal "$(json_value restarts "$o/consensus.json")" 5 restarts
expect_equal "$(json_value spectra "$o/consensus.json")" 10 spectra
expect_equal "$(($(json_value kept "$o/consensus.json") + $(json_value left_out "$o/consensus.json")))" 10 "kept and left out"
expect_equal "$(json_value rank "$o/fit.json")" 2 "rank of the fit"
head -c 5 "$o/consensus.svg" | grep -q '<?xml' || fail "consensus.svg is not SVG"

# The two groups, whatever they are numbered.
tr -d ' \n' <"$o/consensus.json" | grep -o '"name":"[a-f]","cluster":[12]' | sed 's/.*"\([a-f]\)".*:/\1/' | sort >"$scratch/clusters"
grep -q . "$scratch/clusters" || fail "no clusters"
expect_equal "$(cut -c2 "$scratch/clusters" | tr -d '\n' | sed 's/2/x/g; s/1/y/g; s/yyyxxx/xxxyyy/')" xxxyyy clusters
# Samples of a group side by side, each as often with itself as there are starts.
expect_equal "$(wc -l <"$o/consensus.csv" | tr -d ' ')" 7 "lines of consensus.csv"
expect_equal "$(awk -F, 'NR > 1 { print $NR }' "$o/consensus.csv" | sort -u)" 1 "diagonal of consensus.csv"
expect_equal "$(head -n 1 "$o/consensus.csv" | tr -d '",' | sed 's/.*/& /; s/[abc][abc][abc]/x/; s/[def][def][def]/y/; s/yx/xy/')" "xy " "order"

# Names as in W and H; bounds around what they bound.
for factor in W H; do
    for end in low high; do
        expect_equal "$(cut -d, -f1 "$o/${factor}_$end.csv" | tr '\n' ' ')" "$(cut -d, -f1 "$o/$factor.csv" | tr '\n' ' ')" \
            "row names of ${factor}_$end"
        expect_equal "$(head -n 1 "$o/${factor}_$end.csv")" "$(head -n 1 "$o/$factor.csv")" "column names of ${factor}_$end"
    done
    paste -d, "$o/${factor}_low.csv" "$o/${factor}_high.csv" | tail -n +2 | awk -F, '
        { n = NF / 2; for (j = 2; j <= n; j++) if (!($j <= $(n + j))) exit 1 }' || fail "bounds of $factor are not in order"
done
awk -F, 'NR > 1 { a += $2; b += $3 } END { exit !(a > 0.999999 && a < 1.000001 && b > 0.999999 && b < 1.000001) }' "$o/W.csv" ||
    fail "columns of W do not sum to 1"

# The other commands take it for a fit.
run top "$o" -n 2
expect_status 0
expect_in out g4
run transform "$o" "$scratch/A.csv" -o "$scratch/transformed" -q
expect_status 0
printf 'g1,a\ng5,f\n' >"$scratch/pairs.csv"
run predict "$o" "$scratch/pairs.csv" -q
expect_status 0
run draw "$o" --shape 5x1 -q
expect_status 0
rm "$o/parts.png"

# --json is consensus.json.
cp "$o/consensus.csv" "$scratch/table.csv"
consensus --json -q
expect_status 0
expect_nothing_in err
cmp -s "$scratch/out" "$o/consensus.json" || fail "--json is not consensus.json"
expect_json "$o/consensus.json"
cmp -s "$o/consensus.csv" "$scratch/table.csv" || fail "another table from the same seed"

# Another format takes the place of the first; a fit in the folder leaves nothing of a consensus.
consensus --format npy
expect_status 0
expect_equal "$(files_in "$o")" \
    "H.cols.txt H.npy H_high.cols.txt H_high.npy H_low.cols.txt H_low.npy W.npy W.rows.txt W_high.npy W_high.rows.txt W_low.npy W_low.rows.txt consensus.csv consensus.json consensus.png consensus.svg fit.json " \
    "files as npy"
run top "$o" -n 2
expect_status 0
expect_in out g4
run fit "$scratch/A.csv" -k 2 -o "$o"
expect_status 0
expect_equal "$(files_in "$o")" "H.csv W.csv fit.json " "files of a fit"

# Rank 1 has nothing to tell samples apart by.
run consensus "$scratch/A.csv" -k 1 $few -o "$scratch/one"
expect_status 0
expect_json "$scratch/one/consensus.json"
expect_file "$scratch/one/consensus.png"
echo 2 >"$scratch/tiny.csv"
run consensus "$scratch/tiny.csv" -k 1 $few -o "$scratch/tiny"
expect_status 0

# Samples without names go by their numbers.
run consensus $seed/A.csv -k 2 $few -o "$scratch/plain"
expect_status 0
expect_equal "$(head -n 1 "$scratch/plain/consensus.csv" | tr -d '"' | tr , '\n' | sort | tr -d '\n')" 1234567 "numbers of samples"

# Of more than 1000 samples there is no table.
awk 'BEGIN { srand(3); for (i = 0; i < 4; i++) { line = rand(); for (j = 1; j < 1100; j++) line = line "," rand(); print line } }' \
    >"$scratch/wide.csv"
run consensus "$scratch/wide.csv" -k 2 --restarts 2 --samples 1100 -o "$scratch/wide"
expect_status 0
expect_no_file "$scratch/wide/consensus.csv"
expect_file "$scratch/wide/consensus.png"
run consensus "$scratch/wide.csv" -k 2 --restarts 2 --samples 50 -o "$scratch/wide"
expect_status 0
expect_equal "$(wc -l <"$scratch/wide/consensus.csv" | tr -d ' ')" 51 "lines of the table of a draw"

# What is refused, before the matrix is read where it can be.
never=$scratch/never
run consensus "$scratch/missing.csv" -o "$never"
expect_status 2
expect_sentence "-k 10"
run consensus "$scratch/missing.csv" -k 2 --restarts 1 -o "$never"
expect_status 2
expect_sentence "at least 2"
run consensus "$scratch/missing.csv" -k 2 --level 1.5 -o "$never"
expect_status 2
expect_sentence "above 0 and below 1"
run consensus "$scratch/missing.csv" -k 2 --density 0 -o "$never"
expect_status 2
expect_sentence "above 0"
run consensus "$scratch/A.csv" -k 7 $few -o "$never" -q
expect_status 2
expect_sentence "above the smaller side"
run consensus "$scratch/A.csv" -k 2 --unit sum -o "$never"
expect_status 2
expect_sentence "no option --unit"
expect_no_file "$never"
: >"$scratch/file"
run consensus "$scratch/A.csv" -k 2 $few -o "$scratch/file" -q
expect_status 4
expect_sentence "cannot be made"
cp "$scratch/A.csv" "$o/W_low.csv"
run consensus "$o/W_low.csv" -k 2 $few -o "$o" -q
expect_status 2
expect_sentence "would take its place"

finish

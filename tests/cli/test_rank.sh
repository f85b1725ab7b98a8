# nmf rank: a row for every rank, files that are whole, and a survey that goes on where it was.
. tests/cli/lib.sh

a=$seed/A.csv
o=$scratch/out.ranks
few="--restarts 4 --threads 1"

# rank_numbers FILE COLUMN: a column of survey.csv.
rank_numbers() {
    cut -d, -f"$2" "$1" | tr "\n" " "
}

# shellcheck disable=SC2086
survey() {
    run rank "$a" $few -o "$o" "$@"
}

survey --ranks 1:3
expect_status 0
expect_equal "$(awk '{ print $1 }' "$scratch/out" | tr "\n" " ")" "rank 1 2 3 " "the table's ranks"
expect_equal "$(awk '{ print length() }' "$scratch/out" | sort -u | wc -l | tr -d ' ')" 1 "widths of the table's lines"
expect_in err "suggests"
expect_in err "$o/survey.json"
expect_equal "$(files_in "$o")" "ranks.png ranks.svg survey.csv survey.json " "files"
expect_json "$o/survey.json"
expect_file "$o/ranks.png"
expect_in err "$o/ranks.svg"
head -c 5 "$o/ranks.svg" | grep -q '<?xml' || fail "ranks.svg is not SVG"
expect_equal "$(rank_numbers "$o/survey.csv" 1)" "rank 1 2 3 " "survey.csv's ranks"
expect_equal "$(rank_numbers "$o/survey.csv" 2)" "restarts 4 4 4 " "survey.csv's starts"
expect_equal "$(awk -F, '{ print NF }' "$o/survey.csv" | sort -u)" 18 "survey.csv's columns"
# Of co-membership there is nothing to say at rank 1: empty in CSV, null in JSON, a dash in the table.
expect_equal "$(sed -n 2p "$o/survey.csv" | cut -d, -f7)" "" "cophenetic at rank 1"
grep -q '"cophenetic": null' "$o/survey.json" || fail "cophenetic at rank 1 is not null"
sed -n 2p "$scratch/out" | grep -q ' - ' || fail "no dash at rank 1"
grep -q '"hash": "[0-9a-f]\{16\}"' "$o/survey.json" || fail "no hash"

# Again: nothing is computed, or written, anew.
cp "$o/survey.json" "$scratch/first.json"
cp "$o/survey.csv" "$scratch/first.csv"
cp "$scratch/out" "$scratch/first.out"
touch -d 2001-01-01 "$o/survey.json"
survey --ranks 1:3
expect_status 0
expect_in err "3 of them"
cmp -s "$scratch/out" "$scratch/first.out" || fail "another table"
[ -n "$(find "$o/survey.json" ! -newermt 2001-01-02)" ] || fail "survey.json was written again"

# More ranks join; those that are not asked for stay in the files.
survey --ranks 3,5
expect_status 0
expect_in err "1 of them"
expect_equal "$(awk '{ print $1 }' "$scratch/out" | tr "\n" " ")" "rank 3 5 " "the table's ranks"
expect_equal "$(rank_numbers "$o/survey.csv" 1)" "rank 1 2 3 5 " "survey.csv's ranks"
sed '/"ranks": \[/,$d' "$scratch/first.json" >"$scratch/head"
sed '/"ranks": \[/,$d' "$o/survey.json" | cmp -s - "$scratch/head" || fail "another head"
expect_equal "$(grep '^2,' "$o/survey.csv")" "$(grep '^2,' "$scratch/first.csv")" "the row of rank 2"

# What a survey goes on from is what one would find in one go, but for the seconds.
o=$scratch/once
survey --ranks 5,1:2,3,2:3
expect_status 0
cut -d, -f1-17 "$o/survey.csv" >"$scratch/once.csv"
cut -d, -f1-17 "$scratch/out.ranks/survey.csv" | cmp -s - "$scratch/once.csv" || fail "in one go it differs"
o=$scratch/out.ranks

# --json is survey.json.
survey --ranks 1:2 --json
expect_status 0
cmp -s "$scratch/out" "$o/survey.json" || fail "--json is not survey.json"
survey --ranks 1:2 --json --quiet
expect_nothing_in err

# Another matrix, other options: refused, with what differs.
cp "$o/survey.json" "$scratch/before.json"
run rank $seed/rank2_A.csv --ranks 2 $few -o "$o"
expect_status 2
expect_sentence "another matrix"
survey --ranks 2 --log1p -q
expect_status 2
expect_sentence "another matrix"
survey --ranks 2 --seed 7 -q
expect_status 2
expect_sentence "--seed, 0 there and 7 here"
survey --ranks 2 --loss kl --tol 1e-3 -q
expect_status 2
expect_sentence "--loss, frobenius there and kl here"
expect_in err "--tol, not given there and 0.001 here"
survey --ranks 2 --dtype f32 -q
expect_status 2
expect_sentence "--dtype, f64 there and f32 here"
survey --ranks 2 --alpha-w 0.1 --alpha-h 0 -q
expect_status 2
expect_sentence "--alpha-h, not given there and 0"
survey --ranks 2 --masks 0 -q
expect_status 2
expect_sentence "--masks, 3 there and 0 here; --held-out, 0.1 there and not given here"
cmp -s "$o/survey.json" "$scratch/before.json" || fail "survey.json changed"
# The same entries in another file are the same matrix; threads change nothing.
run convert "$a" "$scratch/A.mtx"
run rank "$scratch/A.mtx" --ranks 2 --restarts 4 --threads 2 -o "$o"
expect_status 0
expect_in err "1 of them"

# A mask of the same name with something else in it.
awk 'NR == 1 { n = split($0, f, ",") } { line = NR == 1; for (j = 2; j <= n; j++) line = line ",0"; print line }' "$a" >"$scratch/mask.csv"
run rank "$a" --ranks 2 $few --masks 0 --mask "$scratch/mask.csv" -o "$scratch/masked"
expect_status 0
sed 's/^0,0/0,1/' "$scratch/mask.csv" >"$scratch/other.csv"
mv "$scratch/other.csv" "$scratch/mask.csv"
run rank "$a" --ranks 2 $few --masks 0 --mask "$scratch/mask.csv" -o "$scratch/masked" -q
expect_status 2
expect_sentence "--mask, of another content"
# Without masks there is nothing of held-out entries.
expect_equal "$(sed -n 2p "$scratch/masked/survey.csv" | cut -d, -f15-17)" ",,0" "held out, without masks"

# A survey.json that is not one.
for content in '{' '[]' '{}' '{"hash": 1, "input": "x", "options": {}, "ranks": []}'; do
    mkdir -p "$scratch/broken"
    printf '%s' "$content" >"$scratch/broken/survey.json"
    run rank "$a" --ranks 2 $few -o "$scratch/broken" -q
    expect_status 3
    expect_sentence "not what nmf rank wrote"
    expect_equal "$(cat "$scratch/broken/survey.json")" "$content" "the broken one"
done
sed 's/"rank": 2,/"rank": "two",/' "$o/survey.json" >"$scratch/broken/survey.json"
run rank "$a" --ranks 2 $few -o "$scratch/broken" -q
expect_status 3
expect_sentence "not what nmf rank wrote"

# Ranks that cannot be.
never=$scratch/never
for list in abc 2: :3 2:3:4:5 2,,3 2, 2-12 1.5 "2 3" 99999999999999999999 ""; do
    run rank "$a" --ranks "$list" -o "$never"
    expect_status 2
    expect_sentence "--ranks"
done
run rank "$a" --ranks 0:3 -o "$never"
expect_status 2
expect_sentence "1 or above"
run rank "$a" --ranks 3:2 -o "$never"
expect_status 2
expect_sentence "a range goes up"
run rank "$a" --ranks 2:6:0 -o "$never"
expect_status 2
expect_sentence "step"
run rank "$a" --ranks 1:2000 -o "$never"
expect_status 2
expect_sentence "at most 1000"
run rank "$a" --ranks 2:9223372036854775807:4611686018427387904 -o "$never" -q
expect_status 2
expect_sentence "can be told apart up to 7"
run rank "$a" --ranks 2:8 -o "$never" -q
expect_status 2
expect_sentence "can be told apart up to 7"
run rank "$a" -o "$never"
expect_status 2
expect_sentence "--ranks 2:12"
run rank "$a" --ranks 2 --restarts 1 -o "$never"
expect_status 2
expect_sentence "at least 2"
run rank "$a" --ranks 2 --held-out 1 -o "$never"
expect_status 2
expect_sentence "above 0 and below 1"
run rank "$a" --ranks 2 --masks -1 -o "$never"
expect_status 2
expect_sentence "from 0"
run rank "$scratch/missing.csv" --ranks 2 --solver als -o "$never"
expect_status 2
expect_sentence "--masks 0 does without"
for option in "-k 3" "--keep-all" "--unit sum" "--fix-w x" "--start x"; do
    # shellcheck disable=SC2086
    run rank "$a" --ranks 2 $option -o "$never"
    expect_status 2
    expect_sentence "rank has no option -"
done
expect_no_file "$never"

# Ranges by steps, mixtures, the default folder.
cp "$a" "$scratch/A.csv"
run rank "$scratch/A.csv" --ranks 1:6:2,2 --masks 0 $few
expect_status 0
expect_equal "$(rank_numbers "$scratch/A.csv.ranks/survey.csv" 1)" "rank 1 2 3 5 " "ranks of a mixture"

# The matrices at the edge: one number, zeros, one column.
echo 2 >"$scratch/one.csv"
printf '0,0,0\n0,0,0\n' >"$scratch/zeros.csv"
printf '1\n2\n0\n' >"$scratch/column.csv"
for name in one zeros column; do
    run rank "$scratch/$name.csv" --ranks 1 $few --masks 0 -o "$scratch/$name"
    expect_status 0
    expect_json "$scratch/$name/survey.json"
    expect_file "$scratch/$name/ranks.png"
    run rank "$scratch/$name.csv" --ranks 1 $few --masks 0 -o "$scratch/$name"
    expect_status 0
    expect_in err "1 of them"
done

run rank "$a" --ranks 2 $few --solver als --masks 0 -o "$scratch/als"
expect_status 0
# Of one number masks may hold nothing out.
run rank "$scratch/one.csv" --ranks 1 $few -o "$scratch/held"
expect_status 0
expect_equal "$(sed -n 2p "$scratch/held/survey.csv" | cut -d, -f15-17)" ",,0" "held out, of one number"
run rank "$scratch/zeros.csv" --ranks 1:2 $few --masks 0 -o "$scratch/held_zeros"
expect_status 0
expect_in err "suggests no rank: Nothing here tells ranks from each other."
run rank "$a" --ranks 2 $few --init nndsvd -o "$scratch/never" -q
expect_status 2
expect_sentence "the same from any seed"
expect_no_file "$scratch/never"

# Folders that cannot be, and what is read is not replaced.
: >"$scratch/file"
run rank "$a" --ranks 2 $few -o "$scratch/file" -q
expect_status 4
expect_sentence "cannot be made"
cp "$a" "$o/survey.csv"
run rank "$o/survey.csv" --ranks 2 $few -o "$o" -q
expect_status 2
expect_sentence "would take its place"

# Ctrl-C: the ranks that are done stay, and the same command goes on.
awk 'BEGIN { srand(1); for (i = 0; i < 60; i++) { line = rand(); for (j = 1; j < 50; j++) line = line "," rand(); print line } }' \
    >"$scratch/long.csv"
o=$scratch/stopped
said="nmf rank, then SIGINT"
"$NMF" rank "$scratch/long.csv" --ranks 1,20,21 --solver mu --stop error --tol 1e-300 --max-iter 3000 --masks 0 \
    --restarts 100 --threads 1 -o "$o" >"$scratch/out" 2>"$scratch/err" &
pid=$!
while [ ! -f "$o/survey.json" ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
done
sleep 0.3
kill -s INT "$pid"
wait "$pid"
status=$?
expect_status 130
expect_in err "interrupted: 1 of 3 ranks are done"
expect_equal "$(files_in "$o")" "ranks.png ranks.svg survey.csv survey.json " "files"
expect_equal "$(rank_numbers "$o/survey.csv" 1)" "rank 1 " "ranks that are done"
expect_equal "$(wc -l <"$scratch/out" | tr -d ' ')" 2 "lines of the table"

finish

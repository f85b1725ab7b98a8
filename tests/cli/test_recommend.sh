# nmf recommend: the best rows for each column, without those that were seen.
. tests/cli/lib.sh

# A fit known to the last digit: W H is 3 0 1 / 1 4 0 / 2 4 0 / 0 0 5.
o=$scratch/named
mkdir "$o"
printf '{"input": "%s", "prepare": {"log1p": true}}\n' "$scratch/a.csv" >"$o/fit.json"
printf ',c1,c2,c3\ncat,3,0,1\n"d, e",1,2,0\nfox,2,2,0\ngnu,0,0,5\n' >"$o/W.csv"
printf ',x,y,z\nc1,1,0,0\nc2,0,2,0\nc3,0,0,1\n' >"$o/H.csv"
printf 'n,x,y,z\ncat,1,0,0\n"d, e",0,0,0\nfox,0,1,0\ngnu,0,0,1\n' >"$scratch/a.csv"
p=$scratch/plain
mkdir "$p"
printf '{"input": "-"}\n' >"$p/fit.json"
sed '1d; s/.*[a-z"],//' "$o/W.csv" >"$p/W.csv"
sed '1d; s/^[^,]*,//' "$o/H.csv" >"$p/H.csv"

# expect_rows ROWS: the table below its headings, with | for line ends.
expect_rows() {
    expect_status 0
    expect_equal "$(sed 1d "$scratch/out" | tr '\n' '|')" "$1" "the table"
}

# What was fitted is what was seen; zeros are neither seen nor recommended; equal rows in their order.
run recommend "$o"
expect_rows 'x,1,fox,2|x,2,"d, e",1|y,1,"d, e",4|z,1,cat,1|'
expect_equal "$(head -n 1 "$scratch/out")" "column,rank,row,value" "headings"
expect_nothing_in err
run recommend "$o" --all
expect_rows 'x,1,cat,3|x,2,fox,2|x,3,"d, e",1|y,1,"d, e",4|y,2,fox,4|z,1,gnu,5|z,2,cat,1|'
run recommend "$o" --all -n 1
expect_rows 'x,1,cat,3|y,1,"d, e",4|z,1,gnu,5|'
run recommend "$o" --column z
expect_rows 'z,1,cat,1|'
run recommend "$p" --all -n 1 --column 2
expect_rows '2,1,2,4|'
run recommend "$o" --json -n 1
expect_status 0
expect_json "$scratch/out"
expect_equal "$(grep -c '"best"' "$scratch/out")" 3 "columns"
expect_in out '"name": "d, e"'
run recommend "$p" --json --all --column 3
expect_json "$scratch/out"
expect_in out '"row": 4'
expect_in out '"name": null'

# d in fit.json counts.
cp -r "$p" "$scratch/weighted"
echo '{"d": [1, 10, 1]}' >"$scratch/weighted/fit.json"
run recommend "$scratch/weighted" --all --column 2 -n 1
expect_rows '2,1,2,40|'

# Seen as said, in other formats and ways up.
printf '%%%%MatrixMarket matrix coordinate integer general\n4 3 2\n1 1 5\n4 3 1\n' >"$scratch/seen.mtx"
run recommend "$p" --seen "$scratch/seen.mtx" -n 1
expect_rows '1,1,3,2|2,1,2,4|3,1,1,1|'
printf '5,0,0,0\n0,0,0,0\n0,0,0,1\n' >"$scratch/turned.csv"
run recommend "$p" --seen "$scratch/turned.csv" --transpose -n 1
expect_rows '1,1,3,2|2,1,2,4|3,1,1,1|'
run recommend "$p" --seen - -n 1 <"$scratch/seen.mtx"
expect_rows '1,1,3,2|2,1,2,4|3,1,1,1|'
run recommend "$p" --seen "$scratch/turned.csv"
expect_status 3
expect_sentence "turned.csv is 3 x 4, but W H is 4 x 3"
printf 'n,x,y,z\ncat,1,0,0\nfox,0,1,0\n"d, e",0,0,0\ngnu,0,0,1\n' >"$scratch/order.csv"
run recommend "$o" --seen "$scratch/order.csv"
expect_status 0
expect_in err 'warning: row 2 is "fox"'
printf 'n,x,z,y\ncat,1,0,0\n"d, e",0,0,0\nfox,0,1,0\ngnu,0,0,1\n' >"$scratch/order.csv"
run recommend "$o" --seen "$scratch/order.csv"
expect_in err 'warning: column 2 is "z"'

# What was seen is not known: a sentence asks for it.
run recommend "$p"
expect_status 2
expect_sentence "say what was seen with --seen FILE"
expect_in err "standard input"
for how in '"transpose": true' '"select_rows": "list"' '"select_cols": "list"'; do
    printf '{"input": "%s", "prepare": {%s}}\n' "$scratch/a.csv" "$how" >"$p/fit.json"
    run recommend "$p"
    expect_status 2
    expect_sentence "say what was seen with --seen FILE"
    expect_in err "was fitted with --$(echo "$how" | sed 's/"\([a-z_]*\)".*/\1/' | tr _ -)"
done
printf '{"input": "%s"}\n' "$scratch/gone.csv" >"$p/fit.json"
run recommend "$p"
expect_status 2
expect_sentence "gone.csv, which was fitted, is not there any more"
echo '{}' >"$p/fit.json"
run recommend "$p"
expect_status 2
expect_sentence "does not name the file"
run recommend "$p" --seen "$scratch/gone.csv"
expect_status 3
expect_sentence "gone.csv"
run recommend "$o" --all --seen "$scratch/a.csv"
expect_status 2
expect_sentence "only one of them"
run recommend "$o" --transpose
expect_status 2
expect_sentence "--seen FILE"

run recommend "$o" --column w
expect_status 2
expect_sentence '--column: no column is called "w"; did you mean x?'
run recommend "$p" --all --column 4
expect_status 2
expect_sentence '--column: "4" is no column; expected is a whole number from 1 to 3'
run recommend "$o" -n 0
expect_status 2
expect_sentence "from 1"
run recommend "$scratch/missing"
expect_status 3
expect_sentence "is not a folder"
run recommend
expect_status 2
expect_sentence "recommend needs DIR"
run recomend "$o"
expect_status 2
expect_sentence "did you mean recommend?"

# To a file, never over what is read.
run recommend "$o" -n 1 -o "$scratch/table.csv"
expect_status 0
expect_nothing_in out
expect_equal "$(tr '\n' '|' <"$scratch/table.csv")" 'column,rank,row,value|x,1,fox,2|y,1,"d, e",4|z,1,cat,1|' "the file"
run recommend "$o" -o "$scratch/a.csv"
expect_status 2
expect_sentence "is read, and the result would take its place"
run recommend "$o" --all -o "$o/fit.json"
expect_status 2
expect_sentence "is read, and the result would take its place"

# Of a fit that was made, from where it was made.
run fit "$scratch/a.csv" -k 3 -o "$scratch/fit" --quiet
expect_status 0
run recommend "$scratch/fit"
expect_status 0
if grep -qE '^(x,.*cat|y,.*fox|z,.*gnu)' "$scratch/out"; then fail "what was seen is recommended"; fi

# A reader that has left is told nothing.
awk 'BEGIN { for (i = 0; i < 5000; i++) print "1,2,3" }' >"$p/W.csv"
said="nmf recommend, nobody reading"
{
    sleep 0.3
    "$NMF" recommend "$p" --all -n 5000 2>"$scratch/err"
    echo $? >"$scratch/status"
} | :
status=$(cat "$scratch/status")
expect_status 141
expect_nothing_in err

finish

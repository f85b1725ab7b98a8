# nmf predict: W H at the pairs that a file lists, and how far that is from the truth.
. tests/cli/lib.sh

# A fit known to the last digit: W H is 4 8 0 / 2 4 0 / 0 0 9 / 0 0 3.
o=$scratch/named
mkdir "$o"
echo '{}' >"$o/fit.json"
printf ',c1,c2\ncat,4,0\n"dog, big",2,0\n"7",0,9\n"say ""hi""",0,3\n' >"$o/W.csv"
printf ',x,y,z\nc1,1,2,0\nc2,0,0,1\n' >"$o/H.csv"
p=$scratch/plain
mkdir "$p"
echo '{}' >"$p/fit.json"
printf '4,0\n2,0\n0,9\n0,3\n' >"$p/W.csv"
printf '1,2.5,0\n0,0,1\n' >"$p/H.csv"

# predicted FOLDER TEXT ARGUMENTS…: of these pairs; printf makes the file.
predicted() {
    folder=$1
    # shellcheck disable=SC2059
    printf "$2" >"$scratch/pairs"
    shift 2
    run predict "$folder" "$scratch/pairs" "$@"
}

# expect_rows ROWS: the table below its headings, with | for line ends.
expect_rows() {
    expect_status 0
    expect_equal "$(sed 1d "$scratch/out" | tr '\n' '|')" "$1" "the table"
}

# By name, quoted or not, in the order given, as often as given; 7 is a name here.
predicted "$o" 'cat,y\n"dog, big",x\n7,z\n"say ""hi""", "z"\ncat,y\n'
expect_rows 'cat,y,8|"dog, big",x,2|7,z,9|"say ""hi""",z,3|cat,y,8|'
expect_equal "$(head -n 1 "$scratch/out")" "row,column,value" "headings"
expect_nothing_in err
predicted "$o" 'word,document\r\n\r\ncat,y\r\n7,z\r\n'
expect_rows 'cat,y,8|7,z,9|'
expect_nothing_in err
predicted "$o" '\357\273\277cat\ty\n\ndog, big\tz'
expect_rows 'cat,y,8|"dog, big",z,0|'
predicted "$o" 'cat;y\n"dog, big";x\n'
expect_rows 'cat,y,8|"dog, big",x,2|'
predicted "$o" '  cat   y \n"dog, big"\tx\n'
expect_rows 'cat,y,8|"dog, big",x,2|'

# By number, where there are no names.
predicted "$p" '1,2\n3,3\n4,1\n'
expect_rows '1,2,10|3,3,9|4,1,0|'
predicted "$p" 'i j\n1 2\n'
expect_rows '1,2,10|'
run predict "$p" - <"$scratch/pairs"
expect_rows '1,2,10|'

# Against the truth: the gaps are 3, 0, 4, 1.
predicted "$p" 'i,j,a\n1,2,7\n3,3,9\n2,1,-2\n4,3,2\n'
expect_rows '1,2,10,7|3,3,9,9|2,1,2,-2|4,3,3,2|'
expect_equal "$(head -n 1 "$scratch/out")" "row,column,value,true" "headings"
expect_equal "$(cat "$scratch/err")" "rmse 2.54951, mae 2 over 4 pairs" "what is noted"
predicted "$p" '1,2,7\n3,3,9\n2,1,-2\n4,3,2\n' --json -q
expect_status 0
expect_nothing_in err
expect_json "$scratch/out"
expect_equal "$(json_value count "$scratch/out")" 4 count
expect_equal "$(json_value mae "$scratch/out")" 2.0 mae
expect_equal "$(json_value rmse "$scratch/out" | cut -c 1-10)" 2.54950975 rmse
expect_in out '"true": -2.0'
expect_in out '"row_name": null'
predicted "$p" '1,2,1e308\n3,3,1e308\n'
expect_in err "rmse 1e+308, mae 1e+308"
predicted "$o" '7,z\n' --json
expect_json "$scratch/out"
expect_in out '"row": 3'
expect_in out '"row_name": "7"'
if grep -q -e rmse -e true "$scratch/out"; then fail "an error without a truth"; fi

# The same pairs from Matrix Market, by number whatever the names; nothing is summed or left out.
predicted "$o" '%%%%MatrixMarket matrix coordinate real general\n%% test\n4 3 4\n1 2 5\n3 3 9\n2 3 0\n1 2 11\n'
expect_rows 'cat,y,8,5|7,z,9,9|"dog, big",z,0,0|cat,y,8,11|'
expect_in err "over 4 pairs"
predicted "$p" '%%%%MatrixMarket matrix coordinate pattern general\n4 3 1\n1 2\n'
expect_rows '1,2,10|'
predicted "$p" '%%%%MatrixMarket matrix coordinate real general\n3 4 1\n1 2 5\n'
expect_status 3
expect_sentence "line 2: 3 x 4, but W H is 4 x 3"
predicted "$p" '%%%%MatrixMarket matrix coordinate real symmetric\n4 3 1\n1 2 5\n'
expect_status 3
expect_sentence "coordinate real general"
predicted "$p" '%%%%MatrixMarket matrix coordinate real general\n4 3 2\n1 2 5\n'
expect_status 3
expect_sentence "holds 1 entries, but speaks of 2"
predicted "$p" '%%%%MatrixMarket matrix coordinate real general\n4 three 2\n'
expect_status 3
expect_sentence "line 2: expected are three whole numbers"
predicted "$p" '%%%%MatrixMarket matrix coordinate real general\n4 3 1\n0 2 5\n'
expect_status 3
expect_sentence 'line 3: "0" is no row'

# The digits of d, where fit.json has them, count.
cp -r "$p" "$scratch/weighted"
echo '{"d": [10, 0.5]}' >"$scratch/weighted/fit.json"
predicted "$scratch/weighted" '1,2\n3,3\n'
expect_rows '1,2,100|3,3,4.5|'
run top "$scratch/weighted" -n 1 --columns --weights
expect_in out " 25"
mv "$scratch/weighted/H.csv" "$scratch/H.csv"
run top "$scratch/weighted"
expect_in out "1   90.9 %"
mv "$scratch/H.csv" "$scratch/weighted/H.csv"
for wrong in '[10]' '[10, "a"]' '[10, -1]' '3'; do
    echo "{\"d\": $wrong}" >"$scratch/weighted/fit.json"
    predicted "$scratch/weighted" '1,2\n'
    expect_status 3
    expect_sentence '"d" must be a list of 2 numbers'
done
echo '{"d": ' >"$scratch/weighted/fit.json"
predicted "$scratch/weighted" '1,2\n'
expect_status 3
expect_sentence "it is not what nmf fit wrote"

# What is not there: file, line, word, and what is expected.
predicted "$o" 'cat,y\ncta,y\n'
expect_status 3
expect_sentence "$scratch/pairs, line 2: no row is called \"cta\"; did you mean cat?"
predicted "$o" 'cat,y\n\ncat,2\n'
expect_status 3
expect_sentence "line 3: no column is called \"2\""
predicted "$o" 'elephant,y\n'
expect_status 3
expect_sentence "line 1: no row is called \"elephant\"; expected is one of the 4 names of the fit, as \"cat\""
predicted "$p" '1,2\n5,1\n'
expect_status 3
expect_sentence 'line 2: "5" is no row; expected is a whole number from 1 to 4'
for word in 0 -1 1.0 x "" 99999999999999999999; do
    predicted "$p" "1,2\n1,$word\n"
    expect_status 3
    expect_sentence "line 2: \"$word\" is no column; expected is a whole number from 1 to 3"
done
predicted "$p" '0,0\n1,1\n'
expect_status 3
expect_sentence 'line 1: "0" is no row'
# Two lines of headings, or headings over one column only, are a mistake; words that might be names are told of.
predicted "$p" 'a,b\nc,d\n1,1\n'
expect_status 3
expect_sentence 'line 2: "c" is no row'
predicted "$o" 'cta,yy,3\ncat,y,8\n'
expect_status 3
expect_sentence 'line 1: no row is called "cta"'
predicted "$o" 'cta,yz\ncat,y\n'
expect_rows 'cat,y,8|'
expect_in err 'warning: '
expect_in err 'line 1: "cta" and "yz" are taken as headings'

# Two rows of one name.
cp -r "$o" "$scratch/twins"
printf ',c1,c2\ncat,4,0\ndog,2,0\ncat,0,9\nsky,0,3\n' >"$scratch/twins/W.csv"
predicted "$scratch/twins" 'cat,y\n'
expect_status 3
expect_sentence '"cat" is the name of rows 1 and 3'

# Lines that are none.
predicted "$p" '1,2\n1\n'
expect_status 3
expect_sentence "line 2: 1 field;"
predicted "$p" '1,2,3,4\n'
expect_status 3
expect_sentence "line 1: 4 fields;"
predicted "$p" '1,2\n1,2,3\n'
expect_status 3
expect_sentence "line 2: 3 fields; after the first line, 2 are expected"
predicted "$p" '1,2,3\n1,2,much\n'
expect_status 3
expect_sentence 'line 2: "much" is not a number'
predicted "$p" '1,2,3\n1,2,nan\n'
expect_status 3
expect_sentence '"nan" is not a number'
predicted "$p" '1,2\n"1,2\n'
expect_status 3
expect_sentence "line 2: a quote that is not closed"
predicted "$p" '1,2\n"1"x,2\n'
expect_status 3
expect_sentence "line 2: a quote"
predicted "$p" '1,2\n1,\0002\n'
expect_status 3
expect_sentence "line 2: a NUL byte"
predicted "$p" ''
expect_status 3
expect_sentence "$scratch/pairs holds no pairs"
predicted "$p" 'row,column\n\n'
expect_status 3
expect_sentence "holds no pairs"
predicted "$p" '1,2\n'
gzip -c "$scratch/pairs" >"$scratch/pairs.gz"
run predict "$p" "$scratch/pairs.gz"
expect_status 3
expect_sentence "is packed"
run predict "$p" "$scratch/missing"
expect_status 3
expect_sentence "$scratch/missing cannot be opened"
run predict "$p" "$scratch"
expect_status 3
expect_sentence "cannot be read"
run predict "$scratch/missing" "$scratch/pairs"
expect_status 3
expect_sentence "is not a folder"
run predict "$p"
expect_status 2
expect_sentence "predict needs PAIRS"

# To a file, whole; never over what is read.
predicted "$p" '1,2,3\n' -o "$scratch/table.csv"
expect_status 0
expect_nothing_in out
expect_equal "$(tr '\n' '|' <"$scratch/table.csv")" "row,column,value,true|1,2,10,3|" "the file"
predicted "$p" '1,2\n' -o "$scratch/table.csv" --json
expect_json "$scratch/out"
expect_equal "$(tr '\n' '|' <"$scratch/table.csv")" "row,column,value|1,2,10|" "the file"
predicted "$p" '1,2\n' -o "$scratch/no/where.csv"
expect_status 4
expect_sentence "where.csv"
predicted "$p" '1,2\n' -o "$scratch/pairs"
expect_status 2
expect_sentence "is read, and the result would take its place"
predicted "$p" '1,2\n' -o "$p/H.csv"
expect_status 2
expect_sentence "is read, and the result would take its place"
expect_equal "$(head -n 1 "$p/H.csv")" "1,2.5,0" "H"

# Names and numbers in the other formats, and of a fit that was made.
for format in csv npy mtx; do
    printf 'word,x,y,z\ncat,4,8,0\ndog,2,4,0\nsun,0,0,9\nsky,0,0,3\n' >"$scratch/blocks.csv"
    run fit "$scratch/blocks.csv" -k 2 -o "$scratch/fit" --format $format --max-iter 1000 --quiet
    expect_status 0
    predicted "$scratch/fit" 'cat,y,8\nsky,z,3\ndog,z,0\n' --json -q
    expect_status 0
    rmse=$(json_value rmse "$scratch/out")
    awk -v e="$rmse" 'BEGIN { exit !(e < 1e-6) }' || fail "the rmse of an exact fit is $rmse ($format)"
done

# A reader that has left is told nothing.
awk 'BEGIN { for (i = 0; i < 20000; i++) print "1,2" }' >"$scratch/many"
said="nmf predict, nobody reading"
{
    sleep 0.3
    "$NMF" predict "$p" "$scratch/many" 2>"$scratch/err"
    echo $? >"$scratch/status"
} | :
status=$(cat "$scratch/status")
expect_status 141
expect_nothing_in err
if [ -w /dev/full ]; then
    said="nmf predict >/dev/full"
    "$NMF" predict "$p" "$scratch/many" >/dev/full 2>"$scratch/err"
    status=$?
    expect_status 4
    expect_in err "standard output"
fi

finish

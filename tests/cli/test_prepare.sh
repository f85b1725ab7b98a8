# What is done to a matrix before anything else: transposed, selected, normalized, log1p, tfidf. The figures are NumPy's
# and scikit-learn's (TfidfTransformer of the transpose).
. tests/cli/lib.sh

a=$scratch/counts.csv
cat >"$a" <<'END'
gene,s1,s2,s3,s4,s5
g1,1,0,2,0,4
g2,0,0,3,0,1
g3,5,0,0,0,0
g4,2,0,2,0,7
END
printf '%%%%MatrixMarket matrix coordinate integer general\n4 5 9\n' >"$scratch/counts.mtx"
printf '%s\n' "1 1 1" "1 3 2" "1 5 4" "2 3 3" "2 5 1" "3 1 5" "4 1 2" "4 3 2" "4 5 7" >>"$scratch/counts.mtx"
printf '%s\n' g1 g2 g3 g4 >"$scratch/counts.rows.txt"
printf '%s\n' s1 s2 s3 s4 s5 >"$scratch/counts.cols.txt"
printf '%s\n' g4 g3 g1 >"$scratch/genes.txt"
printf 's5\r\ns3\r\ns1\r\n\r\n' >"$scratch/samples.txt"

# prepared EXPECTED OPTIONS…: the CSV and the Matrix Market file become this table, names and all. The numbers alone go
# through expect_near, and the names beside them through expect_equal.
prepared() {
    expected=$1
    shift
    printf '%s\n' "$expected" | sed 1d | cut -d, -f2- >"$scratch/expected"
    for file in "$a" "$scratch/counts.mtx"; do
        run convert "$file" "$scratch/out.csv" "$@"
        expect_status 0
        sed 1d "$scratch/out.csv" | cut -d, -f2- >"$scratch/found"
        expect_near "$scratch/found" "$scratch/expected" 1e-14
        expect_equal "$(head -n 1 "$scratch/out.csv" | cut -d, -f2-)" "$(printf '%s\n' "$expected" | head -n 1 | cut -d, -f2-)" \
            "names of the columns"
        expect_equal "$(cut -d, -f1 "$scratch/out.csv" | sed 1d | tr '\n' ' ')" \
            "$(printf '%s\n' "$expected" | cut -d, -f1 | sed 1d | tr '\n' ' ')" "names of the rows"
    done
}

prepared ",s1,s2,s3,s4,s5
g1,12.5,0,28.571428571428573,0,33.333333333333336
g2,0,0,42.857142857142861,0,8.3333333333333339
g3,62.5,0,0,0,0
g4,25,0,28.571428571428573,0,58.333333333333336" --normalize 100
prepared ",s1,s2,s3,s4,s5
g1,1,0,2.2857142857142856,0,2.6666666666666665
g2,0,0,3.4285714285714284,0,0.66666666666666663
g3,5,0,0,0,0
g4,2,0,2.2857142857142856,0,4.6666666666666661" --normalize median
prepared ",s1,s2,s3,s4,s5
g1,0.69314718055994529,0,1.0986122886681096,0,1.6094379124341003
g2,0,0,1.3862943611198906,0,0.69314718055994529
g3,1.791759469228055,0,0,0,0
g4,1.0986122886681096,0,1.0986122886681096,0,2.0794415416798357" --log1p
prepared ",s1,s2,s3,s4,s5
g1,0.12831098264311144,0,0.43579850562240713,0,0.49069127620754643
g2,0,0,0.78750195237507425,0,0.1477824931482094
g3,0.95795691900303948,0,0,0,0
g4,0.25662196528622289,0,0.43579850562240713,0,0.85870973336320633" --tfidf
prepared ",s1,s3,s5
g1,1,2,4
g3,5,0,0
g4,2,2,7" --select-rows "$scratch/genes.txt" --select-cols "$scratch/samples.txt"
prepared ",g1,g2,g3,g4
s1,1,0,5,2
s2,0,0,0,0
s3,2,3,0,2
s4,0,0,0,0
s5,4,1,0,7" --transpose
# All of them, in their own order whatever the order of the options.
prepared ",s1,s3,s5
g1,0.2100367555846919,0.70710678118654757,0.60231801252611383
g3,0.91927248266437378,0,0
g4,0.33290038137487149,0.70710678118654757,0.79825623191215489" --tfidf --log1p --normalize median \
    --select-cols "$scratch/samples.txt" --select-rows "$scratch/genes.txt"

# Every command that reads a matrix takes the options.
run info "$scratch/counts.mtx" --transpose --select-cols "$scratch/genes.txt" --json
expect_status 0
expect_equal "$(json_value rows "$scratch/out")" 5 rows
expect_equal "$(json_value cols "$scratch/out")" 3 cols
expect_equal "$(json_value zero_rows "$scratch/out")" 2 "zero rows"
expect_equal "$(json_value sparse "$scratch/out")" true sparse
gzip -c "$scratch/genes.txt" >"$scratch/genes.gz"
o=$scratch/o
run fit "$a" -k 2 -o "$o" --select-rows "$scratch/genes.gz" --normalize 1e4 --log1p
expect_status 0
expect_equal "$(cut -d, -f1 "$o/W.csv" | sed 1d | tr '\n' ' ')" "g1 g3 g4 " "rows of W"
expect_json "$o/fit.json"
for words in '"select_rows": "'"$scratch"'/genes.gz"' '"normalize": 10000.0' '"log1p": true'; do
    grep -qF "    $words" "$o/fit.json" || fail "fit.json does not say $words"
done
for word in select_cols tfidf transpose; do
    ! grep -q "$word" "$o/fit.json" || fail "fit.json speaks of $word"
done
run transform "$o" "$a" -o "$scratch/h" --select-rows - --normalize 1e4 --log1p <"$scratch/genes.txt"
expect_status 0
expect_equal "$(head -n 1 "$scratch/h/H.csv" | cut -d, -f2-)" "s1,s2,s3,s4,s5" "columns of H"
grep -qF '"log1p": true' "$scratch/h/transform.json" || fail "transform.json does not say what was prepared"
run transform "$o" "$a" -o "$scratch/h" --normalize median
expect_status 3
expect_sentence "has 4 rows, but the W"
run fit "$a" -k 2 -o "$o"
expect_equal "$(json_value prepare "$o/fit.json")" "{}" prepare
run fit "$a" -k 2 -o "$o" --normalize median
expect_status 0
grep -qF '"normalize": "median"' "$o/fit.json" || fail "fit.json does not say the median"

# What is outside what is allowed, before the matrix is read.
for sum in 0 -1 many nan inf "" 3x; do
    run fit "$scratch/missing.csv" -k 2 --normalize "$sum"
    expect_status 2
    expect_sentence "--normalize takes a number above 0 or median, not \"$sum\""
done
run fit "$a" -k 2 --log1p=yes
expect_status 2
expect_sentence "takes no value"

# Lists that do not fit.
run info "$a" --select-rows "$scratch/samples.txt"
expect_status 3
expect_sentence "$scratch/samples.txt, line 1: the matrix has no row \"s5\""
printf 'g1\ng2x\n' >"$scratch/near.txt"
run info "$a" --select-rows "$scratch/near.txt"
expect_status 3
expect_sentence "near.txt, line 2: the matrix has no row \"g2x\"; did you mean \"g2\"?"
printf '\n\n' >"$scratch/blank.txt"
run info "$a" --select-cols "$scratch/blank.txt"
expect_status 3
expect_sentence "blank.txt holds no names"
run info $seed/A.csv --select-rows "$scratch/genes.txt"
expect_status 3
expect_sentence "give them with --row-names"
printf '%s\n' r1 r2 r3 r4 r5 r6 r7 r8 g1 >"$scratch/nine.txt"
printf 'g1\n' >"$scratch/one.txt"
run info $seed/A.csv --select-rows "$scratch/one.txt" --row-names "$scratch/nine.txt" --json
expect_status 0
expect_equal "$(json_value rows "$scratch/out")" 1 rows

# A list is not overwritten by the result it chose.
mkdir "$scratch/d"
cp "$scratch/genes.txt" "$scratch/d/W.csv"
run fit "$a" -k 2 -o "$scratch/d" --select-rows "$scratch/d/W.csv"
expect_status 2
expect_sentence "W.csv"
cmp -s "$scratch/genes.txt" "$scratch/d/W.csv" || fail "the list was overwritten"

finish

# nmf info, nmf top and nmf draw.
. tests/cli/lib.sh

run info $seed/A.csv
expect_status 0
expect_nothing_in err
expect_in out "9 rows x 7 columns"
expect_in out "63 (100 %)"
expect_in out "rank 10"
run info $seed/A.csv -k 3
expect_in out "rank 3"
printf '%%%%MatrixMarket matrix coordinate integer general\n4 3 2\n1 1 5\n3 3 2\n' >"$scratch/s.mtx"
run info "$scratch/s.mtx"
expect_status 0
expect_in out "sparse"
expect_in out "zero rows     2"
expect_in out "zero columns  1"
expect_in out "0 to 5"

# Two blocks without overlap: known components.
cat >"$scratch/blocks.csv" <<'END'
word,x,y,z
cat,4,8,0
dog,2,4,0
sun,0,0,9
sky,0,0,3
END
o=$scratch/blocks
run fit "$scratch/blocks.csv" -k 2 -o "$o" --max-iter 1000
expect_status 0
run top "$o" -n 3
expect_status 0
expect_nothing_in err
awk '{ sub(/.*%  /, ""); print }' "$scratch/out" | sort >"$scratch/words"
expect_equal "$(tr '\n' '|' <"$scratch/words")" "cat, dog|sun, sky|" "the strongest rows, a component a line"
run top "$o" -n 3 --weights
awk '/^component/ { words = "" } /^  / { words = words $1 " " } /^$/ { print words } END { print words }' "$scratch/out" |
    sort >"$scratch/words"
expect_equal "$(tr '\n' '|' <"$scratch/words")" "cat dog |sun sky |" "the strongest rows"
run top "$o" -n 1 --columns --weights
awk '/^  / { print $1 }' "$scratch/out" | sort >"$scratch/words"
expect_equal "$(tr '\n' '|' <"$scratch/words")" "y|z|" "the strongest columns"
expect_equal "$(awk '/^component/ { gsub(/[(]/, ""); sum += $3 } END { print sum }' "$scratch/out")" 100 "the shares"

# Shares of factors whose sums are beyond the largest number.
mkdir "$scratch/huge"
echo "{}" >"$scratch/huge/fit.json"
printf '1e308,0\n1e308,1e308\n' >"$scratch/huge/W.csv"
printf '1e308,1e308\n1e308,1e308\n' >"$scratch/huge/H.csv"
run top "$scratch/huge"
expect_status 0
expect_in out "1   66.7 %"
expect_in out "2   33.3 %"

# A name that looks like two.
mkdir "$scratch/odd"
echo "{}" >"$scratch/odd/fit.json"
printf ',c1\n"a, b",3\n"say ""c""",2\n"""d""",1\n' >"$scratch/odd/W.csv"
run top "$scratch/odd"
expect_status 0
expect_in out '%  "a, b", say "c", """d"""'
run top "$scratch/odd" --json
expect_in out '"name": "a, b"'

run draw "$o" --shape 2x2
expect_status 0
expect_nothing_in out
expect_file "$o/parts.png"
expect_equal "$(od -An -tx1 -N8 "$o/parts.png" | tr -d ' \n')" 89504e470d0a1a0a "signature of a PNG"
# Width and height: two tiles of 2x2 pixels, 10 screen pixels each, frames of 2.
run draw "$o" --shape 2x2 --order col --scale 10 -o "$scratch/p.png"
expect_status 0
expect_equal "$(od -An -tu1 -j16 -N8 "$scratch/p.png" | tr -s ' ')" " 0 0 0 24 0 0 0 46" "size"
run draw "$o" --shape 2x3
expect_status 2
expect_sentence "1x4, 2x2"
run draw "$o" --shape 2x2 --scale 100000
expect_status 2
expect_sentence "--scale"
run draw "$o" --shape 2x2 -o "$scratch/no/where.png"
expect_status 4
expect_sentence "where.png"

# Samples, what W H makes of them, and the components: three bands, ten pixels between them.
run draw "$o" --shape 2x2 --scale 10 --across 2 --samples "$scratch/blocks.csv" -o "$scratch/s.png"
expect_status 0
expect_equal "$(od -An -tu1 -j16 -N8 "$scratch/s.png" | awk '{ print $3 * 256 + $4 "x" $7 * 256 + $8 }')" 46x88 "size with samples"
printf '1,2\n3,4\n' >"$scratch/other.csv"
run draw "$o" --shape 2x2 --samples "$scratch/other.csv" -o "$scratch/s.png"
expect_status 3
expect_sentence "2 x 2"

# Two results in one folder: which one is meant is not guessed.
cp "$o/W.csv" "$o/W.mtx"
run top "$o"
expect_status 3
expect_sentence "2 formats"
rm "$o/W.mtx" "$o/H.csv"
run top "$o"
expect_status 0
run top "$o" --columns
expect_status 3
expect_sentence "holds no H"

finish

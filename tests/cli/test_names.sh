# Names of rows and columns: carried into W and H where there are any, and only then.
. tests/cli/lib.sh

cat >"$scratch/both.csv" <<'END'
gene,s1,"s, two",s3,s4
abc,1,2,3,4
"d ""e""",0,1,0,2
ghi,5,4,3,0
jkl,1,0,0,1
END
o=$scratch/both
run fit "$scratch/both.csv" -k 2 -o "$o"
expect_status 0
expect_equal "$(sed -n 1p "$o/W.csv" | cut -d, -f2-)" "component_1,component_2" "header of W"
expect_equal "$(sed 1d "$o/W.csv" | cut -d, -f1 | tr '\n' '|')" 'abc|"d ""e"""|ghi|jkl|' "rows of W"
expect_equal "$(sed -n 1p "$o/H.csv" | cut -d, -f2-)" 's1,"s, two",s3,s4' "header of H"
expect_equal "$(sed 1d "$o/H.csv" | cut -d, -f1 | tr '\n' '|')" "component_1|component_2|" "rows of H"

run top "$o" -n 1
expect_status 0
grep -qE 'abc|ghi|jkl|d "e"' "$scratch/out" || fail "no name of a row"
run top "$o" --columns
expect_status 0
expect_in out "s, two"

# The other formats carry the names beside them.
for format in npy mtx; do
    run fit "$scratch/both.csv" -k 2 -o "$o" --format $format
    expect_status 0
    expect_file "$o/W.$format"
    expect_file "$o/H.$format"
    expect_no_file "$o/W.csv"
    expect_no_file "$o/H.csv"
    expect_equal "$(tr '\n' '|' <"$o/W.rows.txt")" 'abc|d "e"|ghi|jkl|' "W.rows.txt"
    expect_equal "$(tr '\n' '|' <"$o/H.cols.txt")" 's1|s, two|s3|s4|' "H.cols.txt"
    run top "$o" -n 4
    expect_in out "ghi"
    run top "$o" -n 4 --columns
    expect_in out "s, two"
done

# Nothing of the old names outlives them.
run fit $seed/A.csv -k 2 -o "$o" --format npy
expect_status 0
expect_no_file "$o/W.mtx"
expect_no_file "$o/W.rows.txt"
expect_no_file "$o/H.cols.txt"
run top "$o" -n 2
expect_in out "row "
run fit $seed/A.csv -k 2 -o "$o"
expect_equal "$(head -n 1 "$o/W.csv" | tr -d '0-9.,eE+-')" "" "a header where nothing has names"
expect_equal "$(head -n 1 "$o/H.csv" | tr -d '0-9.,eE+-')" "" "a header where nothing has names"

# Names of rows only, from a file.
printf '%s\n' r1 r2 r3 r4 r5 r6 r7 r8 r9 >"$scratch/rows.names"
run fit $seed/A.csv -k 2 -o "$o" --row-names "$scratch/rows.names"
expect_status 0
expect_equal "$(sed 1d "$o/W.csv" | cut -d, -f1 | tr '\n' '|')" "r1|r2|r3|r4|r5|r6|r7|r8|r9|" "rows of W"
expect_equal "$(head -n 1 "$o/H.csv" | tr -d '0-9.,eE+-')" "" "a header where columns have no names"

finish

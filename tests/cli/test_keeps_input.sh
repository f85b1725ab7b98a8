# What the user gave is never overwritten nor removed, and a folder that is not ours loses nothing.
. tests/cli/lib.sh

# kept FOLDER FILE WORDS…: the command refuses, naming the file, which is as it was.
kept() {
    folder=$1
    file=$2
    shift 2
    before=$(cksum <"$folder/$file")
    run "$@"
    expect_status 2
    expect_sentence "$file"
    expect_equal "$(cksum <"$folder/$file")" "$before" "$file"
    expect_no_file "$folder/fit.json"
}

d=$scratch/d
mkdir "$d"
for name in W.csv H.csv W.npy H.mtx fit.json; do
    rm -rf "$d"
    mkdir "$d"
    cp $seed/A.csv "$d/$name"
    before=$(cksum <"$d/$name")
    run fit "$d/$name" -k 2 -o "$d"
    expect_status 2
    expect_sentence "$name"
    expect_equal "$(cksum <"$d/$name")" "$before" "$name"
    expect_equal "$(files_in "$d")" "$name " "files"
done

# By whatever name: a link to it, and the files of names.
rm -rf "$d"
mkdir "$d"
cp $seed/A.csv "$d/W.csv"
ln -s "$d/W.csv" "$scratch/link.csv"
kept "$d" W.csv fit "$scratch/link.csv" -k 2 -o "$d"
rm "$d/W.csv"
printf '%s\n' r1 r2 r3 r4 r5 r6 r7 r8 r9 >"$d/W.rows.txt"
kept "$d" W.rows.txt fit $seed/A.csv -k 2 -o "$d" --format npy --row-names "$d/W.rows.txt"
mv "$d/W.rows.txt" "$d/H.cols.txt"
kept "$d" H.cols.txt fit $seed/A.csv -k 2 -o "$d" --row-names "$d/H.cols.txt"

# nmf transform likewise.
run fit $seed/A.csv -k 2 -o "$scratch/model"
expect_status 0
rm -rf "$d"
mkdir "$d"
cp $seed/A.csv "$d/H.csv"
kept "$d" H.csv transform "$scratch/model" "$d/H.csv" -o "$d"

# Nor does a picture take the place of what it is drawn from.
cp $seed/A.csv "$scratch/samples.csv"
for name in model/W.csv model/fit.json samples.csv; do
    before=$(cksum <"$scratch/$name")
    run draw "$scratch/model" --shape 3x3 --samples "$scratch/samples.csv" -o "$scratch/$name"
    expect_status 2
    expect_sentence "$name"
    expect_equal "$(cksum <"$scratch/$name")" "$before" "$name"
done

# Other formats are stale only where an earlier run left its JSON.
rm -rf "$d"
mkdir "$d"
echo mine >"$d/W.npy"
echo mine >"$d/W.rows.txt"
run fit $seed/A.csv -k 2 -o "$d"
expect_status 0
expect_equal "$(cat "$d/W.npy" "$d/W.rows.txt" | tr '\n' ' ')" "mine mine " "files that are not ours"

# What is no file has no folder beside it.
mkfifo "$scratch/pipe"
run fit "$scratch/pipe" -k 2
expect_status 2
expect_sentence "-o"
run transform "$scratch/model" "$scratch/pipe"
expect_status 2
expect_sentence "-o"
expect_no_file "$scratch/pipe.nmf"
said="cat A.csv | nmf fit /dev/stdin -o"
cat $seed/A.csv | "$NMF" fit /dev/stdin -k 2 -o "$scratch/piped" 2>"$scratch/err" || fail "a pipe is not read"
expect_file "$scratch/piped/fit.json"

finish

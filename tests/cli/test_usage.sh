# Help, versions, exit codes and sentences about options.
. tests/cli/lib.sh

run
expect_status 2
expect_nothing_in out
expect_in err "Usage: nmf"

run --help
expect_status 0
expect_nothing_in err
for word in fit rank consensus info transform predict recommend top draw; do
    expect_in out "  $word "
done

run --version
expect_status 0
grep -qE '^nmf [0-9]+\.[0-9]+\.[0-9]+$' "$scratch/out" || fail "not a version"
cp "$scratch/out" "$scratch/version"

for word in fit rank consensus info transform predict recommend top draw; do
    run "$word" --version
    expect_status 0
    cmp -s "$scratch/out" "$scratch/version" || fail "nmf $word --version differs from nmf --version"
    run "$word" --help
    expect_status 0
    expect_nothing_in err
    expect_in out "Usage: nmf $word"
    cp "$scratch/out" "$scratch/help"
    run help "$word"
    expect_status 0
    cmp -s "$scratch/out" "$scratch/help" || fail "nmf help $word differs from nmf $word --help"
    run "$word"
    expect_status 2
    expect_sentence "$word needs"
done

run fit --help
for option in "-k, --rank" "-o, --output" --solver --init --seed --max-iter --tol --stop --dtype --threads --format \
    --keep --quiet --json --help --version; do
    expect_in out "$option"
done

run fitt A.csv
expect_status 2
expect_sentence 'did you mean fit?'
run xyzzyxyzzy
expect_status 2
expect_sentence 'the commands are fit, plan, rank, consensus'
run --halp
expect_status 2
expect_sentence 'did you mean --help?'
run help fitt
expect_status 2
expect_sentence 'did you mean fit?'

a=$seed/A.csv
o=$scratch/never
run fit "$a" -o "$o"
expect_status 2
expect_sentence "needs a rank"
run fit "$a" -k 0 -o "$o"
expect_status 2
expect_sentence "rank"
run fit "$a" -k abc -o "$o"
expect_status 2
expect_sentence "abc"
run fit "$a" -k -3 -o "$o"
expect_status 2
expect_sentence "-3"
run fit "$a" -k 2.5 -o "$o"
expect_status 2
expect_sentence "2.5"
run fit "$a" -o "$o" -k
expect_status 2
expect_sentence "--rank needs a value"
run fit "$a" -k 3 -o "$o" --sover als
expect_status 2
expect_sentence "did you mean --solver?"
run fit "$a" -k 3 -o "$o" --solver halls
expect_status 2
expect_sentence "hals"
run fit "$a" -k 3 -o "$o" --max-iter many
expect_status 2
expect_sentence "many"
run fit "$a" -k 3 -o "$o" --tol -1
expect_status 2
expect_sentence "tol"
run fit "$a" -k 3 -o "$o" --stop never
expect_status 2
expect_sentence "kkt"
run fit "$a" -k 3 -o "$o" --format csw
expect_status 2
expect_sentence "csv, npy, mtx"
run fit "$a" -k 3 -o "$o" -Z
expect_status 2
expect_sentence "no option -Z"
run fit "$a" -k 3 -o "$o" --quiet=yes
expect_status 2
expect_sentence "takes no value"
run fit "$a" -k 3 -o ""
expect_status 2
expect_sentence "--output needs a value"
run fit "$a" -k 3 -o "$o" --s 3
expect_status 2
expect_sentence "could be"
run fit "$a" "$a" -k 3 -o "$o"
expect_status 2
expect_sentence "what is"
# What needs no matrix is told before one is read.
run fit "$scratch/missing.csv" -k 3 --threads 1000000 -o "$o"
expect_status 2
expect_sentence "threads is 1000000"
run fit "$scratch/missing.csv" -k 4000000000 -o "$o"
expect_status 2
expect_sentence "rank is 4000000000"
run transform "$scratch/missing" "$scratch/missing.csv" --threads 1000000
expect_status 2
expect_sentence "threads is 1000000"
run top "$scratch" -n 0
expect_status 2
expect_sentence "from 1"
run draw "$scratch"
expect_status 2
expect_sentence "--shape"
run draw "$scratch" --shape 3by5
expect_status 2
expect_sentence "3by5"
expect_no_file "$o"

finish

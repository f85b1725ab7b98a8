# Files that NumPy, SciPy, pandas and R's Matrix write are read as they were meant, and they read ours.
. tests/cli/lib.sh

if ! /usr/bin/python3 -c 'import numpy, scipy, pandas' 2>/dev/null; then
    echo "skipped: Python with NumPy, SciPy and pandas is not here"
    exit 77
fi

said="foreign.py"
/usr/bin/python3 tests/cli/foreign.py "$scratch" >"$scratch/found" 2>&1 || fail "$(tail -n 3 "$scratch/found")"

if Rscript -e 'library(Matrix)' >/dev/null 2>&1; then
    said="foreign.R"
    cp tests/data/seed/A.csv "$scratch/seed.csv"
    run convert "$scratch/seed.csv" "$scratch/ours.csv"
    expect_status 0
    run convert "$scratch/seed.csv" "$scratch/ours.svmlight"
    run convert "$scratch/ours.svmlight" "$scratch/ours.mtx"
    expect_status 0
    Rscript tests/cli/foreign.R "$scratch" >"$scratch/found" 2>&1 || fail "$(tail -n 3 "$scratch/found")"
    for file in written_general.mtx written_symmetric.mtx written_pattern.mtx written.csv written_unquoted.tsv; do
        run convert "$scratch/$file" "$scratch/back.csv"
        expect_status 0
        sed 's/^"[^"]*",//; s/^[a-z][^,]*,//; /^,/d' "$scratch/back.csv" | grep '^[0-9]' >"$scratch/numbers.csv"
        expect_near "$scratch/numbers.csv" "$scratch/$file.expected" 0
    done
else
    echo "R's Matrix is not here: its part is left out"
fi

finish

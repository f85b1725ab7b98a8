# Ctrl-C and SIGTERM: exit 130 with the factors so far in the folder.
. tests/cli/lib.sh

awk 'BEGIN { srand(1); for (i = 0; i < 300; i++) { line = rand(); for (j = 1; j < 200; j++) line = line "," rand(); print line } }' \
    >"$scratch/long.csv"

# stop SIGNAL: start a fit that will not end by itself for long, wait until it runs, send the signal.
stop() {
    o=$scratch/$1
    said="nmf fit, then SIG$1"
    "$NMF" fit "$scratch/long.csv" -k 20 --solver mu --stop error --tol 1e-300 --max-iter 200000 --threads 1 -o "$o" \
        >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    while [ ! -d "$o" ] && kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
    done
    sleep 1
    kill -s "$1" "$pid"
    wait "$pid"
    status=$?
    expect_status 130
    expect_nothing_in out
    expect_in err interrupted
    expect_json "$o/fit.json"
    expect_equal "$(json_value stop_reason "$o/fit.json")" interrupted stop_reason
    expect_equal "$(json_value converged "$o/fit.json")" false converged
    expect_equal "$(wc -l <"$o/W.csv" | tr -d ' ')" 300 "rows of W"
    expect_equal "$(wc -l <"$o/H.csv" | tr -d ' ')" 20 "rows of H"
    expect_equal "$(files_in "$o")" "H.csv W.csv fit.json " "files"
}

stop INT
stop TERM

# timeout(1) signals twice in a row: that is one wish.
if command -v timeout >/dev/null; then
    o=$scratch/timeout
    said="timeout -s INT 1 nmf fit"
    timeout --preserve-status -s INT 1 "$NMF" fit "$scratch/long.csv" -k 20 --solver mu --stop error --tol 1e-300 \
        --max-iter 200000 --threads 1 -o "$o" >"$scratch/out" 2>"$scratch/err"
    status=$?
    expect_status 130
    expect_file "$o/fit.json"
fi

# A second one ends the program, in the middle of an iteration that takes long; one that comes at once is an echo.
awk 'BEGIN { srand(2); for (i = 0; i < 600; i++) { line = rand(); for (j = 1; j < 600; j++) line = line "," rand(); print line } }' \
    >"$scratch/slow.csv"
o=$scratch/twice
said="nmf fit, then SIGTERM twice"
"$NMF" fit "$scratch/slow.csv" -k 300 --solver bpp --init random --threads 1 -o "$o" >"$scratch/out" 2>"$scratch/err" &
pid=$!
while [ ! -d "$o" ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
done
sleep 0.3
kill -s TERM "$pid"
sleep 0.03
kill -s TERM "$pid"
sleep 0.3
kill -0 "$pid" 2>/dev/null || fail "ended by the echo of a signal"
kill -s TERM "$pid" 2>/dev/null
wait "$pid"
status=$?
expect_status 143
expect_no_file "$o/fit.json"

finish

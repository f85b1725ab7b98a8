# What the shell tests share. A test sources this, runs the command through `run` and says what it expects; every failed
# expectation is printed, and the exit status of `finish` is the test's.
# NMF is the command under test.

: "${NMF:?NMF must name the command under test}"
LC_ALL=C
export LC_ALL
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failures=0
said="(nothing run yet)"
# shellcheck disable=SC2034 # for the tests
seed=tests/data/seed

# run ARGUMENTS…: the command; leaves its exit status in $status, what it printed in $scratch/out and $scratch/err.
run() {
    said="nmf $*"
    "$NMF" "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
}

fail() {
    failures=$((failures + 1))
    echo "FAILED: $said"
    echo "  $*"
    sed 's/^/  stderr: /' "$scratch/err" 2>/dev/null | head -n 5
}

expect_status() {
    [ "$status" -eq "$1" ] || fail "exit $status, expected $1"
}

# expect_in out|err WORDS: what was printed contains WORDS.
expect_in() {
    grep -qF -e "$2" "$scratch/$1" || fail "std$1 does not say: $2"
}

expect_nothing_in() {
    [ ! -s "$scratch/$1" ] || fail "std$1 is not empty"
}

# One sentence on stderr, nothing on stdout: how every error looks.
expect_sentence() {
    expect_nothing_in out
    [ "$(grep -c '^nmf: ' "$scratch/err")" -eq 1 ] || fail "expected one sentence that begins with \"nmf: \""
    expect_in err "$1"
}

expect_file() {
    [ -s "$1" ] || fail "$1 is missing or empty"
}

expect_no_file() {
    [ ! -e "$1" ] || fail "$1 should not be there"
}

# expect_equal ACTUAL EXPECTED WHAT
expect_equal() {
    [ "$1" = "$2" ] || fail "$3: \"$1\", expected \"$2\""
}

# expect_near FILE FILE TOLERANCE: tables of numbers of one shape, entry by entry.
expect_near() {
    awk -F, -v other="$2" -v tolerance="$3" '
        {
            if ((getline line < other) <= 0) { print "more lines than " other; exit 1 }
            count = split(line, expected, ",")
            if (count != NF) { print "line " NR ": " NF " numbers, expected " count; exit 1 }
            for (i = 1; i <= NF; i++) {
                gap = $i - expected[i]
                if (gap < 0) gap = -gap
                if (!(gap <= tolerance)) { print "line " NR ", number " i ": " $i ", expected " expected[i]; exit 1 }
            }
        }
        END { if ((getline line < other) > 0) { print "fewer lines than " other; exit 1 } }
    ' "$1" >"$scratch/gap" || fail "$1: $(head -n 1 "$scratch/gap")"
}

# The files in a folder, hidden ones too, on one line.
files_in() {
    find "$1" -mindepth 1 -maxdepth 1 | sed "s|.*/||" | sort | tr "\n" " "
}

# json_value KEY FILE: the value of a key of the outermost object.
json_value() {
    sed -n "s/^  \"$1\": \(.*\)\$/\1/p" "$2" | sed 's/,$//; s/^"\(.*\)"$/\1/'
}

# expect_json FILE: well-formed; values are folded into their surroundings until a single one is left.
expect_json() {
    tr -d '\n' <"$1" | awk '
        {
            gsub(/"([^"\\]|\\.)*"/, "s")
            gsub(/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/, "v")
            gsub(/true|false|null/, "v")
            gsub(/[ \t]+/, "")
            gsub(/s:[sv]/, "p")
            gsub(/s/, "v")
            do {
                before = $0
                gsub(/\{\}|\[\]/, "v")
                gsub(/\{p(,p)*\}|\[v(,v)*\]/, "v")
                gsub(/v:v/, "p")
            } while ($0 != before)
            if ($0 != "v") exit 1
        }' || fail "$1 is not well-formed JSON"
}

finish() {
    [ "$failures" -eq 0 ] || echo "$failures failed"
    [ "$failures" -eq 0 ]
    exit
}

# Progress: a rewritten line on a terminal, nothing elsewhere.
. tests/cli/lib.sh

# script(1) gives the command a terminal; it is part of Debian's base system, not of every other one.
script -qec true /dev/null >/dev/null 2>&1 </dev/null || exit 77

# on_terminal ARGUMENTS…: like run, stdout and stderr both being one terminal.
on_terminal() {
    said="nmf $* on a terminal"
    script -qec "'$NMF' $*" /dev/null >"$scratch/out" </dev/null
    status=$?
    : >"$scratch/err"
}

escape=$(printf '\033')
words="fit $seed/A.csv -k 2 -o $scratch/o"
NO_COLOR='' on_terminal "$words"
expect_status 0
expect_in out "relative error"
expect_in out "left at most"
expect_in out "${escape}["
NO_COLOR=1 on_terminal "$words"
expect_status 0
expect_in out "left at most"
grep -qF "$escape" "$scratch/out" && fail "color in spite of NO_COLOR"
on_terminal "$words --quiet"
expect_status 0
expect_nothing_in out

# shellcheck disable=SC2086
run $words
expect_status 0
grep -qF -e "left at most" -e "$escape" "$scratch/err" && fail "progress where there is no terminal"

finish

#!/bin/sh
# One target: one.sh NAME runs|seconds AMOUNT. Prints what it came to, and fails where it found something, which it
# keeps in build-fuzz/found/NAME. By seconds the corpus grows from one time to the next, in build-fuzz/corpus/NAME; by
# runs every time is the same.
set -eu
cd "$(dirname "$0")/.."
name=$1 unit=$2 amount=$3
found=build-fuzz/found/$name
log=build-fuzz/$name.log
[ -x "build-fuzz/fuzz/fuzz_$name" ] || { echo "There is no reader \"$name\" in fuzz/target." >&2 && exit 2; }
mkdir -p "$found"
seeds="fuzz/corpus/$name"
[ ! -d "fuzz/regression/$name" ] || seeds="$seeds fuzz/regression/$name"

set -- -max_len=1024 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=$found/"
[ ! -f "fuzz/$name.dict" ] || set -- "$@" "-dict=fuzz/$name.dict"
if [ "$unit" = runs ]; then
    limit=600
    # shellcheck disable=SC2086
    set -- "$@" -seed=1 "-runs=$amount" "-seed_inputs=$(find $seeds -type f | LC_ALL=C sort | paste -sd, -)"
else
    limit=$((amount + 60))
    grown=build-fuzz/corpus/$name
    mkdir -p "$grown"
    # shellcheck disable=SC2086
    set -- "$@" "-max_total_time=$amount" "$grown" $seeds
fi

begun=$(date +%s)
rc=0
timeout "$limit" "build-fuzz/fuzz/fuzz_$name" "$@" >"$log" 2>&1 || rc=$?
took=$(($(date +%s) - begun))
executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
features=$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
findings=0
[ "$rc" = 0 ] || findings=1
printf '%-10s %10s executions %5d s %7d/s %6s features  %d findings\n' "$name" "${executions:-?}" "$took" \
    $((${executions:-0} / (took > 0 ? took : 1))) "${features:-?}" "$findings"
[ "$rc" != 0 ] || exit 0
tail -n 60 "$log" >&2
echo "$name: exit $rc; the input: $(sed -n 's/.*Test unit written to //p' "$log"); all that was said: $log" >&2
exit 1

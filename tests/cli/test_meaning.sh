# What the data means: losses, what is observed, what is held fixed, and what is handed back, through the command.
. tests/cli/lib.sh

# A small catalogue: 6 channels by 5 samples, W·H of two signatures, with names.
cat >"$scratch/a.csv" <<'CSV'
channel,s1,s2,s3,s4,s5
c1,10,1,6,4,8
c2,9,2,6,5,7
c3,1,8,4,6,3
c4,2,9,5,7,4
c5,5,5,5,5,5
c6,3,1,2,2,3
CSV
# The same signatures as its first and third columns would have them, rows in another order.
cat >"$scratch/known.csv" <<'CSV'
channel,flat,steep
c6,.1,.15
c5,.2,.15
c4,.3,.05
c3,.3,.05
c2,.05,.3
c1,.05,.3
CSV

# ---- losses ----
run fit "$scratch/a.csv" -k 2 --loss kl -o "$scratch/kl"
expect_status 0
expect_in err "loss kl"
expect_in err "poisson  deviance"
expect_json "$scratch/kl/fit.json"
expect_equal "$(json_value loss "$scratch/kl/fit.json")" kl loss
kl=$(json_value error "$scratch/kl/fit.json")
deviance=$(json_value deviance "$scratch/kl/fit.json")
awk -v e="$kl" -v d="$deviance" 'BEGIN { exit !(d > 0 && d == 2 * e) }' || fail "deviance $deviance of divergence $kl"

run fit "$scratch/a.csv" -k 2 --loss beta:0.5 -o "$scratch/beta"
expect_status 0
expect_equal "$(json_value loss "$scratch/beta/fit.json")" beta:0.5 loss
run fit "$scratch/a.csv" -k 2 --loss huber
expect_status 2
expect_sentence "huber needs a finite number behind a colon"
run fit "$scratch/a.csv" -k 2 --loss kll
expect_status 2
expect_sentence "Did you mean kl?"

# A transform takes the loss of the fit: the same columns get the same H.
run transform "$scratch/kl" "$scratch/a.csv" -o "$scratch/kl2"
expect_status 0
expect_in err "loss     kl, as the fit had it"
again=$(json_value error "$scratch/kl2/transform.json")
awk -v a="$kl" -v b="$again" 'BEGIN { exit !(b <= a * 1.0001 && b >= a * 0.98) }' || fail "transform: $again, fit: $kl"

# ---- what is observed ----
sed 's/^c3,1,8/c3,,8/; s/^c5,5,5,5/c5,5,NA,nan/' "$scratch/a.csv" >"$scratch/gaps.csv"
run fit "$scratch/gaps.csv" -k 2 -o "$scratch/gaps"
expect_status 3
expect_sentence "--missing nan"
run fit "$scratch/gaps.csv" -k 2 --missing nan -o "$scratch/gaps"
expect_status 0
expect_equal "$(json_value observed "$scratch/gaps/fit.json")" 27 "entries that count"
run fit "$scratch/gaps.csv" -k 2 --missing nan --init nndsvd -o "$scratch/gaps"
expect_status 2
expect_sentence "init nndsvd needs every entry"

# The same entries hidden by a mask give the same error.
cat >"$scratch/mask.mtx" <<'MTX'
%%MatrixMarket matrix coordinate pattern general
6 5 3
3 1
5 2
5 3
MTX
run fit "$scratch/a.csv" -k 2 --mask "$scratch/mask.mtx" -o "$scratch/masked"
expect_status 0
expect_equal "$(json_value error "$scratch/masked/fit.json")" "$(json_value error "$scratch/gaps/fit.json")" "masked error"
run fit "$scratch/a.csv" -k 2 --mask "$scratch/known.csv"
expect_status 3
expect_sentence "the mask has 6 rows and 2 columns; it must have 6 and 5"
run fit "$scratch/a.csv" -k 2 --observed stored
expect_status 3
expect_sentence "this one is dense"
sed 's/^c1,10/c1,-10/' "$scratch/a.csv" >"$scratch/negative.csv"
run fit "$scratch/a.csv" -k 2 --weights "$scratch/negative.csv"
expect_status 3
expect_sentence 'row 1 ("c1"), column 1 ("s1") is -10'
run fit "$scratch/a.csv" -k 2 --mask "$scratch/nothing.mtx"
expect_status 3
expect_sentence "nothing.mtx"

# ---- constraints ----
run fit "$scratch/a.csv" --fix-w "$scratch/known.csv" -o "$scratch/fixed"
expect_status 0
expect_in err "rank 2"
expect_equal "$(sed -n 2p "$scratch/fixed/W.csv")" "c1,0.05,0.3" "the first row of W, by its name"
expect_equal "$(sed -n 1p "$scratch/fixed/W.csv")" ",flat,steep" "the names of the components"
expect_equal "$(cut -d, -f1 "$scratch/fixed/H.csv" | tr '\n' ' ')" " flat steep " "the names of the rows of H"
run fit "$scratch/a.csv" -k 3 --fix-w "$scratch/known.csv" -o "$scratch/fixed"
expect_status 0
expect_equal "$(sed -n 1p "$scratch/fixed/W.csv")" ",flat,steep,component_3" "the names with a new one"
sed '/^c4/d' "$scratch/known.csv" >"$scratch/short.csv"
run fit "$scratch/a.csv" --fix-w "$scratch/short.csv"
expect_status 3
expect_sentence "has no row \"c4\""
run fit "$scratch/a.csv" -k 1 --fix-w "$scratch/known.csv"
expect_status 2
expect_sentence "more components are fixed than the rank has"

run fit "$scratch/a.csv" -k 2 --simplex h -o "$scratch/simplex"
expect_status 0
awk -F, 'NR > 1 { for (j = 2; j <= NF; j++) s[j] += $j } END { for (j in s) if (s[j] < 1 - 1e-9 || s[j] > 1 + 1e-9) exit 1 }' \
    "$scratch/simplex/H.csv" || fail "columns of H do not sum to 1"
run fit "$scratch/a.csv" -k 2 --max-h 3 -o "$scratch/most"
expect_status 0
awk -F, 'NR > 1 { for (j = 2; j <= NF; j++) if ($j > 3) exit 1 }' "$scratch/most/H.csv" || fail "an entry of H is above 3"
run fit "$scratch/a.csv" -k 2 --symmetric
expect_status 3
expect_sentence "a symmetric one has as many"
run fit "$scratch/negative.csv" -k 2
expect_status 3
run fit "$scratch/negative.csv" -k 2 --free w -o "$scratch/free"
expect_status 0
grep -q -- "-" "$scratch/free/W.csv" || fail "a free W has no number below 0"
run top "$scratch/free"
expect_status 0

# From where it ended nothing moves far; another rank is refused.
run fit "$scratch/a.csv" -k 2 -o "$scratch/first"
run fit "$scratch/a.csv" --start "$scratch/first" -o "$scratch/second"
expect_status 0
expect_in err "start start"
run fit "$scratch/a.csv" --init "$scratch/first" -o "$scratch/third"
expect_status 0
expect_in err "start start"
cmp -s "$scratch/second/W.csv" "$scratch/third/W.csv" || fail "--init DIR differs from --start DIR"
run fit "$scratch/a.csv" -k 2 --init "$scratch/nowhere"
expect_status 2
expect_sentence "init is"
run info "$scratch/a.csv" -k 2 --init "$scratch/first"
expect_status 2
expect_sentence "init is"

# A folder named like an init is that init, and with a slash the folder.
cp -r "$scratch/first" "$scratch/random"
NMF=$(realpath "$NMF")
home=$PWD
cd "$scratch" || exit 1
run fit a.csv -k 2 --init random -o named
expect_in err "start random"
run fit a.csv --init ./random -o named
expect_status 0
expect_in err "start start"
cd "$home" || exit 1

run fit "$scratch/a.csv" -k 3 --start "$scratch/first"
expect_status 2
expect_sentence "the start has another rank"

# ---- what is handed back ----
run fit "$scratch/a.csv" -k 2 --unit sum -o "$scratch/unit"
expect_status 0
awk -F, 'NR > 1 { for (j = 2; j <= NF; j++) s[j] += $j } END { for (j in s) if (s[j] < 1 - 1e-9 || s[j] > 1 + 1e-9) exit 1 }' \
    "$scratch/unit/W.csv" || fail "columns of W do not sum to 1"
grep -q '"d": \[' "$scratch/unit/fit.json" || fail "fit.json has no d"
# Shares and predictions count d.
run top "$scratch/first"
cp "$scratch/out" "$scratch/plain_top"
run top "$scratch/unit"
cmp -s "$scratch/out" "$scratch/plain_top" || fail "top differs with unit"
printf 'c1,s2\nc4,s5\n' >"$scratch/pairs.csv"
run predict "$scratch/first" "$scratch/pairs.csv"
cut -d, -f3 "$scratch/out" | sed 1d >"$scratch/plain_values"
run predict "$scratch/unit" "$scratch/pairs.csv"
cut -d, -f3 "$scratch/out" | sed 1d >"$scratch/unit_values"
expect_near "$scratch/unit_values" "$scratch/plain_values" 1e-9

# ---- combinations without sense ----
run fit "$scratch/a.csv" -k 2 --l1-ratio 0.5
expect_status 2
expect_sentence "neither is given"
run fit "$scratch/a.csv" -k 2 --graph-weight 2
expect_status 2
expect_sentence "graph-h, which is not given"
run fit "$scratch/a.csv" -k 2 --solver mu --loss kl --ortho-w 1
expect_status 2
expect_sentence "solver mu lowers this loss with no penalties but"
run fit "$scratch/a.csv" -k 2 --graph-h "$scratch/a.csv"
expect_status 3
expect_sentence "the graph has 6 rows and 5 columns"

finish

#!/bin/sh
# The package installs into a virtual environment by pip, with what Debian packages and nothing from an index, and works.
set -eu
python=$1
"$python" -c 'import sklearn, setuptools, wheel, venv, ensurepip' 2>/dev/null || {
    echo "skipped: needs python3-sklearn, python3-setuptools, python3-wheel and python3-venv"
    exit 77
}
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
"$python" -m venv --system-site-packages "$there/v"
"$there/v/bin/pip" install --quiet --no-build-isolation --no-deps --no-index ./python
cd "$there"
unset PYTHONPATH
"$there/v/bin/python" -c '
import numpy, nmf
assert "site-packages" in nmf.__file__ and nmf.__file__.startswith("'"$there"'"), nmf.__file__
X = numpy.random.default_rng(0).random((30, 8))
W = nmf.NMF(3, random_state=0).fit_transform(X)
assert W.shape == (30, 3) and (W >= 0).all()
'

"""How threads wait for each other; to be imported before anything that loads libgomp.

libgomp reads its environment when it is loaded. Left alone, its threads spin for milliseconds at a time, and on a machine
that does anything else they then wait for one that cannot run: beside two busy processes on two cores a fit of 1.3 s took
7.7 s, and 1.9 s with this. Where libgomp is loaded already (scikit-learn was imported before), or the user has said how
threads are to wait, nothing is changed.
"""

import os

SPIN, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"

said = SPIN in os.environ or POLICY in os.environ
if not said:
    os.environ[SPIN] = "2000"
try:
    from . import _native  # noqa: F401
finally:
    if not said:
        del os.environ[SPIN]

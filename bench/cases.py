"""The matrices that are raced, and where their files are."""
import os
import subprocess

from report import say

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MADE = os.path.join(ROOT, "build", "inputs")
MAKER = os.path.join(ROOT, "..", "shared", "bench", "make_inputs.py")
CASES = {  # name: (file, rank)
    "D1": ("D1.npy", 20),
    "D2": ("D2.npy", 10),
    "S1": ("S1.mtx", 20),
    "S2": ("S2.mtx", 32),
    "cbcl": ("cbcl/cbcl.npy", 49),
    "digits": ("digits/digits.npy", 16),
    "pbmc3k": ("pbmc3k/pbmc3k.mtx.gz", 20),
    "tdt2": ("tdt2/tdt2.mtx.gz", 30),
    "golub": ("golub/golub.npy", 3),
}
SYNTHETIC = ("D1", "D2", "S1", "S2")


def make(case):
    """Make a synthetic matrix, on its first use and where what makes it is there."""
    if case in SYNTHETIC and os.path.exists(MAKER) and not os.path.exists(os.path.join(MADE, CASES[case][0])):
        os.makedirs(MADE, exist_ok=True)
        subprocess.run(["/usr/bin/python3", MAKER, MADE, case], check=True, stdout=subprocess.DEVNULL)


def find(case):
    """The file of a case, or None."""
    make(case)
    file = CASES[case][0]
    folders = [os.environ.get("NMF_BENCH_DATA", os.path.join(ROOT, "..", "shared", "data")), MADE]
    places = [os.path.join(folder, file) for folder in folders]
    places.append(os.path.join(ROOT, "examples", "data", os.path.basename(file)))
    return next((place for place in places if os.path.exists(place)), None)


def those(names):
    """(case, file) of those that are there."""
    for case in names:
        path = find(case)
        if path:
            yield case, path
        else:
            say(f"{case}: no file")


def rank(case):
    return CASES[case][1]

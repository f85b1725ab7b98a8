"""One run of the command."""
import json
import os
import subprocess
import tempfile

from cases import ROOT

NMF = os.path.join(ROOT, "build", "nmf")
NEVER = "1e-300"  # a --tol that no fit ends by


def command(path, rank, folder, *options):
    return [NMF, "fit", path, "-k", str(rank), "--quiet", "--format", "npy", "-o", folder, *map(str, options)]


def fit(path, rank, *options):
    """What `nmf fit --json` says of a fit; its history has the seconds since the fit began, the start included."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command(path, rank, folder, "--json", *options), check=True, capture_output=True)
    return json.loads(done.stdout)


def built(program):
    """A program of this room."""
    return os.path.join(ROOT, "build", "bench", "bench_" + program)

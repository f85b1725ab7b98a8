"""nmf-mpi against nmf: several.py MPIRUN NMF_MPI NMF PART. Exits with 77 where it cannot run."""
import os
import sys
import tempfile

import failures
import files
import fits
from common import PART, inputs

PARTS = {"same": fits.same, "lines": fits.lines, "bits": fits.bits, "starts": fits.starts, "begins": fits.begins,
         "shares": files.shares, "written": files.written, "bad": failures.bad, "killed": failures.killed, "memory": failures.memory}

if PART == "peak":
    failures.peak(*sys.argv[5:7])
else:
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        inputs()
        PARTS[PART]()

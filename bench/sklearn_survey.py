#!/usr/bin/python3
"""A loop over ranks and starts of scikit-learn's NMF, solver cd: seconds of the fits.

usage: sklearn_survey.py MATRIX RANKS RESTARTS      prints JSON
"""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.decomposition import NMF

import matrices


def main():
    path, ranks, restarts = sys.argv[1], [int(k) for k in sys.argv[2].split(",")], int(sys.argv[3])
    x = matrices.read(path).astype(np.float64)
    x = x.tocsr() if hasattr(x, "tocsr") else x
    warnings.simplefilter("ignore")
    began, errors = time.perf_counter(), []
    for rank in ranks:
        errors.append(min(NMF(rank, init="random", random_state=seed).fit(x).reconstruction_err_ for seed in range(restarts)))
    json.dump({"seconds": time.perf_counter() - began, "errors": errors}, sys.stdout)


main()

#!/usr/bin/python3
"""scikit-learn's NMF for the Kullback-Leibler divergence, solver mu: seconds of the fit, and the divergence it ends at.

usage: sklearn_kl.py MATRIX K INIT SEED MAX_ITER      prints JSON
"""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.decomposition import NMF

import matrices


def divergence(x, w, h):
    """Σ a·log(a/wh) − a + wh, over blocks of rows so that no large W·H is made."""
    total = 0.0
    for first in range(0, x.shape[0], 500):
        block = x[first:first + 500]
        a = block.toarray() if hasattr(block, "toarray") else block
        b = w[first:first + 500] @ h
        some = a > 0
        total += float(np.sum(a[some] * np.log(a[some] / b[some])) - a.sum() + b.sum())
    return total


def main():
    path, rank, init, seed, most = sys.argv[1:]
    x = matrices.read(path).astype(np.float64)
    x = x.tocsr() if hasattr(x, "tocsr") else x
    model = NMF(int(rank), solver="mu", beta_loss="kullback-leibler", init=init, random_state=int(seed), max_iter=int(most))
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    w = model.fit_transform(x)
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "iterations": model.n_iter_, "error": divergence(x, w, model.components_)}, sys.stdout)


main()

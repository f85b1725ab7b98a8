#!/usr/bin/python3
"""Fits from Python, against scikit-learn's or against the library's own clock.

usage: binding_race.py race MATRIX RANK RUNS | overhead RUNS      prints JSON
"""
import json
import sys
import time
import warnings

import numpy as np
import sklearn.decomposition

import matrices
import nmf


def timed(make):
    began = time.perf_counter()
    made = make()
    return made, time.perf_counter() - began


def relative(X, error):
    return error / (np.sqrt(X.multiply(X).sum()) if hasattr(X, "multiply") else np.linalg.norm(X))


def race(path, rank, runs):
    X = matrices.read(path).astype(np.float64).T
    X = X.tocsr() if hasattr(X, "tocsr") else np.ascontiguousarray(X)
    for seed in range(int(runs)):
        theirs, their_seconds = timed(lambda: sklearn.decomposition.NMF(int(rank), random_state=seed).fit(X))
        aim = relative(X, theirs.reconstruction_err_)
        stop = lambda progress: progress["relative_error"] <= aim
        ours, seconds = timed(lambda: nmf.NMF(int(rank), random_state=seed, callback=stop).fit(X))
        whole, whole_seconds = timed(lambda: nmf.NMF(int(rank), random_state=seed).fit(X))
        assert ours.relative_error_ <= aim, (ours.relative_error_, aim)
        yield {"ours": seconds, "theirs": their_seconds, "whole": whole_seconds, "their_error": aim, "our_error": whole.relative_error_}


def overhead(runs):
    rng = np.random.default_rng(0)
    X = rng.random((5000, 20)) @ rng.random((20, 2000)) + 0.1 * rng.random((5000, 2000))
    for _ in range(int(runs)):
        model, wall = timed(lambda: nmf.NMF(20, init="nndsvd", random_state=0, tol=0, max_iter=100).fit(X))
        yield {"wall": wall, "inside": model.seconds_}


warnings.simplefilter("ignore")
json.dump(list({"race": race, "overhead": overhead}[sys.argv[1]](*sys.argv[2:])), sys.stdout)

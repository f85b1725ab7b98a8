#!/usr/bin/python3
"""The error of scikit-learn's NMF after every iteration, with the seconds spent: what ./dev bench compares with.

usage: sklearn_curve.py MATRIX K f64|f32 cd|mu SEED MAX_ITER TOL       prints JSON

Runs the very updates that sklearn.decomposition.NMF(solver=...) runs, in its order, from its random start, so that errors can
be looked at between them; the looking is not timed. It ends where NMF's own rule at TOL would end it.
"""
import json
import sys
import time

import numpy as np
import scipy.io
import scipy.sparse as sp
from sklearn.decomposition import _nmf as nmf


def read(path):
    if path.endswith(".npy"):
        return np.load(path)
    if path.endswith(".npz"):
        return sp.load_npz(path).tocsr()
    return scipy.io.mmread(path).tocsr()


def relative_error(x, w, h):
    return float(nmf._beta_divergence(x, w, h, 2, square_root=True) / norm)


path, k, dtype, solver, seed, max_iter, tol = sys.argv[1:]
x = read(path).astype(np.float64 if dtype == "f64" else np.float32)
norm = np.sqrt((x.data**2).sum()) if sp.issparse(x) else np.linalg.norm(x)
began = time.perf_counter()
w, h = nmf._initialize_nmf(x, int(k), init="random", random_state=int(seed))
rng = np.random.RandomState(int(seed))
ht = np.asarray(h.T, order="C")
seconds, curve, first, h_sum = time.perf_counter() - began, [], None, None
for iteration in range(1, int(max_iter) + 1):
    began = time.perf_counter()
    if solver == "cd":
        violation = nmf._update_coordinate_descent(x, w, ht, 0, 0, False, rng)
        violation += nmf._update_coordinate_descent(x.T, ht, w, 0, 0, False, rng)
    else:
        w, h_sum, _, _ = nmf._multiplicative_update_w(x, w, h, beta_loss=2, l1_reg_W=0, l2_reg_W=0, gamma=1)
        h = nmf._multiplicative_update_h(x, w, h, beta_loss=2, l1_reg_H=0, l2_reg_H=0, gamma=1)
    seconds += time.perf_counter() - began
    curve.append((seconds, relative_error(x, w, ht.T if solver == "cd" else h)))
    if solver == "cd":
        first = violation if first is None else first
        if first == 0 or violation / first <= float(tol):
            break
    elif iteration % 10 == 0:
        if (curve[-11][1] if iteration > 10 else curve[0][1]) - curve[-1][1] < float(tol) * curve[0][1]:
            break
json.dump({"curve": curve, "iterations": len(curve), "relative_error": curve[-1][1]}, sys.stdout)

#!/usr/bin/python3
"""The error of scikit-learn's NMF after every iteration, with the seconds spent: what ./dev bench compares with.

usage: sklearn_curve.py MATRIX K f64|f32 cd|mu INIT SEED MAX_ITER TOL GOAL       prints JSON

Runs the very updates that sklearn.decomposition.NMF(solver=...) runs, in its order, from its own start, so that errors can be
looked at between them; the making of the start is timed, the looking is not. It ends after MAX_ITER iterations, where the
error is at GOAL or below, or, for cd, where NMF's own rule at TOL would end it.
"""
import json
import sys
import time

import numpy as np
import threadpoolctl
from sklearn.decomposition import _nmf as nmf

import matrices


def squares(x):
    values = x if isinstance(x, np.ndarray) else x.data
    return float(np.vdot(values, values))


def relative_error(x, norm2, w, ht):
    """‖A‖² − 2⟨A·Hᵀ, W⟩ + ⟨WᵀW, HHᵀ⟩, which makes nothing of A's size."""
    left = norm2 - 2 * float(np.vdot(x @ ht, w)) + float(np.vdot(w.T @ w, ht.T @ ht))
    return (max(left, 0) / norm2) ** 0.5


class Descent:
    """solver="cd". `moved` is how much the last iteration moved, of what the first did."""

    def __init__(self, x, w, h, seed):
        self.x, self.w, self.ht = x, w, np.asarray(h.T, order="C")
        self.random, self.first = np.random.RandomState(seed), None

    def step(self):
        violation = nmf._update_coordinate_descent(self.x, self.w, self.ht, 0, 0, False, self.random)
        violation += nmf._update_coordinate_descent(self.x.T, self.ht, self.w, 0, 0, False, self.random)
        self.first = violation if self.first is None else self.first
        self.moved = violation / self.first if self.first else 0


class Multiplication:
    """solver="mu". `moved` never ends it."""

    moved = float("inf")

    def __init__(self, x, w, h, seed):
        self.x, self.w, self.ht = x, w, h.T

    def step(self):
        w, _, _, _ = nmf._multiplicative_update_w(self.x, self.w, self.ht.T, 2, 0, 0, 1)
        self.w, self.ht = w, nmf._multiplicative_update_h(self.x, w, self.ht.T, 2, 0, 0, 1).T


def curve(x, rank, solver, init, seed, most, tol, goal):
    """(seconds, relative error) after every iteration."""
    points, norm2, began = [], squares(x), time.perf_counter()
    w, h = nmf._initialize_nmf(x, rank, init=init, random_state=seed)
    run = {"cd": Descent, "mu": Multiplication}[solver](x, w, h, seed)
    seconds = time.perf_counter() - began
    while len(points) < most and (not points or (points[-1][1] > goal and run.moved > tol)):
        began = time.perf_counter()
        run.step()
        seconds += time.perf_counter() - began
        points.append((seconds, relative_error(x, norm2, run.w, run.ht)))
    return points


def main():
    path, rank, dtype, solver, init, seed, most, tol, goal = sys.argv[1:]
    x = matrices.read(path).astype(np.float64 if dtype == "f64" else np.float32)
    points = curve(x, int(rank), solver, init, int(seed), int(most), float(tol), float(goal))
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    blas = ", ".join(f"{p['internal_api']} {p['version']} {p.get('architecture')}, {p['num_threads']} threads" for p in pools)
    json.dump({"curve": points, "blas": blas}, sys.stdout)


main()

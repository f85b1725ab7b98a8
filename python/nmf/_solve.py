"""From scikit-learn's terms to the library's.

The library factorizes A ≈ W H with a feature a row; users have X with a sample a row, and call what belongs to samples
W. So A = Xᵀ, the library's W is Hᵀ and its H is Wᵀ; transposed arrays and matrices are views, and nothing is copied. An
iteration then makes W first and H second, as scikit-learn's does.
"""

from __future__ import annotations

import os
from typing import Any, Callable, NamedTuple, Optional

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from . import _native
from ._inputs import allowed_entries, check_zeros, refused
from ._params import NAMED_BETAS, is_whole
from ._warnings import warn

# scikit-learn's stop looks at ten iterations together, the library's at one.
ITERATIONS_OF_TOL = 10
SMALLEST = 5e-324
# Seconds.
CHECKPOINT_EVERY = 60.0
# float32 saves time where memory is what takes it. Below so many entries float64 is as fast, and gives the same digits
# as for the same X in float64.
SMALL = 2**20
ROWS_AT_ONCE = 1024
INITS_WITHIN = ("nndsvd", "nndsvda", "nndsvdar")


class Task(NamedTuple):
    """What is asked of a fit, apart from X: parameters by scikit-learn's names, checked."""

    params: dict
    mask: Any = None
    weights: Any = None
    whom: str = "NMF (input X)"

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)


def beta_of(params: dict) -> Optional[float]:
    """The β of the loss; None of losses that have none."""
    if params.get("loss") is None:
        beta = params.get("beta_loss", "frobenius")
        return NAMED_BETAS[beta] if isinstance(beta, str) else float(beta)
    name, _, number = params["loss"].partition(":")
    return {"frobenius": 2.0, "kl": 1.0, "is": 0.0, "beta": float(number) if name == "beta" else None}.get(name)


def loss_of(params: dict) -> str:
    if params.get("loss") is not None:
        return params["loss"]
    named = {2.0: "frobenius", 1.0: "kl", 0.0: "is"}
    beta = beta_of(params)
    return named.get(beta, f"beta:{beta!r}") if beta is not None else "frobenius"


def solver_of(params: dict) -> str:
    solver = params.get("solver", "cd")
    return {"cd": "hals"}.get(solver, solver)


def seed_of(random_state: Any) -> int:
    """A seed for what the library draws: the number given, or one drawn from the generator."""
    if is_whole(random_state):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def mean_of(X: Any, missing: bool) -> float:
    """Of the entries that are not missing; some rows at a time, so that X is not copied."""
    if not missing:
        return X.mean()
    if sp.issparse(X):
        unseen = np.isnan(X.data).sum()
        return np.nansum(X.data) / max(X.shape[0] * X.shape[1] - unseen, 1)
    blocks = [X[i : i + ROWS_AT_ONCE] for i in range(0, X.shape[0], ROWS_AT_ONCE)]
    unseen = sum(np.isnan(block).sum() for block in blocks)
    return sum(np.nansum(block) for block in blocks) / max(X.size - unseen, 1)


def draw_start(X: Any, k: int, random_state: Any, missing: bool = False) -> tuple:
    """W and H as scikit-learn draws them for init='random' (`_initialize_nmf`): the same numbers in the same order."""
    n, m = X.shape
    mean = mean_of(X, missing)
    scale = np.sqrt(abs(mean) / k) if np.isfinite(mean) else 1.0
    rng = check_random_state(random_state)
    H = np.abs(scale * rng.standard_normal(size=(k, m)).astype(X.dtype, copy=False))
    W = np.abs(scale * rng.standard_normal(size=(n, k)).astype(X.dtype, copy=False))
    return W, H


def init_of(X: Any, k: int, task: Task) -> Optional[str]:
    """The name of the start, None being the solver's own."""
    params, init = task.params, task.get("init")
    within = k <= min(X.shape)
    # What looks at every entry is not for X of which some are hidden.
    hidden = task.mask is not None or task.weights is not None or task.get("missing") is not None
    if init in INITS_WITHIN and not within:
        raise ValueError(
            f"init = {init!r} can only be used when n_components <= min(n_samples, n_features): {k} is above "
            f"{min(X.shape)}"
        )
    if init is None and params.get("restarts", 1) == 1:
        return "random" if not within or hidden else "nndsvda" if solver_of(params) == "mu" else None
    return init


def start_options(X: Any, k: int, task: Task, given: Optional[tuple]) -> dict:
    """Where a fit begins: from what was given, from scikit-learn's random numbers, or from a start of the library's."""
    if given is None:
        init = init_of(X, k, task)
        if init != "random" or task.get("restarts", 1) > 1:
            return {"init": init}
        given = draw_start(X, k, task.get("random_state"), task.get("missing") is not None)
    W, H = given
    return {"start_w": H.T, "start_h": W.T}


def entries_of(X: Any) -> int:
    """Entries that are stored."""
    return X.nnz if sp.issparse(X) else X.size


def common_options(X: Any, k: int, task: Task) -> dict:
    """What fits, transforms and batches are told alike."""
    params = task.params
    alpha_W = params.get("alpha_W", 0.0)
    alpha_H = params.get("alpha_H", "same")
    transposed = {
        name: None if value is None else value.T for name, value in (("mask", task.mask), ("weights", task.weights))
    }
    return {
        "rank": int(k),
        "loss": loss_of(params),
        "alpha-h": float(alpha_W),
        "alpha-w": float(alpha_W if alpha_H == "same" else alpha_H),
        "l1-ratio": float(params.get("l1_ratio", 0.0)) if alpha_W or alpha_H not in ("same", 0) else None,
        "dtype": "f32" if X.dtype == np.float32 and entries_of(X) > SMALL else "f64",
        "threads": _native.threads(params.get("n_threads")),
        **transposed,
    }


def checkpoint_options(task: Task) -> dict:
    path = task.get("checkpoint")
    if path is None:
        return {}
    path = os.fspath(path)
    there = os.path.exists(path) or os.path.exists(f"{path}.1")
    return {"checkpoint": path, "checkpoint-every": CHECKPOINT_EVERY, "resume": there}


def fit_options(X: Any, k: int, task: Task, given: Optional[tuple]) -> dict:
    tol = task.get("tol", 1e-4)
    start = start_options(X, k, task, given)
    return {
        **common_options(X, k, task),
        **start,
        "solver": solver_of(task.params),
        # The generator goes on only where there is something left to draw.
        "seed": 0 if "start_w" in start else seed_of(task.get("random_state")),
        "max-iter": int(task.get("max_iter", 200)),
        "tol": max(float(tol) / ITERATIONS_OF_TOL, SMALLEST),
        "stop": "change",
        "order": "start",
        "restarts": int(task.get("restarts", 1)),
        **checkpoint_options(task),
    }


def check_loss(X: Any, task: Task) -> None:
    """Losses that are infinite where X is 0; of X some of which is hidden the library knows it."""
    beta = beta_of(task.params)
    if beta is not None and task.mask is None and task.weights is None:
        check_zeros(X, beta)


def check_task(X: Any, task: Task) -> None:
    """What depends on more than one parameter, or on X."""
    beta, solver = beta_of(task.params), task.get("solver", "cd")
    if solver == "cd" and task.get("loss") is None and beta != 2:
        raise ValueError(
            f"Invalid beta_loss parameter: solver {solver!r} does not handle beta_loss = {task.get('beta_loss')!r}; "
            "'mu' does as scikit-learn's, and 'hals' and 'bpp' take fewer iterations"
        )
    check_loss(X, task)
    if solver == "mu" and task.get("init") == "nndsvd":
        warn(
            "The multiplicative update ('mu') solver cannot update zeros present in the initialization, and so leads "
            "to poorer results when used jointly with init='nndsvd'. You may try init='nndsvda' or init='nndsvdar' "
            "instead.",
            UserWarning,
        )


def warn_unconverged(iterations: int, params: dict) -> None:
    if iterations >= params["max_iter"] and params["tol"] > 0:
        warn(
            f"Maximum number of iterations {params['max_iter']} reached. Increase it to improve convergence.",
            ConvergenceWarning,
        )


def observer_of(params: dict) -> Optional[Callable]:
    """The callback, and what verbose prints."""
    callback, verbose = params.get("callback"), params.get("verbose", 0)
    if not verbose:
        return callback

    def tell(progress: dict) -> Any:
        print(
            f"iteration {progress['iteration']}: error {progress['error']:.6g}, relative "
            f"{progress['relative_error']:.6f}, {progress['seconds']:.2f} s"
        )
        return callback(progress) if callback else None

    return tell


def watching(X: Any, task: Task) -> Any:
    return refused(X, task.whom, task.get("missing"), mask=task.mask, weights=task.weights)


def fit(X: Any, k: int, task: Task, given: Optional[tuple] = None) -> dict:
    """Factorize X: a dict of what was found, W and H by the names of this side."""
    check_task(X, task)
    options = fit_options(X, k, task, given)
    with watching(X, task):
        found = _native.fit(X.T, options, observer_of(task.params), allowed_entries(task.get("missing")))
    return turned(found, X.dtype)


def start(X: Any, k: int, task: Task) -> tuple:
    """The W and H that a fit would begin with."""
    with watching(X, task):
        found = _native.start(X.T, fit_options(X, k, task, None), None, allowed_entries(task.get("missing")))
    found = turned(found, X.dtype)
    return found["W"], found["H"]


def turned(found: dict, dtype: Any) -> dict:
    """W and H of this side, row by row, in X's precision."""
    w, h = found.pop("w"), found.pop("h")
    return {**found, "H": np.ascontiguousarray(w.T, dtype), "W": np.ascontiguousarray(h.T, dtype)}


def transform(X: Any, H: np.ndarray, task: Task) -> dict:
    """The W that is best for X with H held: least squares solved exactly; of other losses to convergence."""
    check_loss(X, task)
    options: dict = {**common_options(X, H.shape[0], task), "solver": "auto", "rank": None}
    with watching(X, task):
        found = _native.transform(X.T, H.T, options, None, allowed_entries(task.get("missing")))
    return turned(found, X.dtype)


def evaluate(X: Any, W: np.ndarray, H: np.ndarray, task: Task) -> dict:
    """How good W and H are for X."""
    with watching(X, task):
        return _native.evaluate(X.T, H.T, W.T, common_options(X, H.shape[0], task),
                                allowed_entries(task.get("missing")))


def reported_error(found: dict) -> float:
    """As scikit-learn reports it: ‖X − WH‖F, or the square root of twice a β-divergence; other losses as they are."""
    divergence = found["loss"] in ("kl", "is", "beta")
    return float(np.sqrt(2 * max(found["error"], 0))) if divergence else found["error"]

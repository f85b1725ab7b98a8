"""MiniBatchNMF: for data that come in batches, or do not fit in memory at once."""

from __future__ import annotations

import itertools
import math
from typing import Any, Optional

import numpy as np
import scipy.sparse as sp
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from . import _native, _solve
from ._inputs import Sheet, annotate, open_sheet
from ._nmf import BaseNMF


class Watch:
    """When to stop: H moves no more, or the objective, smoothed over batches, falls no more."""

    def __init__(self, tol: float, patience: Optional[int], samples: int):
        self.tol = tol
        self.patience = patience
        self.samples = samples
        self.smoothed: Optional[float] = None
        self.least = math.inf
        self.without_gain = 0
        self.steps = 0

    def settled(self, objective: float, moved: float, batch: int) -> bool:
        self.steps += 1
        if self.steps == 1:
            return False
        share = min(1.0, batch / (self.samples + 1))
        self.smoothed = objective if self.smoothed is None else (1 - share) * self.smoothed + share * objective
        # A batch without an entry above 0 moves nothing, and says nothing.
        if 0 < moved <= self.tol:
            return True
        self.without_gain = 0 if self.smoothed < self.least else self.without_gain + 1
        self.least = min(self.least, self.smoothed)
        return self.patience is not None and self.without_gain >= self.patience


class MiniBatchNMF(BaseNMF):
    """Non-negative matrix factorization that looks at a batch of samples at a time.

    Takes the place of scikit-learn's `MiniBatchNMF`, with the same parameters and attributes: multiplicative updates in
    which earlier batches count for less and less (Lefèvre, Bach & Févotte 2011). Where X fits in memory, `NMF` gets
    farther in less time.

    Parameters
    ----------
    n_components : int or None, default=None
        k, how many components to find. None: as many as X has features.

    init : {'random', 'nndsvd', 'nndsvda', 'nndsvdar', 'custom'} or None, default=None
        Where to start; as in `NMF`. None: 'nndsvda', or 'random' where there are more components than samples or
        features. An H given for 'custom' is worked on in place, as in scikit-learn.

    batch_size : int, default=1024
        Samples in a batch.

    beta_loss : float or {'frobenius', 'kullback-leibler', 'itakura-saito'}, default='frobenius'
        The β-divergence to make small: 2, 1 and 0 are those named.

    tol : float, default=1e-4
        Stop where a batch moves H by less than this share of its norm, with `fresh_restarts` by less than a tenth of it. 0:
        never for that.

    max_no_improvement : int or None, default=10
        Stop after so many batches that did not lower the objective, smoothed over batches. None: never for that.

    max_iter : int, default=200
        Passes over X at most.

    alpha_W, alpha_H, l1_ratio
        Penalties, as in `NMF`, on every batch.

    forget_factor : float, default=0.7
        What a pass over all samples leaves of what was learned before. 1 forgets nothing.

    fresh_restarts : bool, default=False
        W is solved for anew with every batch, rather than updated once. Slower, and better.

    fresh_restarts_max_iter : int, default=30
        Accepted for scikit-learn's sake: W is solved for exactly here.

    transform_max_iter : int or None, default=None
        Likewise.

    random_state : int, RandomState or None, default=None
        Seed of the start.

    verbose : int, default=0
        Not 0: every batch prints a line.

    n_threads : int or None, default=None ✚
        As in `NMF`.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        H.
    n_components_ : int
        How many there are.
    reconstruction_err_ : float
        ‖X − W H‖, or the square root of twice the β-divergence; not after `partial_fit`.
    n_iter_ : int
        Passes over X that were begun.
    n_steps_ : int
        Batches learned from.
    n_features_in_ : int
        Features of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where X has names that are strings.

    References
    ----------
    Lefèvre, Bach & Févotte (2011), Online algorithms for nonnegative matrix factorization with the Itakura-Saito
    divergence.

    Examples
    --------
    >>> import numpy as np
    >>> from nmf import MiniBatchNMF
    >>> X = np.array([[1, 1], [2, 1], [3, 1.2], [4, 1], [5, 0.8], [6, 1]])
    >>> model = MiniBatchNMF(n_components=2, init="random", random_state=0)
    >>> model.fit_transform(X).shape
    (6, 2)
    """

    solver = "mu"  # what the batches are learned by; not a parameter

    def __init__(
        self,
        n_components: Optional[int] = None,
        *,
        init: Optional[str] = None,
        batch_size: int = 1024,
        beta_loss: Any = "frobenius",
        tol: float = 1e-4,
        max_no_improvement: Optional[int] = 10,
        max_iter: int = 200,
        alpha_W: float = 0.0,
        alpha_H: Any = "same",
        l1_ratio: float = 0.0,
        forget_factor: float = 0.7,
        fresh_restarts: bool = False,
        fresh_restarts_max_iter: int = 30,
        transform_max_iter: Optional[int] = None,
        random_state: Any = None,
        verbose: int = 0,
        n_threads: Optional[int] = None,
    ):
        self.n_components = n_components
        self.init = init
        self.batch_size = batch_size
        self.beta_loss = beta_loss
        self.tol = tol
        self.max_no_improvement = max_no_improvement
        self.max_iter = max_iter
        self.alpha_W = alpha_W
        self.alpha_H = alpha_H
        self.l1_ratio = l1_ratio
        self.forget_factor = forget_factor
        self.fresh_restarts = fresh_restarts
        self.fresh_restarts_max_iter = fresh_restarts_max_iter
        self.transform_max_iter = transform_max_iter
        self.random_state = random_state
        self.verbose = verbose
        self.n_threads = n_threads

    def _more_tags(self) -> dict:
        why = "W is what the batches left, as in scikit-learn; transform solves for it"
        names = ("check_transformer_general", "check_transformer_data_not_an_array")
        return {**super()._more_tags(), "_xfail_checks": {} if self.fresh_restarts else {name: why for name in names}}

    def _task(self, X: Any, mask: Any = None, weights: Any = None) -> _solve.Task:
        task = super()._task(X, mask, weights)
        return task._replace(params={**task.params, "solver": self.solver})

    def _begin(self, X: Any, task: _solve.Task, W: Any, H: Any) -> tuple:
        """W and H to start from, and nothing learned yet."""
        _solve.check_task(X, task)
        W, H = self._given(X, W, H) or _solve.start(X, self._rank(X), task)
        self._share = self.forget_factor ** (min(self.batch_size, X.shape[0]) / X.shape[0])
        self._pull = np.ascontiguousarray(H.T, dtype=np.float64)
        self._push = np.ones_like(self._pull)
        self.n_steps_ = 0
        return W, H

    def _learn(self, X: Any, W: np.ndarray, H: np.ndarray, task: _solve.Task, solve: bool) -> tuple:
        """Learn from a batch: W and H are updated in place. Returns the objective of a sample, and how far H moved."""
        state = np.ascontiguousarray(H.T, dtype=np.float64)
        of_batch = np.array(W.T, dtype=np.float64, order="C")
        with _solve.watching(X, task):
            objective, moved = _native.learn(
                X.T, _solve.common_options(X, H.shape[0], task), state, self._pull, self._push, of_batch,
                float(self._share), solve, 0,
            )
        H[...] = state.T
        W[...] = of_batch.T
        self.n_steps_ += 1
        return objective / X.shape[0], moved

    def _run(self, X: Any, W: np.ndarray, H: np.ndarray, task: _solve.Task) -> None:
        """Batch after batch, until there is no more to gain."""
        n = X.shape[0]
        size = min(self.batch_size, n)
        a_pass = math.ceil(n / size)
        # Where W is solved for, H gets as far by smaller steps.
        watch = Watch(self.tol / (10 if self.fresh_restarts else 1), self.max_no_improvement, n)
        for batch in itertools.islice(itertools.cycle(gen_batches(n, size)), self.max_iter * a_pass):
            objective, moved = self._learn(X[batch], W[batch], H, task, self.fresh_restarts)
            if self.verbose:
                print(f"batch {self.n_steps_}/{self.max_iter * a_pass}: objective {objective:.6g}, moved {moved:.3g}")
            if watch.settled(objective, moved, batch.stop - batch.start):
                break
        self.n_iter_ = math.ceil(self.n_steps_ / a_pass)

    def _fit(self, sheet: Sheet, W: Any, H: Any) -> np.ndarray:
        X = self._check_X(sheet, reset=True)
        X = X.tocsr() if sp.issparse(X) else X
        task = self._task(X)
        W, H = self._begin(X, task, W, H)
        self._run(X, W, H, task)
        self.components_, self.n_components_ = H, H.shape[0]
        found = _solve.transform(X, H, task) if self.fresh_restarts else {"W": W, **_solve.evaluate(X, W, H, task)}
        self.reconstruction_err_ = _solve.reported_error(found)
        _solve.warn_unconverged(self.n_iter_, task.params)
        annotate(sheet, found["W"], H, {"reconstruction_err": self.reconstruction_err_, "n_iter": self.n_iter_})
        return found["W"]

    def fit(self, X: Any, y: Any = None, W: Any = None, H: Any = None, *, layer: Optional[str] = None) -> "MiniBatchNMF":
        """Find the components of X. Parameters are those of `NMF.fit`."""
        self._fit(open_sheet(X, layer), W, H)
        return self

    def fit_transform(self, X: Any, y: Any = None, W: Any = None, H: Any = None, *,
                      layer: Optional[str] = None) -> np.ndarray:
        """Find the components of X, and return W, of shape (n_samples, n_components)."""
        return self._fit(open_sheet(X, layer), W, H)

    def partial_fit(self, X: Any, y: Any = None, W: Any = None, H: Any = None) -> "MiniBatchNMF":
        """Learn from one batch more: the first one makes the start, W of each is solved for.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The batch.
        y : ignored
        W, H : array-like
            With init='custom', where to start; looked at in the first call only.

        Returns
        -------
        self
        """
        first = not hasattr(self, "components_")
        X = self._check_X(open_sheet(X), reset=first)
        task = self._task(X)
        if first:
            _, H = self._begin(X, task, W, H)
        else:
            H = self.components_
        self._learn(X, np.zeros((X.shape[0], H.shape[0]), X.dtype), H, task, True)
        self.components_, self.n_components_ = H, H.shape[0]
        return self

    def transform(self, X: Any, *, layer: Optional[str] = None) -> np.ndarray:
        """The W of samples, old or new, with the components as they are; as `NMF.transform`."""
        check_is_fitted(self, "components_")
        sheet = open_sheet(X, layer)
        X = self._check_X(sheet, reset=False)
        W = _solve.transform(X, self.components_.astype(X.dtype, copy=False), self._task(X))["W"]
        annotate(sheet, W)
        return W

"""The estimators' common part, and NMF."""

from __future__ import annotations

from inspect import signature
from typing import Any, Optional

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from . import _checkpoint, _solve
from ._inputs import DTYPES, FORMS, Sheet, annotate, check_companion, check_factor, check_names, open_sheet
from ._params import check_params


class BaseNMF(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What NMF and MiniBatchNMF share: checks, inverse_transform, tags."""

    def _check_X(self, sheet: Sheet, reset: bool) -> Any:
        """X as the library takes it, neither copied nor looked at where it can be helped."""
        check_params(type(self).__name__, self._own_params())
        if sheet.names is None:
            return self._validate_data(sheet.X, accept_sparse=FORMS, dtype=DTYPES, force_all_finite=False, reset=reset)
        X = check_array(sheet.X, accept_sparse=FORMS, dtype=DTYPES, force_all_finite=False, estimator=self)
        self._check_n_features(X, reset=reset)
        if reset:
            self.feature_names_in_ = sheet.names
        check_names(sheet.names, getattr(self, "feature_names_in_", None))
        return X

    def _own_params(self) -> dict:
        """The parameters of NMF or MiniBatchNMF, whichever of them a subclass's __init__ names."""
        kind = next(kind for kind in type(self).__mro__ if kind.__module__.partition(".")[0] == __package__)
        return {name: getattr(self, name) for name in list(signature(vars(kind)["__init__"]).parameters)[1:]}

    def _task(self, X: Any, mask: Any = None, weights: Any = None) -> _solve.Task:
        params = self._own_params()
        if params.get("checkpoint") is not None and params["random_state"] is None:
            params["random_state"] = 0
        return _solve.Task(
            params,
            check_companion(mask, X, "mask", np.float32),
            check_companion(weights, X, "weights", X.dtype),
            whom=f"{type(self).__name__} (input X)",
        )

    def _rank(self, X: Any) -> int:
        return X.shape[1] if self.n_components is None else int(self.n_components)

    def _given(self, X: Any, W: Any, H: Any) -> Optional[tuple]:
        """The start of init='custom'."""
        if self.init != "custom":
            return None
        k = self._rank(X)
        H = check_factor(H, (k, X.shape[1]), X.dtype, "NMF (input H)")
        return check_factor(W, (X.shape[0], k), X.dtype, "NMF (input W)"), H

    def inverse_transform(self, W: Any) -> Any:
        """Transform back: W H.

        Parameters
        ----------
        W : array-like of shape (n_samples, n_components)
            As `transform` gives it.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
        """
        check_is_fitted(self, "components_")
        return W @ self.components_

    @property
    def _n_features_out(self) -> int:
        return self.components_.shape[0]

    def _more_tags(self) -> dict:
        return {
            "requires_positive_X": True,
            "preserves_dtype": [np.float64, np.float32],
            "allow_nan": getattr(self, "missing", None) is not None,
        }


class NMF(BaseNMF):
    """Non-negative matrix factorization: X ≈ W H, none of them with a number below 0.

    Takes the place of scikit-learn's `NMF`: the same parameters, attributes and conventions, by a library that needs
    fewer and faster passes over X. What scikit-learn has not is marked with ✚.

    What is made small, over W ≥ 0 and H ≥ 0, is

        loss(X, W H) + alpha_W·n_features·(l1_ratio·ΣW + ½·(1 − l1_ratio)·‖W‖²)
                     + alpha_H·n_samples·(l1_ratio·ΣH + ½·(1 − l1_ratio)·‖H‖²)

    with a loss of ½·‖X − W H‖² unless `beta_loss` or `loss` says otherwise.

    Parameters
    ----------
    n_components : int or None, default=None
        k, how many components to find. None: as many as X has features. `nmf.rank_survey` helps to choose.

    init : {'random', 'nndsvd', 'nndsvda', 'nndsvdar', 'custom', 'sample', 'sketch', 'spa', 'kmeans'} or None, default=None
        Where to start.

        - None: 'nndsvd' ('nndsvda' with solver 'mu') where n_components <= min(n_samples, n_features), else 'random'.
        - 'random': random numbers, those that scikit-learn draws for the same `random_state`.
        - 'nndsvd': from singular vectors (Boutsidis & Gallopoulos 2008); 'nndsvda' with the mean of X, 'nndsvdar' with
          small random numbers in place of zeros.
        - 'custom': the W and H given to `fit`.
        - 'sample' ✚: random numbers, fitted to a tenth of X first: the fastest on large X.
        - 'sketch' ✚: random numbers, fitted to what four passes over X keep of it first: for X whose passes are dear.
        - 'spa' ✚, 'kmeans' ✚: samples that are far apart, centres of clusters.

    solver : {'cd', 'mu', 'hals', 'bpp', 'als', 'auto'}, default='cd'
        - 'cd' is 'hals' ✚: coordinate descent, several sweeps an iteration, extrapolated with restarts (Ang & Gillis
          2019); by Newton's models for losses other than the squares. 'auto' ✚ chooses it, too.
        - 'mu': multiplicative updates, plain as in scikit-learn. Slow; 'hals' takes every loss that it takes.
        - 'bpp' ✚: exact non-negative least squares by block principal pivoting (Kim & Park 2011).
        - 'als' ✚: least squares, negatives set to 0. It need not converge.

    beta_loss : float or {'frobenius', 'kullback-leibler', 'itakura-saito'}, default='frobenius'
        The β-divergence: 2, 1 and 0 are those named. As in scikit-learn, 'cd' takes 'frobenius' alone.

    tol : float, default=1e-4
        Stop where ten iterations lower the error (with penalties, what is made small) by less than this share of it. 0:
        only where nothing lowers it any more.

    max_iter : int, default=200
        Iterations at most. One iteration updates W, then H.

    random_state : int, RandomState or None, default=None
        Seed of what is random: starts, and the sketches of 'nndsvd'. An int gives the same result every time.

    alpha_W : float, default=0.0
        Weight of the penalty on W.

    alpha_H : float or 'same', default='same'
        Weight of the penalty on H; 'same': that of W.

    l1_ratio : float, default=0.0
        The share of the penalties that is for sums (1, which makes zeros) rather than squares (0).

    verbose : int, default=0
        Not 0: every iteration prints a line.

    shuffle : bool, default=False
        Accepted for scikit-learn's sake. The order of the coordinates makes no difference worth a choice here.

    loss : str or None, default=None ✚
        In place of `beta_loss`, for every solver: 'frobenius', 'kl', 'is', 'beta:1.5', 'huber:2' or 'mae'.

    missing : None or nan, default=None ✚
        `numpy.nan`: entries of X that are NaN are not looked at. None: they are refused.

    restarts : int, default=1 ✚
        Starts, from random numbers of different seeds unless `init` says otherwise; the best is kept, the worse ones are
        dropped on the way.

    n_threads : int or None, default=None ✚
        Threads to use; None: as many as OpenMP is given (`OMP_NUM_THREADS`, threadpoolctl). No result depends on it.
        A process that was forked from one that had imported nmf uses one.

    callback : callable or None, default=None ✚
        Called after every iteration of a fit with a dict: iteration, max_iter, seconds, error, relative_error, start,
        starts. A true answer stops the fit with what it has; an exception ends it.

    checkpoint : path or None, default=None ✚
        A file that the fit is kept in: once a minute, and when it is interrupted (Ctrl-C, an exception in `callback`). If
        it is there, also after a crash, the same fit goes on from it, to the very numbers that it would have come to; at
        the end it is removed. Its `random_state` must be the same; None then is 0. Not of several `restarts`.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        H.

    n_components_ : int
        How many there are.

    reconstruction_err_ : float
        ‖X − W H‖, or the square root of twice the β-divergence; of 'huber' and 'mae' the loss itself.

    n_iter_ : int
        Iterations made.

    n_features_in_ : int
        Features of X.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where X has names that are strings.

    history_ : dict of ndarrays ✚
        seconds, error, relative_error and objective after each iteration.

    kkt_residual_ : float ✚
        How far the fit is from a point where no single number of W or H can be moved to lower what is made small: 0
        there; 1e-3 is close.

    relative_error_ : float ✚
        The error relative to that of W H = 0, or for β-divergences to that of the mean everywhere.

    converged_ : bool ✚
        Was `tol` met before `max_iter`?

    stop_reason_ : str ✚
        'change' (tol), 'max-iter', 'exact', 'stalled' (rounding), 'interrupted' (by the callback).

    seconds_ : float ✚
        What the fit took.

    starts_ : list of dicts ✚
        With `restarts`: the seed, the error and the fate of each start.

    See Also
    --------
    MiniBatchNMF : For data that come in batches.
    rank_survey : How many components there are.
    consensus : Components that many starts agree on.

    Notes
    -----
    X is used where it is: float32 and float64, in C and in Fortran order, also a `numpy.memmap`, are not copied; a sparse
    X is copied once by rows and once by columns. Computed is in X's own precision, but for a float32 X of up to 2²⁰
    entries, which is small enough for double precision; integers become float64.

    `fit_transform` gives the W that `transform` gives: it is solved for anew when `components_` are final ('mu' excepted,
    whose W is the one it multiplied, as in scikit-learn).

    An `AnnData` may stand for X (`layer` names one of its layers). W then also goes into ``obsm["X_nmf"]``, Hᵀ into
    ``varm["NMF"]`` and what the fit came to into ``uns["nmf"]``.

    References
    ----------
    Cichocki & Phan (2009), Fast local algorithms for large scale nonnegative matrix and tensor factorizations.

    Ang & Gillis (2019), Accelerating nonnegative matrix factorization algorithms using extrapolation.

    Févotte & Idier (2011), Algorithms for nonnegative matrix factorization with the β-divergence.

    Kim & Park (2011), Fast nonnegative matrix factorization: an active-set-like method and comparisons.

    Examples
    --------
    >>> import numpy as np
    >>> from nmf import NMF
    >>> X = np.array([[1, 1], [2, 1], [3, 1.2], [4, 1], [5, 0.8], [6, 1]])
    >>> model = NMF(n_components=2, init="random", random_state=0)
    >>> W = model.fit_transform(X)
    >>> bool(np.allclose(W @ model.components_, X, atol=0.01))
    True
    """

    def __init__(
        self,
        n_components: Optional[int] = None,
        *,
        init: Optional[str] = None,
        solver: str = "cd",
        beta_loss: Any = "frobenius",
        tol: float = 1e-4,
        max_iter: int = 200,
        random_state: Any = None,
        alpha_W: float = 0.0,
        alpha_H: Any = "same",
        l1_ratio: float = 0.0,
        verbose: int = 0,
        shuffle: bool = False,
        loss: Optional[str] = None,
        missing: Optional[float] = None,
        restarts: int = 1,
        n_threads: Optional[int] = None,
        callback: Any = None,
        checkpoint: Any = None,
    ):
        self.n_components = n_components
        self.init = init
        self.solver = solver
        self.beta_loss = beta_loss
        self.tol = tol
        self.max_iter = max_iter
        self.random_state = random_state
        self.alpha_W = alpha_W
        self.alpha_H = alpha_H
        self.l1_ratio = l1_ratio
        self.verbose = verbose
        self.shuffle = shuffle
        self.loss = loss
        self.missing = missing
        self.restarts = restarts
        self.n_threads = n_threads
        self.callback = callback
        self.checkpoint = checkpoint

    def _keep(self, found: dict) -> None:
        """What was found, as attributes."""
        self.components_ = found["H"]
        self.n_components_ = found["H"].shape[0]
        self.reconstruction_err_ = _solve.reported_error(found)
        self.relative_error_ = found["relative_error"]
        self.n_iter_ = found["iterations"]
        self.history_ = found["history"]
        self.kkt_residual_ = found["kkt_residual"]
        self.converged_ = found["converged"]
        self.stop_reason_ = found["stop_reason"]
        self.seconds_ = found["seconds"]
        self.starts_ = found["starts"]

    def _fit(self, sheet: Sheet, W: Any, H: Any, mask: Any, weights: Any, resolve: bool) -> np.ndarray:
        """Fit, keep what was found, and return W: that of the fit, or the best one for the components."""
        X = self._check_X(sheet, reset=True)
        task = self._task(X, mask, weights)
        _checkpoint.check(self.checkpoint)
        found = _solve.fit(X, self._rank(X), task, self._given(X, W, H))
        _checkpoint.clear(self.checkpoint, found)
        self._keep(found)
        _solve.warn_unconverged(self.n_iter_, task.params)
        if resolve and self.solver != "mu":
            found = _solve.transform(X, self.components_, task)
            self.reconstruction_err_, self.relative_error_ = _solve.reported_error(found), found["relative_error"]
        annotate(sheet, found["W"], self.components_, self._facts())
        return found["W"]

    def _facts(self) -> dict:
        """What AnnData's uns["nmf"] says."""
        plain = {name: value for name, value in self._own_params().items()
                 if isinstance(value, (str, int, float)) and value == value}
        return {
            "params": plain,
            "reconstruction_err": self.reconstruction_err_,
            "relative_error": self.relative_error_,
            "kkt_residual": self.kkt_residual_,
            "n_iter": self.n_iter_,
            "converged": self.converged_,
            "history": self.history_,
        }

    def fit(self, X: Any, y: Any = None, W: Any = None, H: Any = None, *, mask: Any = None, weights: Any = None,
            layer: Optional[str] = None) -> "NMF":
        """Find the components of X.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame, AnnData} of shape (n_samples, n_features)
            No entry below 0.
        y : ignored
        W : array-like of shape (n_samples, n_components)
            With init='custom': where to start.
        H : array-like of shape (n_components, n_features)
            Likewise.
        mask : {array-like, sparse matrix} of X's shape ✚
            Entries that are not 0 here are hidden from the fit.
        weights : {array-like, sparse matrix} of X's shape ✚
            What each entry counts, 0 or above.
        layer : str ✚
            Which layer of an AnnData X to take; None: its X.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            A parameter, X, W, H, mask or weights cannot be used; the message says which, where and what is allowed.
        MemoryError
            The fit would take more than there is; the message says how much.
        """
        self._fit(open_sheet(X, layer), W, H, mask, weights, resolve=False)
        return self

    def fit_transform(self, X: Any, y: Any = None, W: Any = None, H: Any = None, *, mask: Any = None,
                      weights: Any = None, layer: Optional[str] = None) -> np.ndarray:
        """Find the components of X, and return W. Parameters and errors are those of `fit`.

        Returns
        -------
        W : ndarray of shape (n_samples, n_components)
        """
        return self._fit(open_sheet(X, layer), W, H, mask, weights, resolve=True)

    def transform(self, X: Any, *, mask: Any = None, weights: Any = None, layer: Optional[str] = None) -> np.ndarray:
        """The W of samples, old or new, with the components as they are.

        Of the plain squares it is the exact solution of non-negative least squares; else what is made small is, until it
        changes no more.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame, AnnData} of shape (n_samples, n_features)
        mask, weights, layer
            As for `fit`.

        Returns
        -------
        W : ndarray of shape (n_samples, n_components)
        """
        check_is_fitted(self, "components_")
        sheet = open_sheet(X, layer)
        X = self._check_X(sheet, reset=False)
        W = _solve.transform(X, self.components_.astype(X.dtype, copy=False), self._task(X, mask, weights))["W"]
        annotate(sheet, W)
        return W

    def score(self, X: Any, y: Any = None, *, mask: Any = None, weights: Any = None,
              layer: Optional[str] = None) -> float:
        """How well the components explain samples: minus the relative error with their best W. ✚

        For model selection (GridSearchCV). More components always explain the samples of the fit better;
        `nmf.rank_survey` looks at entries that are held out instead.

        Returns
        -------
        score : float
            0 at best.
        """
        check_is_fitted(self, "components_")
        X = self._check_X(open_sheet(X, layer), reset=False)
        components = self.components_.astype(X.dtype, copy=False)
        return -_solve.transform(X, components, self._task(X, mask, weights))["relative_error"]

"""non_negative_factorization, for those who want W and H rather than an estimator."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
from sklearn.utils import check_array

from . import _solve
from ._inputs import DTYPES, FORMS, check_factor, open_sheet
from ._nmf import NMF
from ._params import check_params


def non_negative_factorization(
    X: Any,
    W: Any = None,
    H: Any = None,
    n_components: Optional[int] = None,
    *,
    init: Optional[str] = None,
    update_H: bool = True,
    solver: str = "cd",
    beta_loss: Any = "frobenius",
    tol: float = 1e-4,
    max_iter: int = 200,
    alpha_W: float = 0.0,
    alpha_H: Any = "same",
    l1_ratio: float = 0.0,
    random_state: Any = None,
    verbose: int = 0,
    shuffle: bool = False,
    loss: Optional[str] = None,
    missing: Optional[float] = None,
    restarts: int = 1,
    n_threads: Optional[int] = None,
) -> tuple:
    """Find W and H with X ≈ W H, none of them with a number below 0.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
    W : array-like of shape (n_samples, n_components)
        With init='custom': where to start.
    H : array-like of shape (n_components, n_features)
        Likewise; with update_H=False it is held as it is.
    n_components : int or None
        How many components; None: those of H with update_H=False, else as many as X has features.
    update_H : bool, default=True
        False: only W is solved for, as by `NMF.transform`. W and `init` are then ignored.

    The others are those of `NMF`.

    Returns
    -------
    W : ndarray of shape (n_samples, n_components)
    H : ndarray of shape (n_components, n_features)
    n_iter : int
        Iterations made.

    Examples
    --------
    >>> import numpy as np
    >>> from nmf import non_negative_factorization
    >>> X = np.array([[1, 1], [2, 1], [3, 1.2], [4, 1], [5, 0.8], [6, 1]])
    >>> W, H, n_iter = non_negative_factorization(X, n_components=2, init="random", random_state=0)
    >>> W.shape, H.shape
    ((6, 2), (2, 2))
    """
    model = NMF(
        n_components, init=init, solver=solver, beta_loss=beta_loss, tol=tol, max_iter=max_iter,
        random_state=random_state, alpha_W=alpha_W, alpha_H=alpha_H, l1_ratio=l1_ratio, verbose=verbose,
        shuffle=shuffle, loss=loss, missing=missing, restarts=restarts, n_threads=n_threads,
    )
    check_params("non_negative_factorization", {**model.get_params(deep=False), "update_H": update_H})
    X = check_array(open_sheet(X).X, accept_sparse=FORMS, dtype=DTYPES, force_all_finite=False)
    if update_H:
        W = model.fit_transform(X, W=W, H=H)
        return W, model.components_, model.n_iter_
    return hold_H(X, H, model)


def hold_H(X: Any, H: Any, model: NMF) -> tuple:
    if H is None:
        raise ValueError("update_H=False needs an H, and it is None")
    k = model.n_components if model.n_components is not None else np.shape(H)[0]
    H = check_factor(H, (k, X.shape[1]), X.dtype, "NMF (input H)", held=True)
    task = model._task(X)
    _solve.check_task(X, task)
    found = _solve.transform(X, H, task)
    return found["W"], H, found["iterations"]

"""From what users have (arrays, SciPy matrices, data frames, AnnData) to what the library takes, and back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, NamedTuple, Optional

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array
from sklearn.utils.validation import assert_all_finite

from . import _native
from ._warnings import in_our_words

FORMS = ("csr", "csc")
DTYPES = [np.float64, np.float32]


class Sheet(NamedTuple):
    """A matrix with a sample a row, and where it is from: the AnnData that has it, or None."""

    X: Any
    annotated: Any = None
    names: Optional[np.ndarray] = None


def is_annotated(X: Any) -> bool:
    """Is it an AnnData, or something that walks like one?"""
    return all(hasattr(X, name) for name in ("X", "obsm", "varm", "uns", "layers"))


def open_sheet(X: Any, layer: Optional[str] = None) -> Sheet:
    """The matrix of an AnnData, or the matrix itself. ``layer`` names one of an AnnData's layers; None: its X."""
    if not is_annotated(X):
        if layer is not None:
            raise ValueError(f"layer={layer!r} names a layer of an AnnData, and X is {type(X).__name__}")
        return Sheet(X)
    if layer is not None and layer not in X.layers:
        raise ValueError(f"The AnnData has no layer {layer!r}; it has {', '.join(map(repr, X.layers)) or 'none'}")
    values = X.X if layer is None else X.layers[layer]
    if values is None or is_annotated(values):
        raise ValueError("The AnnData has no matrix in X: name a layer, or pass the matrix itself")
    names = np.asarray(X.var_names, dtype=object)
    return Sheet(values, X, names if all(isinstance(name, str) for name in names) else None)


def annotate(sheet: Sheet, W: np.ndarray, H: Optional[np.ndarray] = None, facts: Optional[dict] = None) -> None:
    """Factors into the AnnData they come from: W into obsm["X_nmf"], H into varm["NMF"], facts into uns["nmf"]."""
    if sheet.annotated is None:
        return
    sheet.annotated.obsm["X_nmf"] = np.asarray(W)
    if H is not None:
        sheet.annotated.varm["NMF"] = np.ascontiguousarray(H.T)
        sheet.annotated.uns["nmf"] = facts


def allowed_entries(missing: Any) -> int:
    return _native.ALLOW_MISSING if missing is not None else 0


def first_place(X: Any, wrong) -> Optional[tuple]:
    """Row, column and value of the first entry of which ``wrong`` is true."""
    if sp.issparse(X):
        entries = X.tocoo()
        found = np.flatnonzero(wrong(entries.data))
        return (entries.row[found[0]], entries.col[found[0]], entries.data[found[0]]) if len(found) else None
    found = np.argwhere(wrong(X))
    return (*found[0], X[tuple(found[0])]) if len(found) else None


def refuse(X: Any, whom: str, missing: Any, reason: Exception) -> None:
    """The library refused X: say why in the words of those who use arrays."""
    values = X.data if sp.issparse(X) else X
    try:
        assert_all_finite(values, allow_nan=missing is not None, input_name="X")
    except ValueError as found:
        hint = " missing=numpy.nan makes NaN an entry that nobody observed." if whom.startswith("NMF") else ""
        raise ValueError(f"{found}{hint if 'NaN' in str(found) else ''}") from reason
    negative = first_place(X, lambda values: values < 0)
    if negative is not None:
        row, col, value = negative
        raise ValueError(
            f"Negative values in data passed to {whom}: X[{row}, {col}] is {value!r}; every entry must be 0 or above"
        ) from reason


@contextmanager
def refused(X: Any, whom: str, missing: Any = None, **companions: Any) -> Iterator[None]:
    """Nothing is looked at before the library does it: what that refuses is looked at here."""
    try:
        yield
    except _native.InputError as reason:
        refuse(X, whom, missing, reason)
        for name, given in companions.items():
            bad = None if given is None else first_place(given, lambda values: ~((values >= 0) & np.isfinite(values)))
            if bad is not None:
                row, col, value = bad
                raise ValueError(f"{name}[{row}, {col}] is {value!r}; it must be a finite number, 0 or above") from reason
        raise _native.InputError(in_our_words(str(reason))) from None


def check_zeros(X: Any, beta: float) -> None:
    """Losses that are infinite where X is 0."""
    if beta > 0:
        return
    if (sp.issparse(X) and X.nnz < X.shape[0] * X.shape[1]) or first_place(X, lambda values: values == 0) is not None:
        raise ValueError(
            "When beta_loss <= 0 and X contains zeros, the solver may diverge. Please add small values to X, or use a "
            "positive beta_loss."
        )


def check_factor(factor: Any, shape: tuple, dtype: np.dtype, whom: str, held: bool = False) -> np.ndarray:
    """W or H as it was given: of this shape, without negative entries; where it is to be updated, not all zero."""
    factor = check_array(factor, dtype=None, ensure_min_samples=0, ensure_min_features=0)
    if factor.shape != shape:
        raise ValueError(f"Array with wrong shape passed to {whom}. Expected {shape}, but got {factor.shape}")
    negative = first_place(factor, lambda values: values < 0)
    if negative is not None:
        row, col, value = negative
        raise ValueError(f"Negative values in data passed to {whom}: entry [{row}, {col}] is {value!r}")
    if not held and not factor.any():
        raise ValueError(f"Array passed to {whom} is full of zeros.")
    if factor.dtype.kind == "f" and factor.dtype.itemsize < np.dtype(dtype).itemsize:
        letter = whom[-2]
        raise TypeError(
            f"{letter} should have the same dtype as X, or a wider one. Got {letter}.dtype = {factor.dtype} and "
            f"X.dtype = {np.dtype(dtype)}: {letter}.astype({np.dtype(dtype)}) makes it so."
        )
    return factor.astype(dtype, copy=False)


def check_names(names: np.ndarray, fitted: Optional[np.ndarray]) -> None:
    """The features of an AnnData are those of the fit, in their order."""
    if fitted is None or np.array_equal(names, fitted):
        return
    if set(names) == set(fitted):
        raise ValueError("The feature names should match those that were passed during fit: they are the same in another "
                         "order")
    new, gone = [name for name in names if name not in set(fitted)], [name for name in fitted if name not in set(names)]
    raise ValueError("The feature names should match those that were passed during fit: "
                     f"{len(new)} are new ({', '.join(new[:3])}), {len(gone)} are missing ({', '.join(gone[:3])})")


def check_companion(given: Any, X: Any, name: str, dtype: Any) -> Any:
    """A mask or weights: a matrix of X's shape."""
    if given is None:
        return None
    given = check_array(given, accept_sparse=FORMS, dtype=dtype, force_all_finite=False)
    if given.shape != X.shape:
        raise ValueError(f"{name} must have the shape of X, {X.shape}; it has {given.shape}")
    return given

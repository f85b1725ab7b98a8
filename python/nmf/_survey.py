"""How many components there are, and how sure each of them is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Optional

import numpy as np
from sklearn.utils import check_array

from . import _native, _solve
from ._inputs import DTYPES, FORMS, allowed_entries, check_companion, open_sheet
from ._params import RULES, InvalidParameterError, check_params, is_whole, positive, whole

# Columns of the table, in its order; nmf.h says what each is.
TABLE = ("rank", "relative_error", "explained", "cophenetic", "dispersion", "pac", "silhouette_samples", "stability",
         "held_out", "held_out_error", "seconds")


@dataclass
class RankSurvey:
    """What `rank_survey` found.

    Attributes
    ----------
    rows : list of dict
        One a rank: rank, restarts, error, relative_error, median_error and explained of the fits; cophenetic,
        dispersion, pac and silhouette_samples of how often two samples belong together (Brunet et al. 2004; Kim & Park
        2007); silhouette_spectra, stability and stability_least of the components of all starts (Kotliar et al. 2019);
        held_out and held_out_error of entries that the fit did not see; seconds.
    rank : int
        The number of components that is suggested; 0: none.
    low, high : int
        What is left open.
    reason, doubt : str
        Why, and what speaks against it.
    """

    rows: list
    rank: int = 0
    low: int = 0
    high: int = 0
    reason: str = ""
    doubt: str = ""

    def column(self, name: str) -> np.ndarray:
        """One number of every rank."""
        return np.array([row[name] for row in self.rows])

    def to_frame(self) -> Any:
        """All rows as a pandas DataFrame, by rank."""
        import pandas

        return pandas.DataFrame(self.rows, columns=list(self.rows[0]) if self.rows else ["rank"]).set_index("rank")

    def __str__(self) -> str:
        head = " ".join(f"{name:>{max(8, len(name))}}" for name in TABLE)
        lines = [
            " ".join(
                f"{row[name]:>{max(8, len(name))}}" if is_whole(row[name]) else f"{row[name]:>{max(8, len(name))}.4f}"
                for name in TABLE
            )
            for row in self.rows
        ]
        said = f"suggests {self.rank}, with {self.low} to {self.high} left open: {self.reason}" if self.rank else self.reason
        return "\n".join([head, *lines, said, *([self.doubt] if self.doubt else [])])


@dataclass
class Consensus:
    """What `consensus` found: components that many starts agree on, and within which bounds.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        H; each component sums to 1.
    components_low_, components_high_ : ndarray of that shape
        Bounds that `level` of the starts keep.
    W_ : ndarray of shape (n_samples, n_components)
    W_low_, W_high_ : ndarray of that shape
    relative_error_ : float
    spectra_, kept_ : int
        Components of all starts, and those that were not left out as lying apart.
    distance_ : ndarray of shape (spectra_,)
        Of each from its nearest ones.
    density_, level_ : float
        The threshold for that, and the share of the starts that bounds hold.
    samples_ : ndarray of int
        Samples whose belonging together was looked at, in the order of the tree that it gives.
    cluster_ : ndarray of int
        The cluster of each.
    together_ : ndarray of shape (len(samples_), len(samples_))
        The share of the starts in which two of them belong together, in that order.
    row : dict
        The row of a rank survey that the starts make.
    """

    components_: np.ndarray
    components_low_: np.ndarray
    components_high_: np.ndarray
    W_: np.ndarray
    W_low_: np.ndarray
    W_high_: np.ndarray
    relative_error_: float
    spectra_: int
    kept_: int
    distance_: np.ndarray
    density_: float
    level_: float
    samples_: np.ndarray
    cluster_: np.ndarray
    together_: np.ndarray
    row: dict = field(default_factory=dict)


# Parameters of NMF that make sense for many starts of one matrix.
SHARED = {"solver": "cd", "beta_loss": "frobenius", "loss": None, "init": None, "tol": 1e-4, "max_iter": 500,
          "random_state": 0, "alpha_W": 0.0, "alpha_H": "same", "l1_ratio": 0.0, "missing": None, "n_threads": None,
          "verbose": 0, "callback": None}


def take_params(owner: str, given: dict) -> dict:
    for name in given:
        if name not in SHARED:
            raise TypeError(f"{owner}() takes no parameter {name!r}; of NMF's it takes {', '.join(SHARED)}")
    params = {**SHARED, **given}
    check_params(owner, params)
    if params["init"] == "custom":
        raise ValueError(f"{owner} makes its own starts: init='custom' leaves nothing to compare")
    return params


def check_numbers(owner: str, **rules: tuple) -> None:
    for name, (value, rule) in rules.items():
        if not rule.holds(value):
            raise InvalidParameterError(f"The {name!r} parameter of {owner} must be {rule.allowed}. Got {value!r} instead")


def read_X(X: Any, layer: Optional[str]) -> Any:
    return check_array(open_sheet(X, layer).X, accept_sparse=FORMS, dtype=DTYPES, force_all_finite=False)


def options_of(X: Any, k: int, task: _solve.Task) -> dict:
    options = _solve.fit_options(X, k, task._replace(params={**task.params, "restarts": 2}), None)
    return {name: value for name, value in options.items() if name != "restarts"}


def rank_survey(X: Any, ranks: Any = range(2, 11), *, restarts: int = 30, masks: int = 3,
                held_out: float = 0.1, most_samples: int = 1000, mask: Any = None, weights: Any = None,
                layer: Optional[str] = None, on_row: Optional[Callable] = None, **params: Any) -> RankSurvey:
    """Look at X with different numbers of components.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame, AnnData} of shape (n_samples, n_features)
    ranks : int or iterable of int, default=range(2, 11)
        Numbers of components to look at, from 1 to min(n_samples, n_features).
    restarts : int, default=30
        Fits of each, from different random starts.
    masks : int, default=3
        How often entries are held out of one more fit, to see how well it foretells them. 0: never.
    held_out : float, default=0.1
        The share of entries held out.
    most_samples : int, default=1000
        Belonging together is looked at for so many samples, drawn where there are more.
    mask, weights, layer
        As for `NMF.fit`.
    on_row : callable
        Called with every row as it is found.
    **params
        Of `NMF`: solver, beta_loss, loss, init, tol, max_iter, random_state, alpha_W, alpha_H, l1_ratio, missing,
        n_threads, verbose, callback. A callback that stops leaves out the rank at hand and those after it.

    Returns
    -------
    survey : RankSurvey
        Print it for the table and the suggestion; `nmf.plot_ranks` draws it.

    References
    ----------
    Brunet et al. (2004), Metagenes and molecular pattern discovery using matrix factorization.
    Kotliar et al. (2019), Identifying gene expression programs of cell-type identity and cellular activity.
    """
    check_numbers("rank_survey", restarts=(restarts, whole(2)), masks=(masks, whole(0)),
                  held_out=(held_out, positive(0.9)), most_samples=(most_samples, whole(1)), on_row=(on_row, RULES["callback"]))
    params = take_params("rank_survey", params)
    X = read_X(X, layer)
    task = _solve.Task(params, check_companion(mask, X, "mask", np.float32),
                       check_companion(weights, X, "weights", X.dtype), whom="rank_survey (input X)")
    _solve.check_task(X, task)
    rows: list = []
    for k in [ranks] if is_whole(ranks) else ranks:
        check_numbers("rank_survey", ranks=(k, whole(1)))
        with _solve.watching(X, task):
            row = _native.survey(X.T, options_of(X, k, task), _solve.observer_of(params),
                                 allowed_entries(params["missing"]), restarts, masks or -1, float(held_out),
                                 most_samples)
        if row is None:
            break
        rows.append(row)
        if on_row is not None:
            on_row(row)
    return RankSurvey(rows, **_native.suggest(rows))


def consensus(X: Any, n_components: int, *, restarts: int = 100, density: float = 0.5, nearest: float = 0.3,
              level: float = 0.9, most_samples: int = 1000, mask: Any = None, weights: Any = None,
              layer: Optional[str] = None, **params: Any) -> Optional[Consensus]:
    """The components that many starts agree on (Kotliar et al. 2019), with bounds on every number.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame, AnnData} of shape (n_samples, n_features)
    n_components : int
    restarts : int, default=100
        Fits from different random starts.
    density : float, default=0.5
        Components farther than this from their nearest ones, on average, are left out.
    nearest : float, default=0.3
        How many nearest ones, as a share of the starts.
    level : float, default=0.9
        The share of the starts that bounds hold.
    most_samples, mask, weights, layer, **params
        As for `rank_survey`.

    Returns
    -------
    found : Consensus, or None where the callback stopped it.
        `nmf.plot_consensus` draws it.
    """
    check_numbers("consensus", n_components=(n_components, whole(1)), restarts=(restarts, whole(2)),
                  density=(density, positive()), nearest=(nearest, positive(1)), level=(level, positive(1)),
                  most_samples=(most_samples, whole(1)))
    params = take_params("consensus", params)
    X = read_X(X, layer)
    task = _solve.Task(params, check_companion(mask, X, "mask", np.float32),
                       check_companion(weights, X, "weights", X.dtype), whom="consensus (input X)")
    _solve.check_task(X, task)
    with _solve.watching(X, task):
        found = _native.consensus(X.T, options_of(X, n_components, task), _solve.observer_of(params),
                                  allowed_entries(params["missing"]), restarts, float(density), float(nearest),
                                  float(level), most_samples)
    return None if found is None else consensus_of(found)


def consensus_of(found: dict) -> Consensus:
    turned = {name: np.ascontiguousarray(found[name].T) for name in
              ("w", "w_low", "w_high", "h", "h_low", "h_high")}
    return Consensus(
        turned["w"], turned["w_low"], turned["w_high"], turned["h"], turned["h_low"], turned["h_high"],
        found["relative_error"], found["spectra"], found["kept"], found["distance"], found["density"], found["level"],
        found["sample"], found["cluster"], found["together"], found["row"],
    )

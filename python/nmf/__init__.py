"""Non-negative matrix factorization: X ≈ W H, none of them with a number below 0.

    from nmf import NMF

    model = NMF(n_components=10)
    W = model.fit_transform(X)      # samples × components
    H = model.components_           # components × features

``NMF``, ``MiniBatchNMF`` and ``non_negative_factorization`` take what scikit-learn's of these names take, and more:
missing values, masks and weights, other losses and solvers, restarts. ``rank_survey`` says how many components there
are, ``consensus`` how sure each of them is, and ``plot_ranks``, ``plot_consensus``, ``plot_history`` and
``plot_components`` draw what was found. The arithmetic is done by the C library of this name, on every core.
"""

from . import _waiting  # before all else: it says why
from ._function import non_negative_factorization
from ._minibatch import MiniBatchNMF
from ._native import InputError
from ._native import version as __version__
from ._nmf import NMF
from ._plots import plot_components, plot_consensus, plot_history, plot_ranks
from ._warnings import NMFWarning
from ._survey import Consensus, RankSurvey, consensus, rank_survey

__all__ = [
    "NMF",
    "MiniBatchNMF",
    "non_negative_factorization",
    "rank_survey",
    "RankSurvey",
    "consensus",
    "Consensus",
    "plot_ranks",
    "plot_consensus",
    "plot_history",
    "plot_components",
    "InputError",
    "NMFWarning",
    "__version__",
]

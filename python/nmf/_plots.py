"""Pictures by matplotlib, which is imported when one is drawn. Each function draws into axes given, or into new ones."""

from __future__ import annotations

from typing import Any, Optional, Sequence

import numpy as np
from sklearn.utils.validation import check_is_fitted

# Colours that stay apart in gray and for most eyes (Okabe & Ito 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")


def new_axes(axes: Any, count: int, across: Optional[int] = None, size: tuple = (4.5, 3.2)) -> Any:
    """So many axes, or those given, which must be as many."""
    if axes is not None:
        axes = np.ravel(axes)
        if len(axes) != count:
            raise ValueError(f"axes has {len(axes)} axes; this draws into {count}")
        return axes
    import matplotlib.pyplot as plt

    across = across or count
    down = -(-count // across)
    figure, made = plt.subplots(down, across, figsize=(size[0] * across, size[1] * down), squeeze=False,
                                layout="constrained")
    for spare in made.ravel()[count:]:
        spare.set_axis_off()
    return made.ravel()[:count]


def plot_ranks(survey: Any, axes: Any = None) -> np.ndarray:
    """Draw a rank survey: errors, and how alike the starts are, against the number of components.

    Parameters
    ----------
    survey : RankSurvey
    axes : two matplotlib axes, or None for a new figure

    Returns
    -------
    axes : ndarray of Axes
    """
    if not survey.rows:
        raise ValueError("the survey has no rows")
    errors, likeness = axes = new_axes(axes, 2)
    ranks = survey.column("rank")
    errors.plot(ranks, survey.column("relative_error"), "o-", color=COLOURS[0], label="relative error of the best start")
    held = survey.column("held_out")
    if np.isfinite(held).any():
        errors.errorbar(ranks, held, survey.column("held_out_error"), fmt="s--", color=COLOURS[1], capsize=3,
                        label="of entries held out")
    for colour, mark, name in zip(COLOURS, "os^D", ("cophenetic", "dispersion", "silhouette_samples", "stability")):
        likeness.plot(ranks, survey.column(name), f"{mark}-", color=colour, label=name.replace("_", " of "))
    for one in axes:
        one.set_xlabel("components")
        one.set_xticks(ranks)
        if survey.rank:
            one.axvline(survey.rank, color="0.8", zorder=0)
        one.legend(frameon=False, fontsize="small")
    return axes


def plot_consensus(found: Any, axes: Any = None) -> np.ndarray:
    """Draw a consensus: how often two samples belong together, and how far components lie from their nearest ones.

    Parameters
    ----------
    found : Consensus
    axes : two matplotlib axes, or None for a new figure

    Returns
    -------
    axes : ndarray of Axes
    """
    heat, histogram = axes = new_axes(axes, 2)
    drawn = heat.imshow(found.together_, cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    heat.figure.colorbar(drawn, ax=heat, label="share of the starts together")
    for border in np.flatnonzero(np.diff(found.cluster_)):
        heat.axhline(border + 0.5, color="white", linewidth=0.5)
        heat.axvline(border + 0.5, color="white", linewidth=0.5)
    heat.set_xlabel("samples, by cluster")
    histogram.hist(found.distance_, bins=40, color=COLOURS[0])
    histogram.axvline(found.density_, color=COLOURS[1], linestyle="--", label="left out beyond")
    histogram.set_xlabel("distance from the nearest components")
    histogram.set_ylabel(f"components of {found.row['restarts']} starts")
    histogram.legend(frameon=False, fontsize="small")
    return axes


def plot_history(model: Any, axes: Any = None) -> Any:
    """Draw the relative error of a fit against its iterations.

    Parameters
    ----------
    model : NMF, fitted
    axes : matplotlib axes, or None for a new figure

    Returns
    -------
    axes : Axes
    """
    check_is_fitted(model, "history_")
    (one,) = new_axes(axes, 1)
    error = model.history_["relative_error"]
    one.plot(np.arange(1, len(error) + 1), error, color=COLOURS[0])
    one.set_xlabel("iteration")
    one.set_ylabel("relative error")
    return one


def feature_names(model: Any, names: Optional[Sequence[str]]) -> np.ndarray:
    count = model.components_.shape[1]
    if names is None:
        names = getattr(model, "feature_names_in_", [f"feature {j}" for j in range(count)])
    if len(names) != count:
        raise ValueError(f"names has {len(names)} names, and the model {count} features")
    return np.asarray(names)


def plot_components(model: Any, shape: Optional[tuple] = None, *, top: int = 10,
                    names: Optional[Sequence[str]] = None, across: int = 5, axes: Any = None) -> np.ndarray:
    """Draw the components: as pictures of a shape, or as bars of their strongest features.

    Parameters
    ----------
    model : NMF, MiniBatchNMF or Consensus, fitted
    shape : (height, width) of the pictures that samples are; None: bars
    top : int, default=10
        Bars a component.
    names : sequence of str
        Names of the features; None: the model's own.
    across : int, default=5
        Components side by side.
    axes : an axes a component, or None for a new figure

    Returns
    -------
    axes : ndarray of Axes
    """
    if hasattr(model, "fit"):
        check_is_fitted(model, "components_")
    components = model.components_
    if shape is not None and len(np.atleast_1d(shape)) != 2:
        raise ValueError(f"shape must be (height, width); it is {shape!r}")
    if shape is not None and int(np.prod(shape)) != components.shape[1]:
        raise ValueError(f"shape {tuple(shape)} has {int(np.prod(shape))} pixels, and the model {components.shape[1]} "
                         "features")
    named = feature_names(model, names)
    axes = new_axes(axes, len(components), min(across, len(components)), (1.6, 1.6) if shape else (3, 2.6))
    for c, (one, component) in enumerate(zip(axes, components)):
        one.set_title(f"{c}", fontsize="small")
        if shape is not None:
            one.imshow(component.reshape(shape), cmap="gray_r", interpolation="nearest")
            one.set_axis_off()
            continue
        strongest = np.argsort(component)[::-1][:top][::-1]
        one.barh(np.arange(len(strongest)), component[strongest], color=COLOURS[0])
        one.set_yticks(np.arange(len(strongest)), named[strongest], fontsize="small")
    return axes

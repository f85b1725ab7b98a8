"""What parameters may be. A table says it for every one of them, and the message is made from that."""

from __future__ import annotations

from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, Callable, NamedTuple, Optional

from sklearn.utils import check_random_state

SOLVERS = ("cd", "mu", "auto", "hals", "bpp", "als")
INITS = ("random", "nndsvd", "nndsvda", "nndsvdar", "custom", "sample", "sketch", "spa", "kmeans")
NAMED_BETAS = {"frobenius": 2.0, "kullback-leibler": 1.0, "itakura-saito": 0.0}
LOSSES = ("frobenius", "kl", "is", "beta:B", "huber:D", "mae")


class Rule(NamedTuple):
    """One parameter's: is a value allowed, and what to say is allowed."""

    holds: Callable[[Any], bool]
    allowed: str
    names: tuple = ()


def is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value and abs(value) != float("inf")


class InvalidParameterError(ValueError, TypeError):
    """A parameter is not what it may be."""


def whole(least: int, none: Optional[str] = None, most: int = 2**31 - 1) -> Rule:
    return Rule(
        lambda value: (none is not None and value is None) or (is_whole(value) and least <= value <= most),
        f"a whole number from {least} to {most}" + (f", or None for {none}" if none else ""),
    )


def number(least: float, most: float = float("inf")) -> Rule:
    bounds = f"of {least:g} or above" if most == float("inf") else f"from {least:g} to {most:g}"
    return Rule(lambda value: is_number(value) and least <= value <= most, f"a number {bounds}")


def positive(most: float = float("inf")) -> Rule:
    bound = "" if most == float("inf") else f", {most:g} at most"
    return Rule(lambda value: is_number(value) and 0 < value <= most, f"a number above 0{bound}")


def choice(names: tuple, none: Optional[str] = None) -> Rule:
    listed = ", ".join(repr(name) for name in names) + (f", or None for {none}" if none else "")
    return Rule(
        lambda value: (isinstance(value, str) and value in names) or (none is not None and value is None),
        f"one of {listed}",
        names,
    )


flag = Rule(lambda value: value is True or value is False or type(value).__name__ == "bool_", "True or False")


def beta_holds(value: Any) -> bool:
    return value in NAMED_BETAS if isinstance(value, str) else is_number(value)


def loss_holds(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    name, colon, text = value.partition(":")
    if name not in {known.partition(":")[0] for known in LOSSES}:
        return False
    try:
        return bool(colon) == (name in ("beta", "huber")) and (not colon or is_number(float(text)))
    except ValueError:
        return False


def random_state_holds(value: Any) -> bool:
    try:
        check_random_state(value)
    except ValueError:
        return False
    return True


RULES = {
    "n_components": whole(1, "as many as X has features"),
    "init": choice(INITS, "the solver's own"),
    "solver": choice(SOLVERS),
    "beta_loss": Rule(
        beta_holds, "a finite number, or one of 'frobenius', 'kullback-leibler', 'itakura-saito'", tuple(NAMED_BETAS)
    ),
    "loss": Rule(loss_holds, f"one of {', '.join(LOSSES)}, or None for what beta_loss says", LOSSES),
    "tol": number(0),
    "max_iter": whole(1),
    "random_state": Rule(random_state_holds, "a whole number from 0 to 4294967295, a RandomState, or None"),
    "alpha_W": number(0),
    "alpha_H": Rule(lambda value: value == "same" if isinstance(value, str) else number(0).holds(value),
                    "a number of 0 or above, or 'same'", ("same",)),
    "l1_ratio": number(0, 1),
    "verbose": Rule(lambda value: flag.holds(value) or (is_whole(value) and value >= 0),
                    "a whole number, 0 or above, or True or False"),
    "shuffle": flag,
    "n_threads": whole(1, "all that OpenMP is given", 1024),
    "missing": Rule(lambda value: value is None or (isinstance(value, Real) and value != value),
                    "None, or numpy.nan where NaN marks entries that nobody observed"),
    "restarts": whole(1, most=10**6),
    "update_H": flag,
    "callback": Rule(lambda value: value is None or callable(value), "a function, or None"),
    "checkpoint": Rule(lambda value: value is None or isinstance(value, str) or hasattr(value, "__fspath__"),
                       "a path, or None"),
    "batch_size": whole(1),
    "max_no_improvement": whole(1, "no such stop"),
    "forget_factor": number(0, 1),
    "fresh_restarts": flag,
    "fresh_restarts_max_iter": whole(1),
    "transform_max_iter": whole(1, "max_iter"),
}


def check_params(owner: str, params: dict) -> None:
    """Raise an InvalidParameterError that says which parameter is wrong, and what it may be."""
    for name, value in params.items():
        rule = RULES[name]
        if not rule.holds(value):
            close = get_close_matches(value, rule.names, 1, 0.5) if isinstance(value, str) else []
            hint = f". Did you mean {close[0]!r}?" if close else ""
            raise InvalidParameterError(f"The {name!r} parameter of {owner} must be {rule.allowed}. Got {value!r} instead{hint}")
    if params.get("loss") is not None and params.get("beta_loss") not in ("frobenius", 2):
        raise InvalidParameterError(
            f"{owner} was given both loss={params['loss']!r} and beta_loss={params['beta_loss']!r}; give one of them"
        )

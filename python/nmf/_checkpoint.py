"""What an interrupted fit had reached, kept in a file, so that the same fit can go on from there."""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional

import numpy as np

from . import _native
from ._inputs import allowed_entries, check_factor
from ._solve import Task
from ._warnings import warn

# What may differ between the fit that was interrupted and the one that goes on.
FREE = {"max_iter", "tol", "verbose", "n_threads", "callback", "checkpoint", "random_state", "init", "restarts"}


def hash_of(matrix: Any, missing: Any = None) -> Optional[str]:
    return None if matrix is None else f"{_native.hash(matrix.T, allowed_entries(missing)):016x}"


def fingerprint(X: Any, task: Task) -> dict:
    held = {name: repr(value) for name, value in task.params.items() if name not in FREE}
    return {"matrix": hash_of(X, task.get("missing")), "mask": hash_of(task.mask), "weights": hash_of(task.weights), **held}


def part_of(path: Any) -> str:
    return f"{os.fspath(path)}.part"


def check_writable(path: Any) -> None:
    """Said before the fit rather than after it."""
    try:
        with open(part_of(path), "wb"):
            pass
        os.remove(part_of(path))
    except (OSError, ValueError) as reason:
        raise ValueError(f"checkpoint={os.fspath(path)!r} cannot be written: {reason}") from reason


def read(path: Any) -> tuple:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as kept:
            return kept["W"], kept["H"], dict(json.loads(str(kept["of"])))
    except (OSError, KeyError, ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as reason:
        raise ValueError(f"{path} is not a checkpoint of a fit, or it is damaged: {reason}") from reason


def load(path: Any, X: Any, k: int, task: Task) -> Optional[tuple]:
    """W and H of the file, None where there is none. ValueError: it is of another matrix, or of other parameters."""
    check_writable(path)
    if not Path(path).exists():
        return None
    W, H, said = read(path)
    now = fingerprint(X, task)
    differing = sorted(name for name in now if said.get(name) != now[name])
    if differing:
        raise ValueError(
            f"{path} is the checkpoint of a fit with another {', '.join(differing)}; remove it, or name another file"
        )
    try:
        H = check_factor(H, (k, X.shape[1]), X.dtype, "NMF (input H)")
        return check_factor(W, (X.shape[0], k), X.dtype, "NMF (input W)"), H
    except (ValueError, TypeError) as reason:
        raise ValueError(f"{path} is not a checkpoint of a fit, or it is damaged: {reason}") from reason


def save(path: Any, X: Any, task: Task, found: dict) -> None:
    """Beside the file first, then in its place. What interrupted the fit is on its way up: a failure is a warning."""
    beside = part_of(path)
    try:
        with open(beside, "wb") as out:
            np.savez(out, W=found["W"], H=found["H"], of=json.dumps(fingerprint(X, task)))
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, path)
    except OSError as reason:
        warn(f"the checkpoint {path} could not be written: {reason}")
        with suppress(OSError):
            os.remove(beside)


def clear(path: Any) -> None:
    """A fit that came to its end leaves none."""
    Path(path).unlink(missing_ok=True)

"""What an interrupted fit had reached, kept in a file, so that the same fit can go on from there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Optional

import numpy as np

from . import _native
from ._inputs import allowed_entries

# What may differ between the fit that was interrupted and the one that goes on.
FREE = {"max_iter", "tol", "verbose", "n_threads", "callback", "checkpoint", "random_state", "init"}


def fingerprint(X: Any, params: dict) -> dict:
    held = {name: repr(value) for name, value in params.items() if name not in FREE}
    return {"matrix": f"{_native.hash(X.T, allowed_entries(params.get('missing'))):016x}", **held}


def load(path: Any, X: Any, params: dict) -> Optional[tuple]:
    """W and H of the file, None where there is none. ValueError: it is of another matrix, or of other parameters."""
    if path is None or not Path(path).exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            W, H, said = kept["W"], kept["H"], json.loads(str(kept["of"]))
    except (OSError, KeyError, ValueError, EOFError) as reason:
        raise ValueError(f"{path} is not a checkpoint of a fit, or it is damaged: {reason}") from reason
    now = fingerprint(X, params)
    differing = sorted(name for name in now if said.get(name) != now[name])
    if differing:
        raise ValueError(
            f"{path} is the checkpoint of a fit with another {', '.join(differing)}; remove it, or name another file"
        )
    return W.astype(X.dtype, copy=False), H.astype(X.dtype, copy=False)


def save(path: Any, X: Any, params: dict, found: dict) -> None:
    """Beside the file first, then in its place."""
    beside = f"{os.fspath(path)}.part"
    with open(beside, "wb") as out:
        np.savez(out, W=found["W"], H=found["H"], of=json.dumps(fingerprint(X, params)))
        out.flush()
        os.fsync(out.fileno())
    os.replace(beside, path)


def clear(path: Any) -> None:
    """A fit that came to its end leaves none."""
    if path is not None:
        Path(path).unlink(missing_ok=True)

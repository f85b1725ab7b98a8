"""The file that a fit is kept in while it runs; the library writes it, and goes on from it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any


def check(path: Any) -> None:
    """What cannot be written is said before the fit rather than after it."""
    if path is None:
        return
    probe = f"{os.fspath(path)}.new"
    try:
        with open(probe, "wb"):
            pass
        os.remove(probe)
    except (OSError, ValueError) as reason:
        raise ValueError(f"checkpoint={os.fspath(path)!r} cannot be written: {reason}") from reason


def clear(path: Any, found: dict) -> None:
    """A fit that came to its end leaves none."""
    if path is None or found["stop_reason"] == "interrupted":
        return
    for name in (os.fspath(path), f"{os.fspath(path)}.1"):
        with suppress(FileNotFoundError):
            os.remove(name)

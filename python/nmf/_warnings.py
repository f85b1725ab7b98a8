"""Warnings, shown where the user called, in the words of those who have a sample a row."""

from __future__ import annotations

import re
import sys
import warnings

from . import _native


class NMFWarning(UserWarning):
    """Something about the matrix or the options that does not keep a fit from being made."""


# The library has a feature a row and a sample a column.
WORDS = {"row": "feature", "rows": "features", "column": "sample", "columns": "samples"}


def in_our_words(sentence: str) -> str:
    """Rows and columns from 1 become places of X from 0, and what there is none of is left out."""
    sentence = re.sub(r"row (\d+)(?: \([^)]*\))?, column (\d+)(?: \([^)]*\))?",
                      lambda place: f"X[{int(place[2]) - 1}, {int(place[1]) - 1}]", sentence)
    sentence = re.sub(r"\b0 rows and |(?<=rows) and 0 columns", "", sentence)
    return re.sub(r"\b(rows?|columns?)\b", lambda word: WORDS[word.group()], sentence)


def level_of_user() -> int:
    """How many calls lie between the caller of this and the first frame that is neither ours nor scikit-learn's."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("nmf", "sklearn"):
        level, frame = level + 1, frame.f_back
    return level


def warn(sentence: str, category: type = NMFWarning) -> None:
    warnings.warn(sentence, category, stacklevel=level_of_user())


_native.on_warning(lambda sentence: warn(in_our_words(sentence)))

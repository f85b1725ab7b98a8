"""What every part hands over: a table, its rows as they were measured, and the bars that they are held against."""
import math
import statistics
import sys


def say(line):
    print(line, file=sys.stderr, flush=True)


def spread(seconds):
    """The runs' own seconds, and their least, median and most."""
    return {"runs": seconds, "min": min(seconds), "median": statistics.median(seconds), "max": max(seconds)}


def at_least(name, figure, aim):
    return {"bar": name, "figure": figure, "aim": f"≥ {aim:g}", "reached": figure >= aim}


def at_most(name, figure, aim):
    return {"bar": name, "figure": figure, "aim": f"≤ {aim:g}", "reached": figure <= aim}


def plain(value):
    """The same for JSON, which has no infinity: None there."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

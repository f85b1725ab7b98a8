"""Joins what the parts left in build/bench/PART.json to build/bench.json and build/bench.md."""
import json
import os

from cases import ROOT
from report import plain

FOLDER = os.path.join(ROOT, "build", "bench")


def write(path, value):
    with open(path, "w", encoding="utf-8") as out:
        json.dump(plain(value), out, indent=1, ensure_ascii=False, allow_nan=False)


def keep(part, piece):
    write(os.path.join(FOLDER, part + ".json"), piece)


def pieces(parts):
    """Those that were measured, in the order of `parts`."""
    found = {}
    for part in parts:
        path = os.path.join(FOLDER, part + ".json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found[part] = json.load(file)
    return found


def rows(part):
    """What was measured of a part so far."""
    piece = pieces([part]).get(part)
    return piece["rows"] if piece else []


def cell(value, form):
    return "–" if value is None else format(value, form)


def table(headings, lines):
    """Of markdown, followed by an empty line."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows) + "\n"


def machine(piece):
    return table(["machine", ""], [[name, str(value)] for name, value in piece["machine"].items()])


def bars(piece):
    return [[bar["bar"], bar["aim"], cell(bar["figure"], ".2f"), "yes" if bar["reached"] else "**no**"] for bar in piece["bars"]]


def section(piece):
    keys, headings, forms = zip(*piece["columns"])
    lines = [[cell(row[key], form) for key, form in zip(keys, forms)] for row in piece["rows"]]
    return f"## {piece['title']}\n\n{piece['note']} Measured {piece['date']}, load {piece['load']}.\n\n{table(headings, lines)}"


def markdown(found):
    newest = max(found.values(), key=lambda piece: piece["date"])
    held = [line for piece in found.values() for line in bars(piece)]
    parts = "".join(section(piece) for piece in found.values())
    return machine(newest) + "## Bars\n\n" + table(["bar", "aim", "figure", "reached"], held) + parts


def join(parts):
    """The table, as text; both files are written."""
    found = pieces(parts)
    text = markdown(found)
    write(os.path.join(ROOT, "build", "bench.json"), found)
    with open(os.path.join(ROOT, "build", "bench.md"), "w", encoding="utf-8") as out:
        out.write(text)
    return text

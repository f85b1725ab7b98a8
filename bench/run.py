#!/usr/bin/python3
"""What ./dev bench runs: the parts asked for, or all, one after the other; then one table of all that were ever measured here.

Each part is a module of this folder whose `measure` yields what it found, a long one every time it found more; that goes to
build/bench/PART.json at once.
"""
import argparse
import importlib
import os
import sys
import time
import traceback

import cases
import machine
import openblas
import table
from report import say

PARTS = ("products", "sparse", "race", "solvers", "threads", "processes", "memory", "parse", "meaning", "ranks", "binding", "growth", "large", "instructions")


def positive(text):
    if int(text) < 1:
        raise ValueError
    return int(text)


def arguments():
    about = "; ".join(f"{part}: {importlib.import_module(part).__doc__.splitlines()[0]}" for part in PARTS)
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure, and print one table.", epilog=about)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS) + "; all where none is named")
    parser.add_argument("--runs", type=positive, default=5, metavar="N", help="runs that a median is of (default 5)")
    parser.add_argument("--only", nargs="+", choices=cases.CASES, metavar="CASE", help=", ".join(cases.CASES) + ": only these; a race keeps the others' rows")
    parser.add_argument("--keep", action="store_true", help="keep the counts of instructions as those to compare with")
    options = parser.parse_args()
    if not set(options.parts) <= set(PARTS):
        parser.error("the parts are " + ", ".join(PARTS))
    return options


def measure(part, options):
    """False where it failed: the others are measured all the same."""
    say(f"== {part}")
    began = {"date": time.strftime("%Y-%m-%d %H:%M"), "load": round(os.getloadavg()[0], 2), "machine": machine.describe()}
    try:
        for found in importlib.import_module(part).measure(options):
            table.keep(part, found | began)
    except Exception:
        traceback.print_exc()
        return False
    return True


def main():
    options = arguments()
    openblas.use_what_there_is()
    done = [measure(part, options) for part in PARTS if part in (options.parts or PARTS)]
    print(table.join(PARTS), end="")
    sys.exit(0 if all(done) else 1)


main()

"""Topics of documents: what the modules of Python's standard library are about, by their docstrings.

    python topics.py                 # or: python topics.py FOLDER, a folder of .txt files, a document each
"""

import importlib
import inspect
import sys
import warnings
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer

import nmf

TOPICS = 8
LEFT_OUT = {"antigravity", "this", "idlelib", "test", "tkinter", "turtle", "turtledemo", "lib2to3"}


def docstrings():
    """The name of every module, and all that its docstrings say."""
    for name in sorted(sys.stdlib_module_names - LEFT_OUT):
        if name.startswith("_"):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = importlib.import_module(name)
        except ImportError:
            continue
        said = [inspect.getdoc(module)] + [
            inspect.getdoc(thing) for thing in vars(module).values() if getattr(thing, "__module__", None) == name
        ]
        yield name, " ".join(text for text in said if text)


def main():
    if len(sys.argv) > 1:
        documents = {path.name: path.read_text(errors="replace") for path in sorted(Path(sys.argv[1]).glob("*.txt"))}
        if not documents:
            sys.exit(f"{sys.argv[1]} has no .txt files")
    else:
        documents = dict(docstrings())
    names = list(documents)

    words = TfidfVectorizer(stop_words="english", min_df=3, max_df=0.3, token_pattern=r"[a-z]{3,}")
    X = words.fit_transform(documents.values())
    model = nmf.NMF(TOPICS, random_state=0)
    W = model.fit_transform(X)

    print(f"{X.shape[0]} documents, {X.shape[1]} words, {model.n_iter_} iterations, "
          f"{1 - model.relative_error_**2:.0%} explained")
    vocabulary = words.get_feature_names_out()
    for topic, component in enumerate(model.components_):
        strongest = ", ".join(vocabulary[j] for j in component.argsort()[::-1][:8])
        nearest = ", ".join(names[i] for i in W[:, topic].argsort()[::-1][:4])
        print(f"  {strongest}\n      most in {nearest}")


if __name__ == "__main__":
    main()

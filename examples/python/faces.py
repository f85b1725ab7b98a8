"""Parts of pictures: the parts that faces, or handwritten digits, are sums of.

    python faces.py                             # the digits that come with the project
    python faces.py FACES.npy 19x19 OUT.png     # one picture a column, pixels down it
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np

import nmf

DIGITS = Path(__file__).resolve().parent.parent / "data" / "digits.npy"


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DIGITS
    height, width = map(int, (sys.argv[2] if len(sys.argv) > 2 else "8x8").split("x"))
    out = sys.argv[3] if len(sys.argv) > 3 else "parts.png"

    X = np.load(path).T.astype(np.float64)  # a picture a row
    model = nmf.NMF(25, init="nndsvda", alpha_H=0.02, l1_ratio=1.0, max_iter=1000, random_state=0)
    W = model.fit_transform(X)

    parts = model.components_
    alone = (parts > 0.1 * parts.max(axis=1, keepdims=True)).mean()
    print(f"{X.shape[0]} pictures of {height} x {width}: {parts.shape[0]} parts, each on {alone:.0%} of the pixels; "
          f"relative error {model.relative_error_:.3f}, {(W > 0).sum(axis=1).mean():.1f} parts a picture")
    nmf.plot_components(model, (height, width))[0].figure.savefig(out)
    print(f"drawn in {out}")


if __name__ == "__main__":
    main()

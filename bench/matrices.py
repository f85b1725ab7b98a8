"""A matrix file as NumPy and SciPy hold it."""
import os

import numpy as np
import scipy.io
import scipy.sparse


def read(path):
    """Of a .mtx that has a .npz beside it, the latter: it is read in no time."""
    quick = os.path.splitext(path)[0] + ".npz"
    if path.endswith(".npy"):
        return np.load(path)
    return scipy.sparse.load_npz(quick).tocsr() if os.path.exists(quick) else scipy.io.mmread(path).tocsr()

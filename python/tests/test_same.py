"""The same numbers, whatever X comes as, and those of scikit-learn where it draws or multiplies."""

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.decomposition
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition._nmf import _initialize_nmf

from nmf import NMF, non_negative_factorization
from nmf._solve import draw_start, mean_of

pytestmark = pytest.mark.filterwarnings("ignore")


def problem(n=60, m=25, k=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.random((n, k)) @ rng.random((k, m)) + 0.1 * rng.random((n, m))
    X[rng.random((n, m)) < 0.3] = 0
    return X


X = problem()


def fitted(X, **params):
    model = NMF(4, **{"random_state": 3, "init": "random", **params})
    return model.fit_transform(X), model.components_


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
@pytest.mark.parametrize("matrix", [X, X.astype(np.float32), sp.csr_matrix(X)])
def test_random_start_is_that_of_scikit_learn(matrix, seed):
    theirs = _initialize_nmf(matrix, 4, init="random", random_state=seed)
    for ours, their in zip(draw_start(matrix, 4, seed), theirs):
        assert_array_equal(ours, their)
        assert ours.dtype == their.dtype


def test_random_start_is_as_large_as_what_is_seen():
    large = problem(2500, 3)
    large[np.random.default_rng(1).random(large.shape) < 0.1] = np.nan
    seen = sp.csr_matrix(np.where(np.isnan(large), 0, large))
    seen.data[::7] = np.nan
    for matrix, whole in ((large, large), (seen, seen.toarray())):
        assert_allclose(mean_of(matrix, True), np.nanmean(whole), rtol=1e-12)
        assert np.isfinite(draw_start(matrix, 4, 0, True)[0]).all()


def test_random_start_takes_a_generator_on():
    ours, theirs = np.random.RandomState(5), np.random.RandomState(5)
    draw_start(X, 4, ours)
    _initialize_nmf(X, 4, init="random", random_state=theirs)
    assert ours.randint(1000) == theirs.randint(1000)


@pytest.mark.parametrize("beta", [0.5, 1, 1.5, 2, 2.5])
def test_mu_multiplies_as_scikit_learn_does(beta):
    given = dict(n_components=4, init="random", solver="mu", beta_loss=beta, random_state=1, max_iter=30, tol=0)
    W, H, n_iter = non_negative_factorization(X + 0.01, **given)
    W1, H1, n_iter1 = sklearn.decomposition.non_negative_factorization(X + 0.01, **given)
    assert n_iter == n_iter1 == 30
    assert_allclose(W, W1, rtol=1e-5, atol=1e-9)
    assert_allclose(H, H1, rtol=1e-5, atol=1e-9)


FORMS = {
    "Fortran": np.asfortranarray,
    "strided": lambda X: np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)[::2, ::3],
    "turned": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    "rows of a wider one": lambda X: np.hstack([X, X])[:, : X.shape[1]],
    "read-only": lambda X: np.lib.stride_tricks.as_strided(X, writeable=False),
    "another byte order": lambda X: X.astype(">f8"),
    "list": lambda X: X.tolist(),
    "csr": sp.csr_matrix,
    "csc": sp.csc_matrix,
    "coo": sp.coo_matrix,
    "csr array": sp.csr_array,
    "int64 indices": lambda X: wide(sp.csr_matrix(X)),
    "stored zeros": lambda X: with_zeros(sp.csr_matrix(X)),
    "unsorted": lambda X: unsorted(sp.csc_matrix(X)),
}


def wide(A):
    A.indices, A.indptr = A.indices.astype(np.int64), A.indptr.astype(np.int64)
    return A


def with_zeros(A):
    A = A.copy()
    return A - sp.csr_matrix((A.data * 0.5, A.indices, A.indptr), A.shape) + 0.5 * A


def unsorted(A):
    A = A.copy()
    for j in range(A.shape[1]):
        line = slice(A.indptr[j], A.indptr[j + 1])
        A.indices[line], A.data[line] = A.indices[line][::-1].copy(), A.data[line][::-1].copy()
    A.has_sorted_indices = False
    return A


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("solver", ["cd", "mu"])
def test_whatever_X_comes_as(form, solver):
    W, H = fitted(X, solver=solver, max_iter=15, tol=0)
    W1, H1 = fitted(FORMS[form](X), solver=solver, max_iter=15, tol=0)
    assert_allclose(W1, W, rtol=1e-6, atol=1e-8)
    assert_allclose(H1, H, rtol=1e-6, atol=1e-8)


def test_integers_and_float32():
    whole = np.round(20 * X)
    W, H = fitted(whole)
    for dtype in (np.int64, np.int32, np.uint8, np.float32):
        W1, H1 = fitted(whole.astype(dtype))
        assert W1.dtype == H1.dtype == (np.float32 if dtype == np.float32 else np.float64)
        assert_allclose(W1, W, rtol=1e-4, atol=1e-4)


def test_large_float32_is_computed_in_float32():
    rng = np.random.default_rng(0)
    large = (rng.random((1100, 4)) @ rng.random((4, 1000)) + 0.1 * rng.random((1100, 1000)))
    wide, narrow = NMF(4, random_state=0, max_iter=300).fit(large), NMF(4, random_state=0, max_iter=300).fit(
        large.astype(np.float32)
    )
    assert narrow.components_.dtype == np.float32
    assert abs(wide.relative_error_ - narrow.relative_error_) < 1e-4


def test_memmap(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    for ours, there in zip(fitted(mapped), fitted(X)):
        assert_array_equal(ours, there)
        assert type(ours) is np.ndarray


@pytest.mark.parametrize("matrix", [X, sp.csr_matrix(X)])
@pytest.mark.parametrize("params", [{}, {"loss": "kl", "solver": "hals"}, {"solver": "mu"}])
def test_threads_agree_to_the_bit(matrix, params):
    one, two = fitted(matrix, n_threads=1, **params), fitted(matrix, n_threads=3, **params)
    for ours, theirs in zip(one, two):
        assert_array_equal(ours, theirs)


@pytest.mark.parametrize("matrix", [X, sp.csr_matrix(X)])
@pytest.mark.parametrize("params", [
    {}, {"alpha_W": 0.01, "l1_ratio": 0.5}, {"loss": "kl", "solver": "hals"}, {"loss": "huber:0.3", "solver": "bpp"},
    {"n_components": None}, {"solver": "als", "max_iter": 20},
])
def test_fit_transform_is_fit_and_transform(matrix, params):
    model = NMF(**{"n_components": 4, "random_state": 0, "max_iter": 400, **params})
    W = model.fit_transform(matrix)
    again = NMF(**{"n_components": 4, "random_state": 0, "max_iter": 400, **params}).fit(matrix)
    assert_allclose(again.components_, model.components_)
    assert_allclose(again.transform(matrix), W, rtol=1e-6, atol=1e-8)


def test_cnmf_calls():
    """As cNMF 1.4 calls it: factorize, then usages with the spectra held, and the reverse of that."""
    W, H, n_iter = non_negative_factorization(
        X, n_components=4, init="random", solver="mu", beta_loss="kullback-leibler", tol=1e-4, max_iter=1000,
        alpha_W=0.0, alpha_H=0.0, l1_ratio=0.0, random_state=11,
    )
    spectra = H / H.sum(axis=1, keepdims=True)
    usages, held, n_iter = non_negative_factorization(
        X, W=None, H=spectra, n_components=4, init="random", update_H=False, solver="mu",
        beta_loss="kullback-leibler", tol=1e-4, max_iter=1000, alpha_W=0.0, alpha_H=0.0, l1_ratio=0.0, random_state=11,
    )
    assert_array_equal(held, spectra)
    assert np.linalg.norm(usages @ held - W @ H) < 0.02 * np.linalg.norm(X)
    turned, _, _ = non_negative_factorization(X.T.astype(np.float32), H=usages.T, n_components=4, update_H=False)
    assert turned.shape == (X.shape[1], 4) and turned.dtype == np.float32


def test_factors_wider_than_X_are_taken():
    W, H, _ = non_negative_factorization(X.astype(np.float32), H=np.ones((4, X.shape[1]), int), update_H=False)
    assert W.dtype == H.dtype == np.float32

"""What is refused, and that the message says what, where, and what is allowed."""

import numpy as np
import pytest
import scipy.sparse as sp

from nmf import NMF, MiniBatchNMF, consensus, non_negative_factorization, rank_survey

X = np.random.default_rng(0).random((12, 7))


def with_entry(value, row=3, col=5):
    bad = X.copy()
    bad[row, col] = value
    return bad


@pytest.mark.parametrize("kind", [NMF, MiniBatchNMF])
@pytest.mark.parametrize("form", [np.asarray, np.asfortranarray, sp.csr_matrix, sp.csc_matrix])
def test_bad_entries(kind, form):
    model = kind(2, random_state=0, init="random")
    with pytest.raises(ValueError, match=rf"Negative values in data passed to {kind.__name__} \(input X\): "
                                         r"X\[3, 5\] is -1.5; every entry must be 0 or above"):
        model.fit(form(with_entry(-1.5)))
    with pytest.raises(ValueError, match="Input X contains NaN"):
        model.fit(form(with_entry(np.nan)))
    with pytest.raises(ValueError, match="Input X contains infinity"):
        model.fit(form(with_entry(np.inf)))
    model.fit(form(X))
    with pytest.raises(ValueError, match=r"X\[3, 5\] is -1.5"):
        model.transform(form(with_entry(-1.5)))
    with pytest.raises(ValueError, match="NaN"):
        model.transform(form(with_entry(np.nan)))


def test_bad_companions_are_named_with_their_place():
    weights = np.ones(X.shape)
    weights[3, 5] = -1
    with pytest.raises(ValueError, match=r"weights\[3, 5\] is -1"):
        NMF(2, init="random").fit(X, weights=weights)
    mask = sp.csr_matrix(np.where(X > 0.9, np.nan, 0))
    with pytest.raises(ValueError, match=r"mask\[\d+, \d+\] is nan"):
        NMF(2, init="random").fit(X, mask=mask)


def test_zeros_and_losses_that_cannot_have_them():
    zeros = with_entry(0)
    for call in (lambda: NMF(2, loss="is", solver="hals").fit(zeros),
                 lambda: NMF(2, loss="is", solver="hals").fit(X).transform(zeros),
                 lambda: MiniBatchNMF(2, beta_loss=0).partial_fit(X).transform(zeros)):
        with pytest.raises(ValueError, match="When beta_loss <= 0 and X contains zeros"):
            call()
    with pytest.raises(ValueError, match=r"X\[3, 5\] is 0, of which loss is is infinite"):
        NMF(2, loss="is", solver="hals").fit(zeros, weights=np.ones(X.shape))
    NMF(2, loss="is", solver="hals").fit(zeros, mask=zeros == 0)


def test_parameters_changed_after_the_fit_are_checked():
    model = NMF(2, random_state=0).fit(X)
    with pytest.raises(ValueError, match="'n_threads'"):
        model.set_params(n_threads="a").transform(X)
    with pytest.raises(ValueError, match="'update_H'"):
        non_negative_factorization(X, n_components=2, update_H="no")
    with pytest.raises(TypeError):
        NMF(0).fit(X)


def test_the_hint_about_missing_entries():
    with pytest.raises(ValueError, match="missing=numpy.nan makes NaN an entry that nobody observed"):
        NMF(2).fit(with_entry(np.nan))


def test_missing_does_not_excuse_the_rest():
    bad = with_entry(np.nan)
    bad[0, 0] = -1
    with pytest.raises(ValueError, match=r"X\[0, 0\] is -1"):
        NMF(2, missing=np.nan).fit(bad)


def test_shapes():
    model = NMF(2, random_state=0).fit(X)
    with pytest.raises(ValueError, match="X has 6 features, but NMF is expecting 7 features"):
        model.transform(X[:, :6])
    with pytest.raises(ValueError, match="mask must have the shape of X"):
        model.fit(X, mask=X[:, :3])
    with pytest.raises(ValueError, match="Expected 2D array, got 1D"):
        model.fit(X[0])
    with pytest.raises(ValueError, match="0 sample"):
        model.fit(X[:0])
    with pytest.raises(ValueError, match=r"wrong shape passed to NMF \(input H\). Expected \(2, 7\), but got \(3, 7\)"):
        NMF(2, init="custom").fit(X, W=np.ones((12, 2)), H=np.ones((3, 7)))
    with pytest.raises(ValueError, match="needs an H"):
        non_negative_factorization(X, update_H=False)


@pytest.mark.parametrize("params, said", [
    ({"n_components": 0}, "'n_components' parameter of NMF must be a whole number from 1 to 2147483647, or None"),
    ({"n_components": 2.0}, "Got 2.0 instead"),
    ({"n_components": "auto"}, "'n_components'"),
    ({"solver": "hasl"}, "Did you mean 'hals'?"),
    ({"init": "nndvsd"}, "Did you mean 'nndsvd"),
    ({"beta_loss": "kulback-leibler"}, "Did you mean 'kullback-leibler'?"),
    ({"beta_loss": np.nan}, "'beta_loss'"),
    ({"loss": "huber"}, "'loss' parameter of NMF must be one of frobenius, kl, is, beta:B, huber:D, mae"),
    ({"loss": "kl", "beta_loss": 1}, "give one of them"),
    ({"tol": -1}, "'tol' parameter of NMF must be a number of 0 or above"),
    ({"max_iter": 0}, "'max_iter'"),
    ({"alpha_W": -0.1}, "'alpha_W'"),
    ({"alpha_H": "sane"}, "Did you mean 'same'?"),
    ({"l1_ratio": 1.1}, "from 0 to 1"),
    ({"random_state": -1}, "'random_state'"),
    ({"random_state": "x"}, "'random_state'"),
    ({"missing": 0}, "'missing'"),
    ({"n_threads": 0}, "'n_threads'"),
    ({"restarts": 0}, "'restarts'"),
    ({"callback": 3}, "'callback'"),
    ({"solver": "cd", "beta_loss": 1}, "Invalid beta_loss parameter"),
    ({"n_components": 8, "init": "nndsvd"}, "8 is above 7"),
    ({"restarts": 3, "init": "nndsvd"}, "restarts"),
    ({"solver": "als", "alpha_W": 1}, "als"),
    ({"n_threads": 2**63}, "from 1 to 1024"),
    ({"max_iter": 2**63}, "from 1 to 2147483647"),
    ({"checkpoint": "/nowhere/at/all"}, "checkpoint='/nowhere/at/all' cannot be written"),
    ({"checkpoint": "a\0b"}, "cannot be written"),
])
def test_parameters(params, said):
    with pytest.raises(ValueError) as raised:
        NMF(**{"n_components": 2, **params}).fit(X)
    assert said in str(raised.value)


def test_more_memory_than_there_is():
    with pytest.raises((MemoryError, ValueError), match="rank|init"):
        NMF(2**31 - 1, init="nndsvda").fit(X)


def test_damaged_sparse_matrices():
    good = sp.csr_matrix(X)
    for name, damage in {
        "indptr": lambda A: A.indptr.__setitem__(-1, 10**6),
        "falls": lambda A: A.indptr.__setitem__(3, 0),
        "indices": lambda A: A.indices.__setitem__(0, 99),
        "negative": lambda A: A.indices.__setitem__(0, -1),
    }.items():
        bad = good.copy()
        damage(bad)
        with pytest.raises(ValueError):
            NMF(2, init="nndsvd").fit(bad)


def test_surveys():
    with pytest.raises(ValueError, match="'restarts' parameter of rank_survey must be a whole number from 2 to 2147483647"):
        rank_survey(X, [2], restarts=1)
    with pytest.raises(TypeError, match="no parameter 'colour'"):
        rank_survey(X, [2], colour="red")
    with pytest.raises(ValueError, match="'ranks'"):
        rank_survey(X, 0)
    with pytest.raises(ValueError, match="'held_out' parameter of rank_survey must be a number above 0"):
        rank_survey(X, [2], held_out=0)
    for name in ("density", "nearest", "level"):
        with pytest.raises(ValueError, match=f"'{name}' parameter of consensus must be a number above 0"):
            consensus(X, 2, **{name: 0})
    with pytest.raises(ValueError, match="rank"):
        rank_survey(X, [8], restarts=2)
    with pytest.raises(ValueError, match=r"X\[3, 5\] is -1"):
        consensus(with_entry(-1), 2)
    with pytest.raises(ValueError, match="init='custom'"):
        consensus(X, 2, init="custom")

"""MiniBatchNMF: batch by batch, and when it stops."""

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.decomposition
from numpy.testing import assert_allclose, assert_array_equal

from nmf import NMF, MiniBatchNMF
from test_same import problem

pytestmark = pytest.mark.filterwarnings("ignore")
X = problem(200, 25)


def start():
    rng = np.random.default_rng(0)
    return rng.random((200, 4)), rng.random((4, 25))


@pytest.mark.parametrize("beta", [0.5, 1, 1.5, 2, 2.5])
def test_multiplies_as_scikit_learn_does(beta):
    given = dict(n_components=4, init="custom", batch_size=30, beta_loss=beta, max_iter=5, tol=0, forget_factor=0.6,
                 max_no_improvement=None, alpha_W=0.01)
    W, H = start()
    ours = MiniBatchNMF(**given)
    W1 = ours.fit_transform(X + 0.01, W=W.copy(), H=H.copy())
    theirs = sklearn.decomposition.MiniBatchNMF(**given)
    W2 = theirs.fit_transform(X + 0.01, W=W.copy(), H=H.copy())
    assert ours.n_steps_ == theirs.n_steps_ and ours.n_iter_ == theirs.n_iter_
    assert_allclose(W1, W2, rtol=1e-4, atol=1e-8)
    assert_allclose(ours.components_, theirs.components_, rtol=1e-4, atol=1e-8)
    assert_allclose(ours.reconstruction_err_, theirs.reconstruction_err_, rtol=1e-5)


def test_stops_by_itself():
    model = MiniBatchNMF(4, batch_size=50, random_state=0, tol=5e-3).fit(X)
    assert model.n_iter_ < 200
    assert model.reconstruction_err_ < 1.1 * NMF(4, random_state=0).fit(X).reconstruction_err_


def test_batches_agree_dense_and_sparse_and_by_threads():
    made = [
        MiniBatchNMF(4, batch_size=60, random_state=0, n_threads=threads).fit(form(X)).components_
        for threads in (1, 3) for form in (np.asarray, sp.csr_matrix, sp.csc_matrix)
    ]
    for one in made:
        assert_allclose(one, made[0], rtol=1e-9, atol=1e-12)
    assert_array_equal(made[0], made[3])


def test_partial_fit_learns():
    model = MiniBatchNMF(4, random_state=0)
    errors = []
    for _ in range(20):
        for batch in np.array_split(X, 4):
            model.partial_fit(batch)
        errors.append(np.linalg.norm(X - model.transform(X) @ model.components_))
    assert model.n_steps_ == 80
    assert np.all(np.diff(errors) < 0)
    assert errors[-1] < 1.05 * NMF(4, random_state=0).fit(X).reconstruction_err_


def test_empty_batches_do_not_stop_it():
    padded = np.zeros((400, 25))
    padded[::2][:100] = X[:100]
    model = MiniBatchNMF(4, batch_size=1, random_state=0, max_iter=3, max_no_improvement=None).fit(padded)
    assert model.n_iter_ > 1


def test_partial_fit_refuses_another_width():
    model = MiniBatchNMF(4, random_state=0).partial_fit(X)
    with pytest.raises(ValueError, match="X has 24 features, but MiniBatchNMF is expecting 25"):
        model.partial_fit(X[:, :24])

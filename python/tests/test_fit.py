"""What NMF promises besides scikit-learn's: histories, masks, restarts, callbacks, checkpoints; and AnnData."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from nmf import NMF, MiniBatchNMF, NMFWarning
from test_same import problem

X = problem()
quiet = pytest.mark.filterwarnings("ignore")


def test_history_falls_to_the_error():
    model = NMF(4, random_state=0, max_iter=300).fit(X)
    error = model.history_["error"]
    assert len(error) == model.n_iter_ and np.all(np.diff(error) <= 0)
    assert_allclose(error[-1], model.reconstruction_err_, rtol=1e-9)
    assert model.converged_ and model.stop_reason_ == "change"


def test_reported_errors_are_those_of_the_factors():
    model = NMF(4, random_state=0, max_iter=300)
    W = model.fit_transform(X)
    rest = np.linalg.norm(X - W @ model.components_)
    assert_allclose(model.reconstruction_err_, rest, rtol=1e-9)
    assert_allclose(model.relative_error_, rest / np.linalg.norm(X), rtol=1e-9)
    model = NMF(4, random_state=0, solver="hals", loss="kl", max_iter=300)
    WH = model.fit_transform(X) @ model.components_
    with np.errstate(divide="ignore", invalid="ignore"):
        divergence = np.where(X > 0, X * np.log(X / WH), 0) - X + WH
    assert_allclose(model.reconstruction_err_, np.sqrt(2 * divergence.sum()), rtol=1e-7)


@quiet
def test_kkt_residual_says_how_close_a_fit_is():
    far = NMF(4, random_state=0, init="random", max_iter=2, tol=0).fit(X)
    near = NMF(4, random_state=0, init="random", max_iter=3000, tol=1e-9).fit(X)
    assert near.kkt_residual_ < 1e-4 < far.kkt_residual_


@quiet
def test_missing_is_masked_is_weighed_nothing():
    rng = np.random.default_rng(1)
    hidden = rng.random(X.shape) < 0.2
    holed = np.where(hidden, np.nan, X)
    given = dict(n_components=3, init="custom", max_iter=50, tol=0)
    W0, H0 = np.random.default_rng(0).random((60, 3)), np.random.default_rng(1).random((3, 25))
    missing = NMF(missing=np.nan, **given).fit(holed, W=W0, H=H0).components_
    masked = NMF(**given).fit(X, W=W0, H=H0, mask=hidden).components_
    sparse = NMF(**given).fit(X, W=W0, H=H0, mask=sp.csr_matrix(hidden)).components_
    weighed = NMF(**given).fit(X, W=W0, H=H0, weights=1.0 - hidden).components_
    assert_allclose(masked, missing, rtol=1e-9, atol=1e-12)
    assert_allclose(sparse, missing, rtol=1e-9, atol=1e-12)
    assert_allclose(weighed, missing, rtol=1e-7, atol=1e-9)


def test_hidden_entries_are_foretold():
    rng = np.random.default_rng(0)
    whole = rng.random((80, 3)) @ rng.random((3, 30))
    holed = np.where(rng.random(whole.shape) < 0.2, np.nan, whole)
    model = NMF(3, missing=np.nan, random_state=0, max_iter=5000, tol=1e-9)
    W = model.fit_transform(holed)
    assert_allclose(W @ model.components_, whole, atol=0.02)


def test_restarts_give_the_best():
    model = NMF(4, restarts=6, random_state=0, max_iter=300).fit(X)
    assert len(model.starts_) == 6
    assert_allclose(min(start["error"] for start in model.starts_), model.reconstruction_err_, rtol=1e-9)


def test_names_go_through():
    frame = pd.DataFrame(X, columns=[f"gene {j}" for j in range(X.shape[1])], index=[f"cell {i}" for i in range(60)])
    model = NMF(4, random_state=0).set_output(transform="pandas")
    W = model.fit_transform(frame)
    assert list(model.feature_names_in_) == list(frame.columns)
    assert list(W.columns) == list(model.get_feature_names_out()) == [f"nmf{c}" for c in range(4)]
    assert list(W.index) == list(frame.index)


def test_scikit_learn_tools():
    model = NMF(4, random_state=0, loss="kl", solver="hals")
    assert clone(model).get_params() == model.get_params()
    fitted = pickle.loads(pickle.dumps(model.fit(X)))
    assert_array_equal(fitted.transform(X), model.transform(X))
    pipe = make_pipeline(MinMaxScaler(), NMF(3, random_state=0)).fit(X)
    assert pipe.transform(X).shape == (60, 3)
    search = GridSearchCV(NMF(random_state=0), {"n_components": [1, 4]}, cv=3, n_jobs=2).fit(X)
    assert search.best_params_ == {"n_components": 4}


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix])
@pytest.mark.parametrize("kind", [NMF, MiniBatchNMF])
def test_anndata(make, kind):
    data = anndata.AnnData(make(X), dtype=X.dtype)
    data.layers["doubled"] = make(2 * X)
    model = kind(4, random_state=0)
    W = model.fit_transform(data)
    assert_array_equal(data.obsm["X_nmf"], W)
    assert_array_equal(data.varm["NMF"], model.components_.T)
    assert_allclose(data.uns["nmf"]["reconstruction_err"], model.reconstruction_err_)
    assert_array_equal(model.feature_names_in_, data.var_names)
    plain = kind(4, random_state=0)
    assert_array_equal(plain.fit_transform(make(X)), W)
    assert_array_equal(kind(4, random_state=0).fit(data, layer="doubled").components_,
                       kind(4, random_state=0).fit(make(2 * X)).components_)
    del data.obsm["X_nmf"]
    assert_array_equal(model.transform(data), data.obsm["X_nmf"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.transform(data)
    with pytest.raises(ValueError, match="the same in another order"):
        model.transform(data[:, ::-1].copy())
    other = data.copy()
    other.var_names = [f"other {j}" for j in range(25)]
    with pytest.raises(ValueError, match=r"25 are new \(other 0, other 1, other 2\), 25 are missing"):
        model.transform(other)
    with pytest.raises(ValueError, match="no layer 'trebled'; it has 'doubled'"):
        model.fit(data, layer="trebled")
    with pytest.raises(ValueError, match="names a layer of an AnnData"):
        model.fit(X, layer="doubled")


def test_anndata_is_written(tmp_path):
    data = anndata.AnnData(X, dtype=X.dtype)
    NMF(4, random_state=0).fit(data)
    data.write(tmp_path / "x.h5ad")
    again = anndata.read_h5ad(tmp_path / "x.h5ad")
    assert_array_equal(again.varm["NMF"], data.varm["NMF"])


def test_callback_hears_and_stops():
    heard = []

    def stop(progress):
        heard.append(progress)
        return progress["iteration"] == 5

    model = NMF(4, random_state=0, callback=stop).fit(X)
    assert model.n_iter_ == len(heard) == 5
    assert model.stop_reason_ == "interrupted" and not model.converged_
    assert_allclose(heard[-1]["error"], model.reconstruction_err_, rtol=1e-9)


def test_callback_that_raises_ends_the_fit():
    def fail(progress):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        NMF(4, callback=fail).fit(X)


@quiet
@pytest.mark.parametrize("answer", ["raise", "stop"])
def test_callback_is_not_asked_again(answer):
    heard = []

    def end(progress):
        heard.append(progress["iteration"])
        if answer == "raise":
            raise ValueError("first")
        return True

    model = NMF(5, init="sample", callback=end, random_state=0)
    try:
        model.fit(problem(500, 400))
    except ValueError as raised:
        assert str(raised) == "first"
    assert len(heard) == 1


@quiet
def test_callback_hears_the_fit_alone():
    heard = []
    model = NMF(4, loss="kl", callback=lambda progress: heard.append(progress["iteration"]), random_state=0)
    model.fit_transform(X)
    assert heard == list(range(1, model.n_iter_ + 1))


def test_subclasses_choose_for_themselves():
    class Counts(NMF):
        def __init__(self, n_components=2, *, note="", random_state=0):
            super().__init__(n_components, init="random", solver="mu", beta_loss=1, alpha_W=0.5, tol=1e-3,
                             random_state=random_state)
            self.note = note

    whole = NMF(2, init="random", solver="mu", beta_loss=1, alpha_W=0.5, tol=1e-3, random_state=0)
    assert_array_equal(clone(Counts(note="mine")).fit(X).components_, whole.fit(X).components_)

    class Batches(MiniBatchNMF):
        def __init__(self, n_components=2):
            super().__init__(n_components, random_state=0, beta_loss=1)

    assert_array_equal(Batches().fit(X).components_, MiniBatchNMF(2, random_state=0, beta_loss=1).fit(X).components_)


@quiet
def test_the_generator_goes_on_as_with_scikit_learn():
    import sklearn.decomposition

    ours, theirs = np.random.RandomState(3), np.random.RandomState(3)
    for _ in range(2):
        given = dict(n_components=3, init="random", solver="mu", max_iter=5, tol=0)
        W = NMF(random_state=ours, **given).fit_transform(X)
        assert_allclose(W, sklearn.decomposition.NMF(random_state=theirs, **given).fit_transform(X), rtol=1e-6)


@quiet
@pytest.mark.parametrize("solver", ["cd", "mu"])
def test_hidden_entries_need_no_other_parameter(solver):
    holed = np.where(np.arange(60)[:, None] % 7 == np.arange(25) % 7, np.nan, X)
    for given in ({"mask": np.isnan(holed)}, {"weights": 1.0 - np.isnan(holed)}):
        NMF(3, solver=solver, random_state=0).fit(X, **given)
    NMF(3, solver=solver, random_state=0, missing=np.nan).fit(holed)


def test_verbose_prints(capsys):
    NMF(4, random_state=0, verbose=1, max_iter=300).fit(X)
    assert "iteration 1: error" in capsys.readouterr().out


def endless(**params):
    rng = np.random.default_rng(0)
    return NMF(10, random_state=0, init="random", solver="mu", tol=0, max_iter=10**7, **params), rng.random((400, 300))


def test_ctrl_c_within_an_iteration():
    model, large = endless()
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.fit(large)
    assert time.monotonic() - began < 5


def test_other_threads_go_on_meanwhile():
    model, large = endless(callback=lambda progress: progress["seconds"] > 1)
    counted = []

    def count():
        for i in range(20):
            time.sleep(0.02)
            counted.append(i)

    thread = threading.Thread(target=count)
    thread.start()
    model.fit(large)
    assert len(counted) == 20
    thread.join()


def interrupt(progress):
    if progress["iteration"] >= 8:
        raise KeyboardInterrupt


@quiet
@pytest.mark.parametrize("params", [{}, {"solver": "mu"}, {"init": "random"}, {"loss": "kl", "random_state": 3}])
def test_checkpoint_goes_on_to_the_same_numbers(tmp_path, params):
    given = {"n_components": 4, "tol": 0, "max_iter": 30, **params}
    path = tmp_path / "fit"
    with pytest.raises(KeyboardInterrupt):
        NMF(**given, checkpoint=path, callback=interrupt).fit(X)
    assert path.exists()
    rest = NMF(**given, checkpoint=path).fit(X)
    whole = NMF(**{"random_state": 0, **given}).fit(X)
    assert not path.exists()
    assert_array_equal(rest.components_, whole.components_)
    assert_array_equal(rest.history_["error"], whole.history_["error"])


@quiet
def test_checkpoint_outlives_a_kill(tmp_path):
    program = f"""
import os, numpy as np
import nmf._solve
nmf._solve.CHECKPOINT_EVERY = 1e-9
def kill(progress):
    if progress["iteration"] == 20:
        os.kill(os.getpid(), 9)
nmf.NMF(4, tol=0, max_iter=30, checkpoint={str(tmp_path / "fit")!r}, callback=kill).fit(np.load({str(tmp_path / "X.npy")!r}))
"""
    np.save(tmp_path / "X.npy", X)
    assert subprocess.run([sys.executable, "-P", "-c", program], timeout=60).returncode == -9
    heard = []
    rest = NMF(4, tol=0, max_iter=30, checkpoint=tmp_path / "fit", callback=lambda p: heard.append(p["iteration"])).fit(X)
    assert heard[0] in (20, 21)
    assert_array_equal(rest.components_, NMF(4, tol=0, max_iter=30, random_state=0).fit(X).components_)
    assert list(tmp_path.glob("fit*")) == []


def test_checkpoints_of_other_fits_are_refused(tmp_path):
    path = tmp_path / "fit"
    given = dict(n_components=3, random_state=0, init="random", checkpoint=path)
    with pytest.raises(KeyboardInterrupt):
        NMF(**given, callback=interrupt).fit(X, mask=X > 0.9)
    kept = path.read_bytes()
    for other in (lambda: NMF(**given).fit(X, mask=X < 0.3), lambda: NMF(**given).fit(X + 1, mask=X > 0.9),
                  lambda: NMF(**{**given, "n_components": 2}).fit(X, mask=X > 0.9),
                  lambda: NMF(**{**given, "alpha_W": 1}).fit(X, mask=X > 0.9)):
        with pytest.raises(ValueError, match="is the checkpoint of another fit: its "):
            other()
    with pytest.raises(ValueError, match="leave restarts out"):
        NMF(**{**given, "restarts": 3}).fit(X)
    path.write_bytes(kept[:-30])
    with pytest.raises(ValueError, match="is not a whole checkpoint"):
        NMF(**given).fit(X, mask=X > 0.9)


def test_checkpoint_on_a_full_disk(tmp_path):
    def fill(progress):
        (tmp_path / "fit.new").mkdir()
        raise KeyboardInterrupt

    with pytest.warns(NMFWarning, match="the fit goes on without a checkpoint"), pytest.raises(KeyboardInterrupt):
        NMF(3, random_state=0, checkpoint=tmp_path / "fit", callback=fill).fit(X)


def test_a_forked_process_works_on():
    """libgomp's threads do not live on in a child; a fit there must not wait for them."""
    program = """
import multiprocessing, numpy as np
from nmf import NMF
X = np.random.default_rng(0).random((300, 200))
def fit(seed):
    return NMF(5, random_state=seed, max_iter=20, tol=0).fit(X).components_
if __name__ == "__main__":
    import warnings; warnings.simplefilter("ignore")
    here = fit(0)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        there = pool.map_async(fit, [0, 1]).get(timeout=60)
    assert np.array_equal(here, there[0])
"""
    subprocess.run([sys.executable, "-P", "-c", program], check=True, timeout=120)


def test_joblib_and_the_hosts_threads():
    from joblib import Parallel, delayed
    from threadpoolctl import threadpool_info, threadpool_limits

    before = {info["filepath"]: info["num_threads"] for info in threadpool_info()}
    here = NMF(4, random_state=0).fit(X).components_
    after = {info["filepath"]: info["num_threads"] for info in threadpool_info()}
    assert all(after[path] == threads for path, threads in before.items())
    for backend in ("loky", "threading"):
        made = Parallel(2, backend=backend)(delayed(NMF(4, random_state=0).fit)(X) for _ in range(4))
        for model in made:
            assert_array_equal(model.components_, here)
    from nmf import _native

    with threadpool_limits(1):
        assert _native.threads(None) == 1


def test_X_is_not_copied():
    program = """
import resource, sys, numpy as np
from nmf import NMF
X = np.random.default_rng(0).random((4000, 4000), dtype=np.{dtype})
X = np.asarray(X, order="{order}")
NMF(2, max_iter=1, tol=0).fit(X[:50, :50])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for init in (None, "random"):
    NMF(5, init=init, random_state=0, max_iter=3, tol=0).fit_transform(X)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
assert grown < X.nbytes / 4, (grown, X.nbytes)
"""
    for dtype in ("float64", "float32"):
        for order in "CF":
            subprocess.run([sys.executable, "-P", "-W", "ignore", "-c", program.format(dtype=dtype, order=order)],
                           check=True, timeout=120)


@quiet
def test_NumPy_sees_no_copy():
    large = np.random.default_rng(0).random((2000, 500))
    tracemalloc.start()
    NMF(5, random_state=0, max_iter=3, tol=0).fit_transform(large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < large.nbytes / 4


def test_warnings_point_at_the_user_in_their_words():
    empty = X.copy()
    empty[:, 3] = 0
    with pytest.warns(NMFWarning, match="^1 features of the matrix are all zero") as heard:
        NMF(4, random_state=0).fit(empty)
    assert heard[0].filename == __file__

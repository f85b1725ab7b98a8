"""Whatever it is handed, the binding answers with a result or an exception, never with a crash."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nmf
from nmf import _native

quick = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
EXPECTED = (ValueError, TypeError, MemoryError, OverflowError)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 2**70), st.floats(), st.text(max_size=6),
    st.sampled_from(["random", "nndsvd", "nndsvda", "nndsvdar", "custom", "sample", "sketch", "spa", "kmeans", "cd", "mu",
                     "hals", "bpp", "als", "auto", "frobenius", "kl", "is", "beta:0.5", "huber:1", "mae", "same"]),
)
small = st.integers(1, 7)
dtypes = st.sampled_from(["f8", "f4", ">f8", "f2", "i4", "u1", "?", "c16", "O"])
entries = st.floats(0, 10) | st.sampled_from([0.0, -1.0, np.nan, np.inf, 1e300, 1e-310])


@st.composite
def dense(draw, allow_odd=True):
    shape = draw(hnp.array_shapes(min_dims=1 if allow_odd else 2, max_dims=3 if allow_odd else 2, min_side=0, max_side=7))
    X = draw(hnp.arrays("f8", shape, elements=entries if draw(st.booleans()) else st.floats(0, 10)))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = X.astype(draw(dtypes))
    if X.ndim == 2 and draw(st.booleans()):
        X = X[:: draw(st.sampled_from([1, -1, 2])), :: draw(st.sampled_from([1, -1, 3]))]
    return X.T if draw(st.booleans()) else X


class Lines:
    """Something that looks like a compressed matrix, and need not be one."""

    def __init__(self, **given):
        self.__dict__.update(given)


@st.composite
def compressed(draw):
    ints = st.sampled_from([np.int32, np.int64, np.uint32, np.float64])
    line = lambda: np.array(draw(st.lists(st.integers(-2, 9), max_size=9)), dtype=draw(ints))
    return Lines(
        format=draw(st.sampled_from(["csr", "csc", "coo", None])),
        shape=draw(st.sampled_from([(3, 4), (4, 3), (1, 1), (0, 2), (-1, 2), (2**40, 2), "ab", (3,), None])),
        indptr=draw(st.sampled_from([line(), np.arange(4), np.array([0, 1, 2, 3, 3]), None, "x"])),
        indices=line(),
        data=draw(hnp.arrays(draw(st.sampled_from(["f4", "f8", "i8"])), draw(st.integers(0, 9)), elements=st.integers(0, 5))),
    )


def survives(call):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return call()
        except EXPECTED:
            return None


@quick
@given(dense(), st.dictionaries(st.sampled_from(sorted(nmf.NMF().get_params())), scalars, max_size=3))
def test_estimators_take_anything(X, params):
    params = {name: value for name, value in params.items() if name not in ("checkpoint", "verbose", "n_threads")}
    model = nmf.NMF(**{"n_components": 2, "max_iter": 3, **params})
    if model.max_iter is not None and not (isinstance(model.max_iter, int) and model.max_iter < 1000):
        model.max_iter = 5
    if isinstance(model.restarts, int) and model.restarts > 10:
        model.restarts = 3
    W = survives(lambda: model.fit_transform(X))
    if W is not None:
        assert np.isfinite(W).all() and (W >= 0).all()
        assert np.isfinite(model.components_).all() and (model.components_ >= 0).all()
    assert survives(lambda: model.transform(X)) is None or W is not None


@quick
@given(dense(allow_odd=False), st.integers(1, 6), st.floats(0, 1), st.sampled_from([0, 0.5, 1, 2, 3]))
def test_batches_take_anything(X, size, forget, beta):
    model = nmf.MiniBatchNMF(2, batch_size=size, forget_factor=forget, beta_loss=beta, max_iter=3, random_state=0)
    W = survives(lambda: model.fit_transform(X))
    assert W is None or (np.isfinite(W).all() and (W >= 0).all())
    survives(lambda: model.partial_fit(X))


@quick
@given(compressed(), st.integers(-1, 3))
def test_the_module_believes_no_matrix(lines, k):
    survives(lambda: _native.fit(lines, {"rank": k, "max-iter": 2}, None, 0))
    survives(lambda: _native.hash(lines, 7))


@quick
@given(dense(), st.dictionaries(st.text(max_size=8) | st.sampled_from([row["name"] for row in _native.options()]),
                                scalars | dense(), max_size=4))
def test_the_module_believes_no_options(X, options):
    options = {"max-iter": 2, **options}
    for name, most in (("max-iter", 50), ("restarts", 3), ("threads", 4), ("rank", 50)):
        if isinstance(options.get(name), int) and options[name] > most:
            options[name] = most
    survives(lambda: _native.fit(X, options, None, 0))
    survives(lambda: _native.start(X, options, None, 0))
    survives(lambda: _native.transform(X, X, options, None, 0))
    survives(lambda: _native.evaluate(X, X, X, options, 0))


@quick
@given(dense(), dense(), dense(), st.floats(), st.booleans())
def test_the_module_believes_no_state(X, w, h, forget, solve):
    survives(lambda: _native.learn(X, {}, w, w, w, h, forget, solve, 0))
    good = np.ones((np.shape(X)[0] if X.ndim else 1, 2))
    survives(lambda: _native.learn(X, {}, good, good.copy(), good.copy(), h, forget, solve, 0))


@quick
@given(st.lists(st.dictionaries(st.sampled_from(["rank", "error", "held_out"]), scalars, max_size=3) | scalars, max_size=3))
def test_suggestions_believe_no_rows(rows):
    survives(lambda: _native.suggest(rows))


@pytest.mark.parametrize("call", ["fit", "start", "transform", "evaluate", "learn", "survey", "suggest", "consensus",
                                  "hash", "threads"])
def test_wrong_arguments(call):
    for arguments in ([], [None] * 3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ["x"], [{}, {}, {}, {}]):
        with pytest.raises(EXPECTED):
            if call == "threads" and len(arguments) == 1:
                _native.threads("x")
            getattr(_native, call)(*arguments)


def test_what_goes_wrong_inside_leaves_nothing():
    """A sparse matrix that passes as one, and fails late, again and again."""
    bad = sp.csr_matrix(np.eye(3))
    bad.data[2] = -1
    for _ in range(200):
        with pytest.raises(ValueError):
            _native.fit(bad, {"rank": 1}, None, 0)

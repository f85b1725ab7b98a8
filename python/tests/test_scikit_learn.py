"""scikit-learn's own tests of NMF, as installed, run against our classes; and its checks of estimators."""

import re
from pathlib import Path

import pytest
import sklearn.decomposition
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

import nmf

# These look at scikit-learn's private functions alone.
PRIVATE = {
    "test_initialize_nn_output",
    "test_initialize_close",
    "test_initialize_variants",
    "test_beta_divergence",
    "test_special_sparse_dot",
    "test_nmf_underflow",
}

source = (Path(sklearn.decomposition.__file__).parent / "tests" / "test_nmf.py").read_text()
retargeted, replaced = re.subn(
    r"^from sklearn\.decomposition import ((?:NMF, MiniBatchNMF)|non_negative_factorization)$",
    r"from nmf import \1",
    source,
    flags=re.MULTILINE,
)
theirs: dict = {}
exec(compile(retargeted, "test_nmf.py of scikit-learn", "exec"), theirs)
globals().update({name: test for name, test in theirs.items() if name.startswith("test_") and name not in PRIVATE})


def test_theirs_are_ours():
    assert replaced == 2
    assert theirs["NMF"] is nmf.NMF and theirs["MiniBatchNMF"] is nmf.MiniBatchNMF
    assert theirs["non_negative_factorization"] is nmf.non_negative_factorization
    assert PRIVATE <= set(theirs)


@parametrize_with_checks([nmf.NMF(), nmf.MiniBatchNMF(), nmf.MiniBatchNMF(fresh_restarts=True)])
def test_estimator(estimator, check):
    check(estimator)


def test_none_of_the_checks_of_NMF_is_excused():
    assert "_xfail_checks" not in nmf.NMF()._more_tags()
    assert sum(1 for _ in check_estimator(nmf.NMF(), generate_only=True)) == 35

"""How many components, how sure, and the pictures of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nmf

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(0)
X = rng.gamma(0.3, size=(80, 3)) @ rng.gamma(0.3, size=(3, 30)) + 0.02 * rng.random((80, 30))


@pytest.fixture(scope="module")
def survey():
    return nmf.rank_survey(X, range(2, 6), restarts=6, random_state=0)


@pytest.fixture(scope="module")
def agreed():
    return nmf.consensus(X, 3, restarts=20, random_state=0)


def test_survey(survey):
    assert_array_equal(survey.column("rank"), [2, 3, 4, 5])
    assert np.all(np.diff(survey.column("relative_error")) < 0)
    assert survey.low <= 3 <= survey.high
    assert f"suggests {survey.rank}" in str(survey) and "cophenetic" in str(survey)
    frame = survey.to_frame()
    assert list(frame.index) == [2, 3, 4, 5] and frame.loc[3, "stability"] > 0.95


def test_survey_repeats_itself(survey):
    again = nmf.rank_survey(X, [3], restarts=6, random_state=0, n_threads=1)
    once = {name: value for name, value in survey.rows[1].items() if name != "seconds"}
    assert {name: value for name, value in again.rows[0].items() if name != "seconds"} == once


def test_survey_stops():
    heard = []
    stopped = nmf.rank_survey(X, [2, 3], restarts=3, masks=0, on_row=heard.append,
                              callback=lambda progress: len(heard) == 1)
    assert len(stopped.rows) == len(heard) == 1
    assert np.isnan(stopped.rows[0]["held_out"])


def test_consensus(agreed):
    assert agreed.components_.shape == (3, 30) and agreed.W_.shape == (80, 3)
    assert_allclose(agreed.components_.sum(axis=1), 1)
    assert np.all(agreed.components_low_ <= agreed.components_high_)
    assert np.linalg.norm(X - agreed.W_ @ agreed.components_) / np.linalg.norm(X) == pytest.approx(agreed.relative_error_)
    assert agreed.kept_ <= agreed.spectra_ == 60 == len(agreed.distance_)
    assert sorted(agreed.samples_) == list(range(80)) and set(agreed.cluster_) == {0, 1, 2}
    assert agreed.together_.shape == (80, 80) and np.all(np.diag(agreed.together_) == 1)


def test_pictures(survey, agreed, tmp_path):
    model = nmf.NMF(6, random_state=0).fit(X)
    drawn = {
        "ranks": nmf.plot_ranks(survey)[0],
        "consensus": nmf.plot_consensus(agreed)[0],
        "history": nmf.plot_history(model),
        "bars": nmf.plot_components(model, names=[f"gene {j}" for j in range(30)])[0],
        "images": nmf.plot_components(model, (5, 6), across=3)[0],
    }
    for name, axes in drawn.items():
        axes.figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 3000
    assert len(drawn["bars"].patches) == 10
    assert drawn["ranks"].lines[0].get_ydata()[1] == pytest.approx(survey.rows[1]["relative_error"])
    assert_array_equal(drawn["images"].images[0].get_array(), model.components_[0].reshape(5, 6))


def test_pictures_refuse():
    model = nmf.NMF(2, random_state=0).fit(X)
    with pytest.raises(ValueError, match=r"shape \(4, 4\) has 16 pixels, and the model 30 features"):
        nmf.plot_components(model, (4, 4))
    with pytest.raises(ValueError, match="names has 3 names"):
        nmf.plot_components(model, names=["a", "b", "c"])
    with pytest.raises(ValueError, match="no rows"):
        nmf.plot_ranks(nmf.RankSurvey([]))


def test_matplotlib_is_not_imported_before_it_is_needed():
    import subprocess
    import sys

    subprocess.run([sys.executable, "-P", "-c", "import nmf, sys; assert 'matplotlib' not in sys.modules"], check=True)

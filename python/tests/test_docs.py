"""Examples in docstrings give what they say, every parameter is documented, and the types hold."""

import doctest
import inspect
import shutil
import subprocess
from pathlib import Path

import pytest

import nmf
from nmf import _function, _minibatch, _nmf


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("module", [_nmf, _minibatch, _function])
def test_docstring_examples(module):
    failed, tried = doctest.testmod(module)
    assert tried > 2 and failed == 0


@pytest.mark.parametrize("name", nmf.__all__)
def test_everything_public_is_documented(name):
    thing = getattr(nmf, name)
    if name != "__version__":
        assert inspect.getdoc(thing)


@pytest.mark.parametrize("kind", [nmf.NMF, nmf.MiniBatchNMF])
def test_every_parameter_is_documented(kind):
    said = kind.__doc__.partition("Attributes\n")[0]
    for name in kind().get_params():
        assert name in said, name


def test_types():
    checker = shutil.which("mypy")
    if checker is None:
        pytest.skip("mypy is not installed")
    package = Path(nmf.__file__).resolve().parent
    told = subprocess.run(
        [checker, "--ignore-missing-imports", "--python-executable", "/usr/bin/python3", "--no-incremental",
         "--cache-dir=/dev/null", str(package.parent / "nmf")],
        capture_output=True, text=True, cwd=package.parent.parent,
    )
    assert told.returncode == 0, told.stdout + told.stderr

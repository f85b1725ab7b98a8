"""The scripts of examples/python run, and find what is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def run(name, *arguments, cwd):
    told = subprocess.run([sys.executable, "-P", "-W", "ignore", EXAMPLES / name, *arguments], capture_output=True,
                          text=True, cwd=cwd, timeout=300, env={**os.environ, "MPLCONFIGDIR": str(cwd)})
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_topics(tmp_path):
    said = run("topics.py", cwd=tmp_path)
    assert len(re.findall("most in", said)) == 8
    assert any("path" in line and "directory" in line for line in said.splitlines())


def test_faces(tmp_path):
    said = run("faces.py", cwd=tmp_path)
    assert "1797 pictures of 8 x 8: 25 parts" in said
    assert (tmp_path / "parts.png").stat().st_size > 5000


def test_real_faces(tmp_path):
    faces = SHARED / "cbcl" / "cbcl.npy"
    if not faces.exists():
        pytest.skip("the faces of ../shared/data are not here")
    assert "2429 pictures of 19 x 19" in run("faces.py", faces, "19x19", "out.png", cwd=tmp_path)


def test_single_cell(tmp_path):
    said = run("single_cell.py", cwd=tmp_path)
    low, high = map(int, re.search(r"with (\d+) to (\d+) left open", said).groups())
    assert low <= 4 <= high
    found = [float(number) for number in re.search(r"cosine of \[(.*)\]", said).group(1).split()]
    assert min(found) > 0.95


def test_recommender(tmp_path):
    ours, mean = map(float, re.search(r"held out ([\d.]+), by the mean of the item ([\d.]+)",
                                      run("recommender.py", cwd=tmp_path)).groups())
    assert ours < 0.8 * mean

"""Run a file of tests with pytest, or say what is not here and exit with 77."""

import importlib.util
import sys

missing = [name for name in ("sklearn", "pytest", "hypothesis") if importlib.util.find_spec(name) is None]
if missing:
    print(f"skipped: {', '.join(missing)} is not installed (Debian: python3-sklearn, python3-pytest, python3-hypothesis)")
    sys.exit(77)

import pytest

sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))

"""The machine that figures come from, and the versions of what is on it."""
import importlib.metadata
import os
import re
import subprocess

import openblas
from cases import ROOT


def output(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ, LC_ALL="C")).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor():
    """What lscpu says of it: one `name: value` a line."""
    said = dict(re.findall(r"^\s*([^:\n]+):\s*(.*)$", output("lscpu"), re.MULTILINE))
    caches = ", ".join(f"{level} {said[level + ' cache']}" for level in ("L1d", "L2", "L3") if level + " cache" in said)
    return {"cpu": said.get("Model name", "?"), "cpu_model": said.get("Model", "?"), "cores": os.cpu_count(), "caches": caches}


def memory():
    with open("/proc/meminfo", encoding="utf-8") as lines:
        return f"{int(lines.readline().split()[1]) / 2**20:.1f} GiB"


def compiler():
    """The one that the build took, by the first line of its --version."""
    with open(os.path.join(ROOT, "build", "CMakeCache.txt"), encoding="utf-8") as cache:
        path = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache.read(), re.MULTILINE).group(1)
    return output(path, "--version").split("\n")[0]


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not there"


def describe():
    return {
        **processor(),
        "memory": memory(),
        "compiler": compiler(),
        "openblas": openblas.ask("openblas_get_config").decode(),
        "scikit-learn": version("scikit-learn"),
        "scipy": version("scipy"),
        "numpy": version("numpy"),
        "commit": output("git", "-C", ROOT, "describe", "--always", "--dirty").strip(),
    }

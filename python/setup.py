"""Builds the extension module by the project's CMake, which knows how the library is made."""

import os
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PROJECT = Path(__file__).resolve().parent.parent


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        build = Path(self.build_temp).resolve() / "cmake"
        target = Path(self.get_ext_fullpath(extension.name)).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["cmake", "-S", PROJECT, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DNMF_PYTHON=ON",
             f"-DPython_EXECUTABLE={sys.executable}"],
            check=True,
        )
        subprocess.run(
            ["cmake", "--build", build, "--target", "nmf_python", "-j", str(os.cpu_count() or 1)], check=True
        )
        made = next((build / "python" / "nmf").glob("_native*.so"))
        self.copy_file(made, target)


setup(ext_modules=[Extension("nmf._native", sources=[])], cmdclass={"build_ext": CMakeBuild})

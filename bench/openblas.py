"""Which OpenBLAS the others run on, and that it does what this processor can.

Debian's OpenBLAS does not know processors younger than itself, and runs on them what it has for a Pentium 4 ("Prescott"):
racing against that would be no race. There it is told the best it has for these instructions.
"""
import os
import subprocess
import sys
import sysconfig

LIBRARIES = os.path.join("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "")
SERIAL = os.path.join(LIBRARIES, "openblas-serial", "libopenblas.so.0")
THREADED = os.path.join(LIBRARIES, "openblas-pthread")
FALLBACK = b"Prescott"
BEST = (("avx512_bf16", "Cooperlake"), ("avx512f", "SkylakeX"), ("avx2", "Haswell"))


def ask(function):
    """What a function of OpenBLAS's without arguments says, in a process of its own: the answer is settled at load."""
    script = f"import ctypes; f = ctypes.CDLL('{SERIAL}').{function}; f.restype = ctypes.c_char_p; print(f().decode())"
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout.strip()


def flags():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split() for line in lines if line.startswith("flags")), [])


def use_what_there_is():
    """Set OPENBLAS_CORETYPE for this process's children where OpenBLAS is at a loss; a choice made outside stands."""
    if "OPENBLAS_CORETYPE" not in os.environ and os.path.exists(SERIAL) and ask("openblas_get_corename") == FALLBACK:
        best = next((core for flag, core in BEST if flag in flags()), None)
        if best:
            os.environ["OPENBLAS_CORETYPE"] = best


def two_threads():
    """The environment of a program that is to use two threads of OpenBLAS, whichever of Debian's builds is the default."""
    return dict(os.environ, OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2", LD_LIBRARY_PATH=THREADED)

"""The two products of an iteration on a dense A: one thread, against OpenBLAS, the FMA peak and the read bandwidth."""
import json
import subprocess

from fit import built
from report import at_least, say

OF_PEAK, OF_BANDWIDTH, OF_OPENBLAS = 0.6, 0.8, 3.5
RACED = (10, 20)
COLUMNS = [("dtype", "", "s"), ("k", "k", "d"), ("gflops", "GF/s", ".1f"), ("of_peak", "of FMA peak", ".0%"),
           ("of_bandwidth", "of bandwidth", ".0%"), ("openblas_gflops", "OpenBLAS GF/s", ".1f"), ("ratio", "÷ OpenBLAS", ".2f")]


def bars(row):
    name = f"dense products, {row['dtype']}, k = {row['k']}"
    bound = max(row["of_peak"] / OF_PEAK, row["of_bandwidth"] / OF_BANDWIDTH)
    yield at_least(f"{name}: of the bound", bound, 1)
    if row["k"] in RACED and row["dtype"] == "f64":
        yield at_least(f"{name}: × OpenBLAS", row["ratio"], OF_OPENBLAS)


def measure(options):
    done = subprocess.run([built("products")], check=True, capture_output=True, text=True)
    say(done.stdout)
    limits, *rows = map(json.loads, done.stdout.splitlines())
    note = (f"5000 × 2000, one thread, medians. In the same run: {limits['fma_peak_f64']} GF/s of multiply-adds in f64, "
            f"{limits['fma_peak_f32']} in f32, {limits['read_gb_per_s']} GB/s of reading. "
            f"The bound: the lower of {100 * OF_PEAK:.0f} % of that peak and {100 * OF_BANDWIDTH:.0f} % of that bandwidth.")
    return {"title": "Dense products", "note": note, "limits": limits, "columns": COLUMNS, "rows": rows,
            "bars": [bar for row in rows for bar in bars(row)]}

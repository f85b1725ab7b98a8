"""The two products of an iteration on a dense A: one thread, against OpenBLAS, the FMA peak and the read bandwidth."""
import json
import statistics
import subprocess

from fit import built
from report import at_least, say

OF_PEAK, OF_BANDWIDTH, OF_OPENBLAS = 0.6, 0.8, 3.5
RACED = (10, 20)
COLUMNS = [("dtype", "", "s"), ("k", "k", ".0f"), ("gflops", "GF/s", ".1f"), ("of_peak", "of FMA peak", ".0%"),
           ("of_bandwidth", "of bandwidth", ".0%"), ("openblas_gflops", "OpenBLAS GF/s", ".1f"), ("ratio", "÷ OpenBLAS", ".2f")]


def bars(row):
    name = f"dense products, {row['dtype']}, k = {row['k']}"
    bound = max(row["of_peak"] / OF_PEAK, row["of_bandwidth"] / OF_BANDWIDTH)
    yield at_least(f"{name}: of the bound", bound, 1)
    if row["k"] in RACED and row["dtype"] == "f64":
        yield at_least(f"{name}: × OpenBLAS", row["ratio"], OF_OPENBLAS)


def run():
    done = subprocess.run([built("products")], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def median_line(lines):
    """The same line of several runs: every figure's median."""
    return {key: statistics.median(line[key] for line in lines) if isinstance(value, (int, float)) else value
            for key, value in lines[0].items()}


def measure(options):
    limits, *rows = map(median_line, zip(*(run() for _ in range(options.runs))))
    for row in rows:
        say(f"{row['dtype']} k={row['k']}: {row['gflops']:.1f} GF/s, {row['ratio']:.2f} x OpenBLAS")
    note = (f"5000 × 2000, one thread, medians of {options.runs} runs. In the same runs: {limits['fma_peak_f64']} GF/s of "
            f"multiply-adds in f64, {limits['fma_peak_f32']} in f32, {limits['read_gb_per_s']} GB/s of reading; on two threads at "
            f"a time {limits['two_threads_fma_peak_f64']} and {limits['two_threads_read_gb_per_s']}. "
            f"The bound: the lower of {100 * OF_PEAK:.0f} % of that peak and {100 * OF_BANDWIDTH:.0f} % of that bandwidth.")
    yield {"title": "Dense products", "note": note, "limits": limits, "columns": COLUMNS, "rows": rows,
           "bars": [bar for row in rows for bar in bars(row)]}

"""Gene programs of single cells: how many there are, which they are, and how sure that is.

    python single_cell.py                  # counts drawn from four known programs
    python single_cell.py CELLS.h5ad       # your own; what is found goes to CELLS.nmf.h5ad
"""

import sys
from pathlib import Path

import anndata
import numpy as np
import scipy.sparse as sp

import nmf

PROGRAMS, CELLS, GENES = 4, 300, 200


def simulated():
    """Counts with Poisson noise: each cell is mostly one program, and all share housekeeping genes."""
    rng = np.random.default_rng(0)
    programs = rng.gamma(0.25, size=(PROGRAMS, GENES)) + 0.02
    programs /= programs.sum(axis=1, keepdims=True)
    usage = rng.dirichlet(np.full(PROGRAMS, 0.2), CELLS)
    depth = rng.lognormal(7, 0.3, (CELLS, 1))
    data = anndata.AnnData(sp.csr_matrix(rng.poisson(depth * usage @ programs).astype(np.float64)), dtype=np.float64)
    data.var_names = [f"gene{j}" for j in range(GENES)]
    data.varm["truth"] = programs.T
    return data


def main():
    data = anndata.read_h5ad(sys.argv[1]) if len(sys.argv) > 1 else simulated()
    print(f"{data.n_obs} cells, {data.n_vars} genes")

    # Counts have Poisson noise: the Kullback-Leibler divergence is their loss.
    survey = nmf.rank_survey(data, range(2, 7), loss="kl", restarts=6, random_state=0, tol=1e-3)
    print(survey)

    model = nmf.NMF(survey.rank, loss="kl", random_state=0, max_iter=500)
    model.fit_transform(data)  # also writes obsm["X_nmf"], varm["NMF"], uns["nmf"]
    for program in data.varm["NMF"].T:
        print("  " + ", ".join(data.var_names[j] for j in program.argsort()[::-1][:6]))

    if "truth" in data.varm:
        truth, found = (M / np.linalg.norm(M, axis=0) for M in (data.varm["truth"], data.varm["NMF"]))
        print("each true program is found with a cosine of", np.round((truth.T @ found).max(axis=1), 3))
    else:
        out = Path(sys.argv[1]).with_suffix(".nmf.h5ad")
        data.write(out)
        print(f"written to {out}")


if __name__ == "__main__":
    main()

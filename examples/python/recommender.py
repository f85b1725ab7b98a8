"""Recommendations: what a user who has rated some items would say of the others.

    python recommender.py                 # ratings drawn from known tastes
    python recommender.py RATINGS.csv     # user,item,rating a line, the first line being names
"""

import sys

import numpy as np
import scipy.sparse as sp

import nmf

HELD_OUT = 0.1


def simulated(rng, users=500, items=300, tastes=5, each=40):
    """Each user rates some items, 1 to 5, by how their tastes meet what the items have of them."""
    likes, has = rng.gamma(0.5, size=(users, tastes)), rng.gamma(0.5, size=(tastes, items))
    opinion = likes @ has
    stars = 1 + 4 * opinion / np.quantile(opinion, 0.98)
    user = np.repeat(np.arange(users), each)
    item = np.concatenate([rng.choice(items, each, replace=False) for _ in range(users)])
    return user, item, np.clip(np.round(2 * stars[user, item]) / 2, 0.5, 5)


def read(path):
    import pandas

    table = pandas.read_csv(path)
    user, item = (table.iloc[:, column].astype("category").cat.codes.to_numpy() for column in (0, 1))
    return user, item, table.iloc[:, 2].to_numpy(float)


def main():
    rng = np.random.default_rng(0)
    user, item, rating = read(sys.argv[1]) if len(sys.argv) > 1 else simulated(rng)
    shape = (user.max() + 1, item.max() + 1)
    test = rng.random(len(rating)) < HELD_OUT

    def matrix(values, which):
        return sp.csr_matrix((values[which], (user[which], item[which])), shape=shape)

    # What nobody rated weighs nothing.
    known, weights = matrix(rating, ~test), matrix(np.ones(len(rating)), ~test)
    model = nmf.NMF(5, alpha_W=0.1, random_state=0, init="random", max_iter=300)
    W = model.fit_transform(known, weights=weights)

    def rmse(guess):
        return np.sqrt(np.mean((guess - rating[test]) ** 2))

    foretold = np.clip((W[user[test]] * model.components_[:, item[test]].T).sum(axis=1), rating.min(), rating.max())
    mean = known.sum(axis=0).A1 / np.maximum(weights.sum(axis=0).A1, 1)
    print(f"{len(rating)} ratings of {shape[1]} items by {shape[0]} users; RMSE of those held out "
          f"{rmse(foretold):.3f}, by the mean of the item {rmse(mean[item[test]]):.3f}")

    guess = W[0] @ model.components_
    guess[known[0].indices] = -np.inf
    print("user 0 would like", ", ".join(f"item {j} ({guess[j]:.1f})" for j in guess.argsort()[::-1][:5]))


if __name__ == "__main__":
    main()

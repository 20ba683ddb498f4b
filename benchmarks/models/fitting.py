"""Fitting BG/NBD and Gamma-Gamma to CDNOW: what is found beside what was published, and the time beside a bare floor.

The floor is what one writes first: the negative log-likelihood over the customers' arrays in NumPy and SciPy's gamma
functions, handed to ``scipy.optimize.minimize`` (Nelder-Mead, its defaults but for tolerances that find the published
figures to 0.1 %) once, from one start. No gradient, no equal histories taken together, no second start. Both are timed
in turn by the processor's clock, best of several, so that what else runs on the machine has no part in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from app.insights import bgnbd, gamma_gamma
from app.insights.purchases import Floats, History, Summary, gather, summarise

WEEKS = 39
PUBLISHED = {
    "bgnbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "v": 15.44},
}
"""Fader, Hardie and Lee (2005), Table 2, with a log-likelihood of −9582.4; Fader and Hardie (2013)."""


def cdnow() -> History:
    """The purchases of a tenth of a record shop's customers of 1997, from the package ``lifetimes``, of which the data
    alone are read."""
    found = find_spec("lifetimes")
    assert found is not None, "The package lifetimes is a development dependency: run tools/venv test."
    assert found.submodule_search_locations is not None
    path = Path(found.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt"
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    days = [date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])).toordinal() for row in rows]
    return gather(
        np.array([int(row[1]) for row in rows], np.int64),
        np.array(days, np.int64),
        np.array([float(row[4]) for row in rows], np.float64),
    )


def calibration(history: History) -> Summary:
    """The first 39 weeks."""
    return summarise(history, history.first_day + WEEKS * 7 - 1)


def floor_bgnbd(summary: Summary) -> tuple[Floats, float]:
    """The four parameters by the bare way, and the log-likelihood."""
    x, t_x, age = summary.x, summary.t_x, summary.age

    def cost(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        first = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        second = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        third = -(r + x) * np.log(alpha + age)
        fourth = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
        return -float(np.sum(first + second + np.log(np.exp(third) + (x > 0) * np.exp(fourth))))

    found = minimize(cost, np.zeros(4), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4, "maxiter": 5_000})
    return np.asarray(np.exp(found.x), np.float64), -float(found.fun)


def floor_gamma_gamma(summary: Summary) -> Floats:
    """The three parameters by the bare way."""
    used = (summary.x > 0) & (summary.mean_amount > 0)
    x, mean = summary.x[used], summary.mean_amount[used]

    def cost(logs: Floats) -> float:
        p, q, v = np.exp(logs)
        terms = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(mean)
        return -float(np.sum(terms + p * x * np.log(x) - (p * x + q) * np.log(v + mean * x)))

    found = minimize(cost, np.ones(3), method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4, "maxiter": 5_000})
    return np.asarray(np.exp(found.x), np.float64)


def against_floor(rounds: int) -> dict[str, Any]:
    """Both models' estimates, how far they are from the published ones (per cent), and the times in milliseconds."""
    summary = calibration(cdnow())
    coming, spending = bgnbd.fit(summary), gamma_gamma.fit(summary)
    bare, likelihood = floor_bgnbd(summary)
    told: dict[str, Any] = {
        "log_likelihood": round(coming.log_likelihood, 2),
        "floor_log_likelihood": round(likelihood, 2),
    }
    for name, model, plain in (("bgnbd", coming, bare), ("gamma_gamma", spending, floor_gamma_gamma(summary))):
        found = {fact: float(getattr(model, fact)) for fact in PUBLISHED[name]}
        told[name] = {
            "floor": [round(float(value), 4) for value in plain],
            "estimates": {
                fact: {
                    "ours": round(value, 4),
                    "published": PUBLISHED[name][fact],
                    "off_percent": round(abs(value / PUBLISHED[name][fact] - 1) * 100, 3),
                }
                for fact, value in found.items()
            },
        }
    ways: dict[str, Callable[[Summary], object]] = {
        "bgnbd": bgnbd.fit,
        "bgnbd_floor": floor_bgnbd,
        "gamma_gamma": gamma_gamma.fit,
        "gamma_gamma_floor": floor_gamma_gamma,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = process_time()
            way(summary)
            took[name].append((process_time() - began) * 1000)
    best = {name: min(times) for name, times in took.items()}
    told["ms"] = {name: round(value, 1) for name, value in best.items()}
    told["ratio"] = {name: round(best[name] / best[f"{name}_floor"], 2) for name in ("bgnbd", "gamma_gamma")}
    return told

"""What R's survival package computes by default, written down from its formulas.

`survfit`, `coxph` and its likelihood-ratio test; where R is installed, a test compares.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, norm

Z = norm.ppf(0.975)
HALF = 1.5e-8  # R's tolerance for a curve at one half
NO_MAXIMUM = 8  # a coefficient or its error on its way to infinity


class Curve(NamedTuple):
    """A survival curve: times of its steps, and what stands from each of them on."""

    times: np.ndarray
    rates: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    median: float  # not a number where the program gives none


def curve(times: np.ndarray, events: np.ndarray) -> Curve:
    """`survfit`: limits on the log scale; the median in the middle of a step at one half."""
    steps, places = np.unique(times, return_inverse=True)
    died = np.bincount(places, events)
    at_risk = len(times) - np.searchsorted(np.sort(times), steps)
    rates = np.cumprod(1 - died / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(died / (at_risk * (at_risk - died))))
        ends = (rates * np.exp(Z * error * side) for side in (-1, 1))
        lower, upper = (np.where(rates > 0, end, np.nan) for end in ends)
    return Curve(steps, rates, lower, np.minimum(upper, 1), _middle(steps, rates))


def _middle(steps, rates):
    at = rates < 0.5 + HALF
    if not at.any():
        return np.nan
    first, later = rates[at][0], rates < rates[at][0]
    if abs(first - 0.5) < HALF and later.any():
        return (steps[at][0] + steps[later][0]) / 2
    return steps[at][0]


def cox(times: np.ndarray, events: np.ndarray, inside: np.ndarray) -> tuple | None:
    """`coxph`: Efron's ties, Wald's test."""
    found = minimize_scalar(lambda b: -_efron(b, times, events, inside), (-1, 1), tol=1e-12)
    step = 1e-4
    at = (_efron(found.x + k * step, times, events, inside) for k in (-1, 0, 1))
    below, here, above = at
    bend = (2 * here - below - above) / step**2
    error = 1 / np.sqrt(bend) if bend > 0 else np.inf
    return finite(found.x, error, 2 * norm.sf(abs(found.x) / error))


def finite(beta: float, error: float, p: float) -> tuple | None:
    """A model's coefficient, standard error and P, or None where it has no maximum."""
    good = abs(beta) < NO_MAXIMUM and 0 < error < NO_MAXIMUM
    return (float(beta), float(error), float(p)) if good else None


def _efron(beta, times, events, inside):
    """Logarithm of the partial likelihood of one group's coefficient."""
    risk, total = np.exp(beta * inside), 0.0
    for time in np.unique(times[events]):
        here = events & (times == time)
        ways = risk[times >= time].sum() - np.arange(here.sum()) / here.sum() * risk[here].sum()
        total += beta * inside[here].sum() - np.log(ways).sum()
    return total


def likelihood_ratio(*data: np.ndarray) -> float | None:
    """P of the likelihood-ratio test of one group."""
    model = cox(*data)
    if model is None:
        return None
    return chi2.sf(2 * (_efron(model[0], *data) - _efron(0, *data)), 1)

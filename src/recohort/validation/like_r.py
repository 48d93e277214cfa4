"""The curve of R's survival package, written down from its formulas: `survfit` by default.

Where R is installed, a test compares.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

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


def survfit(times: np.ndarray, events: np.ndarray) -> Curve:
    """Limits on the log scale; the median in the middle of a step at one half."""
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


def finite(beta: float, error: float, p: float) -> tuple | None:
    """A model's coefficient, standard error and P, or None where it has no maximum."""
    good = abs(beta) < NO_MAXIMUM and 0 < error < NO_MAXIMUM
    return (float(beta), float(error), float(p)) if good else None

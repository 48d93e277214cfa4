"""Survival analysis of many cohorts at once (NumPy): one row a cohort, one column a patient.

`times` and `events` have the shape (K, n), `groups` too (booleans), in any order of patients;
answers have the shape (K,). Equal, cohort by cohort, to `recohort.paper.estimates`.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from recohort.survival.kernels import cox_alone, log_rank_p, log_rank_terms

MOST = 62  # patients: sets of them are bits of a whole number


class Ranked(NamedTuple):
    """Cohorts with their patients in order of time, deaths before last visits at one time."""

    times: np.ndarray
    events: np.ndarray
    groups: np.ndarray


def ranked(times: np.ndarray, events: np.ndarray, groups: np.ndarray | None = None) -> Ranked:
    """Put every cohort in order; without `groups`, everyone belongs to the group.

    Raises ValueError for shapes that differ, for a time that is no number, and for nobody.
    """
    times, events = np.asarray(times, float), np.asarray(events, bool)
    groups = np.ones_like(events) if groups is None else np.asarray(groups, bool)
    if times.ndim != 2 or not times.shape == events.shape == groups.shape or not times.size:
        raise ValueError(f"ranked: shapes {times.shape}, {events.shape}, {groups.shape}")
    if not np.isfinite(times).all():
        raise ValueError("ranked: a time is missing or infinite")
    order = np.lexsort((~events, times))
    return Ranked(*(np.take_along_axis(a, order, axis=1) for a in (times, events, groups)))


def _steps(cohorts):
    """Kaplan-Meier after each position, its Greenwood sum, and who takes part.

    Deaths at one time stand side by side, where single factors give the same product:
    (1 - 1/n)(1 - 1/(n-1)) is 1 - 2/n. Likewise the terms of Greenwood's sum.
    """
    at_risk = np.cumsum(cohorts.groups[:, ::-1], axis=1)[:, ::-1]
    died = cohorts.events & cohorts.groups
    with np.errstate(divide="ignore", invalid="ignore"):
        curve = np.cumprod(np.where(died, 1 - 1 / at_risk, 1), axis=1)
        sums = np.cumsum(np.where(died, 1 / (at_risk * (at_risk - 1.0)), 0), axis=1)
    return curve, sums


def rates_at(cohorts: Ranked, months: float) -> tuple[np.ndarray, np.ndarray]:
    """Kaplan-Meier rate of each cohort's group at a landmark, and Greenwood's standard error.

    NaN where the group is empty; the error is NaN where the curve has reached zero.
    """
    curve, sums = _steps(cohorts)
    past = (cohorts.times <= months).sum(axis=1)
    rows = np.arange(len(past))
    rate = np.where(past > 0, curve[rows, past - 1], 1.0)
    spread = np.where(past > 0, sums[rows, past - 1], 0.0)
    rate = np.where(cohorts.groups.any(axis=1), rate, np.nan)
    return rate, rate * np.sqrt(np.where(np.isfinite(spread), spread, np.nan))


def medians(cohorts: Ranked) -> np.ndarray:
    """Kaplan-Meier median survival: the first time with a rate of a half or less, else inf."""
    curve, _ = _steps(cohorts)
    below = curve <= 0.5 + 1e-12  # a half, up to rounding error of the product
    first = np.take_along_axis(cohorts.times, below.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(below.any(axis=1), first, np.inf)


def bits_of(cohorts: Ranked) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deaths, tied deaths and groups as bits by order of time, as the search's kernels take them.

    Raises ValueError for more than `MOST` patients.
    """
    n = cohorts.times.shape[1]
    if n > MOST:
        raise ValueError(f"bits_of: {n} patients, at most {MOST}")
    together = np.zeros_like(cohorts.events)
    same = cohorts.times[:, 1:] == cohorts.times[:, :-1]
    together[:, :-1] = same & cohorts.events[:, 1:] & cohorts.events[:, :-1]
    weights = 1 << np.arange(n)
    return tuple(a @ weights for a in (cohorts.events, together, cohorts.groups))


def log_rank(cohorts: Ranked) -> np.ndarray:
    """Two-sided P of group against the rest; NaN where no death compares the two."""
    return log_rank_p(cohorts.times.shape[1], *bits_of(cohorts))


def cox(cohorts: Ranked, ties: str = "breslow") -> tuple[np.ndarray, np.ndarray]:
    """Coefficient of the group alone and its standard error, at full convergence.

    `ties` is "breslow" or "efron"; NaN where the likelihood has no maximum.
    """
    if ties not in ("breslow", "efron"):
        raise ValueError(f"cox: ties={ties!r}, expected 'breslow' or 'efron'")
    return cox_alone(cohorts.times.shape[1], *bits_of(cohorts), ties)


def far_apart(cohorts: Ranked, ruler: str = "difference") -> np.ndarray:
    """How far each group is from the rest; NaN where no death compares the two.

    `ruler` "difference" takes |observed - expected| deaths, "chi_squared" the square of that over
    its variance. Raises ValueError for another ruler.
    """
    return _far(cohorts.times.shape[1], *bits_of(cohorts), ruler)


def exact_p(cohorts: Ranked, ruler: str = "difference") -> np.ndarray:
    """Exact permutation P: the share of all groups of this size that are as far apart.

    How far is measured as in `far_apart`. Every choice of as many patients counts once, also those
    beyond comparison (as not far). Cohorts that differ in nothing that matters are worked out once.
    """
    n, (patterns, ties, masks) = cohorts.times.shape[1], bits_of(cohorts)
    found = _far(n, patterns, ties, masks, ruler)
    answer = np.full(len(masks), np.nan)
    keys = np.stack([patterns, ties, np.bitwise_count(masks).astype(np.int64)], axis=1)
    for pattern, tie, size in np.unique(keys, axis=0):
        here = (keys == (pattern, tie, size)).all(axis=1)
        every = np.array([sum(1 << i for i in c) for c in combinations(range(n), int(size))])
        same = np.full(len(every), pattern), np.full(len(every), tie)
        far = np.nan_to_num(_far(n, *same, every, ruler))
        answer[here] = [(far >= own * (1 - 1e-9) - 1e-9).mean() for own in found[here]]
    return np.where(np.isnan(found), np.nan, answer)


def _far(n, patterns, ties, masks, ruler):
    """`far_apart` for cohorts as bits."""
    if ruler not in ("difference", "chi_squared"):
        raise ValueError(f"ruler={ruler!r}, expected 'difference' or 'chi_squared'")
    score, variance = log_rank_terms(n, patterns, ties, masks)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi = score**2 / variance
    return np.where(np.isnan(chi), np.nan, np.abs(score)) if ruler == "difference" else chi

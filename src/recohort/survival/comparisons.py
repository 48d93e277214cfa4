"""Stage three: which groups, and which tied deaths, print the P values and hazard ratios."""

from itertools import combinations

import numpy as np
import pandas as pd

from recohort.paper.estimates import cox
from recohort.paper.rounding import decimals_of
from recohort.survival.kernels import cox_alone, log_rank_p, wald_p
from recohort.survival.problem import TESTS, Problem, mask_of, rows_for, settings

NORMAL_975 = 1.959963984540054  # as software has it; the limits of rates are done by hand with 1.96


def death_ties(size: int, pattern: int, counts) -> list[int]:
    """Every way that deaths can share a time without crossing a landmark, as bits."""
    free = [
        i for i in range(size - 1)
        if pattern >> i & 1 and pattern >> (i + 1) & 1 and i + 1 not in counts
    ]  # fmt: skip
    chosen = (c for r in range(len(free) + 1) for c in combinations(free, r))
    return [sum(1 << i for i in c) for c in chosen]


def fitting_ties(problem: Problem, orders, at, sets, step) -> list[int]:
    """For each candidate group, the tie patterns that print its tests, as bits.

    Bit t of an answer stands for the t-th of `death_ties` of the candidate's order.
    """
    ties = [
        death_ties(problem.size, p, set(c))
        for p, c in zip(orders.pattern.tolist(), orders.counts.tolist(), strict=True)
    ]
    pairs = [(k, t) for k, o in enumerate(at.tolist()) for t in range(len(ties[o]))]
    which = np.array([k for k, _ in pairs], int)
    tie = np.array([ties[at[k]][t] for k, t in pairs], np.int64)
    good = np.ones(len(pairs), bool)
    for complemented in (False, True):
        rows = rows_for(problem, TESTS, (*step, complemented))
        masks = 2**problem.size - 1 - sets if complemented else sets
        good &= _prints_tests(problem, rows, orders.pattern[at][which], tie, masks[which])
    answer = [0] * len(at)
    for k, t in (pairs[i] for i in np.flatnonzero(good)):
        answer[k] |= 1 << t
    return answer


def _prints_tests(problem, rows, patterns, ties, masks):
    good = np.ones(len(masks), bool)
    for row in rows:
        conventions = settings(problem, row)
        if is_joint(problem, row):
            continue  # two covariates join two columns: judged with the whole cohort
        left = np.flatnonzero(good)
        arrays = patterns[left], ties[left], masks[left]
        value = test_values(problem.size, *arrays, row, conventions)
        good[left] = rounds_to(value, row, conventions)
    return good


def test_values(size, patterns, ties, masks, row, conventions) -> np.ndarray:
    """The figure of a P value or hazard-ratio row for many cohorts, shape (K,)."""
    if row.statistic == "p_value" and conventions["test"] == "log_rank":
        return log_rank_p(size, patterns, ties, masks)
    beta, error = cox_alone(size, patterns, ties, masks, conventions["ties"])
    with np.errstate(over="ignore", invalid="ignore"):
        return {
            "p_value": lambda: wald_p(beta, error),
            "hazard_ratio_p": lambda: wald_p(beta, error),
            "hazard_ratio": lambda: np.exp(beta),
            "hazard_ratio_lower": lambda: np.exp(beta - NORMAL_975 * error),
            "hazard_ratio_upper": lambda: np.exp(beta + NORMAL_975 * error),
        }[row.statistic]()


def is_joint(problem: Problem, row) -> bool:
    """Is the row's figure that of a Cox model with a second covariate?"""
    adjusted = dict(row.options).get("adjusted_for")
    return bool(adjusted) and settings(problem, row)["adjustment"] == "joint"


def prints_joint(problem: Problem, row, cohort) -> bool:
    """Does a whole cohort print a figure of a Cox model with two covariates (statsmodels)?"""
    column, _, value = dict(row.options)["adjusted_for"].partition("=")
    filters, masks = (row.filters[0], (column, "=", value)), dict(cohort.masks)
    masks = [mask_of(problem, f, masks) for f in filters]
    if None in masks:
        return False
    sides = [[bool(mask >> i & 1) for i in range(problem.size)] for mask in masks]
    died = [bool(cohort.pattern >> i & 1) for i in range(problem.size)]
    frame = pd.DataFrame({"time": cohort.times, "event": died})
    conventions = settings(problem, row)
    covariates = pd.DataFrame(dict(zip("ab", sides, strict=True)))
    try:
        found = cox(frame, covariates, conventions["ties"]).iloc[0]
    except ValueError:  # no maximum: no figure can be printed
        return False
    cell = {"hazard_ratio_lower": "ci_lower", "hazard_ratio_upper": "ci_upper",
            "hazard_ratio_p": "p_value"}.get(row.statistic, "hazard_ratio")  # fmt: skip
    return bool(rounds_to(np.array([found[cell]]), row, conventions)[0])


def rounds_to(values, row, conventions) -> np.ndarray:
    """Do `values` (floats) print the row's figure? P values may pass through three decimals."""
    decimals = decimals_of(row.printed)
    is_p = row.statistic in ("p_value", "hazard_ratio_p")
    if is_p and conventions["p_rounding"] == "three_decimals" and decimals < 3:
        values = np.floor(values * 1000 + 0.5) / 1000 + 1e-9
    with np.errstate(invalid="ignore"):
        return np.floor(values * 10**decimals + 0.5) == round(float(row.printed) * 10**decimals)

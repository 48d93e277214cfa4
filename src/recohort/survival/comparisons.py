"""Stage three: which groups, and which tied deaths, print the P values and hazard ratios."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd

from recohort.paper.estimates import cox_p
from recohort.paper.limits import level_of, normal_quantile
from recohort.paper.printed import values_of
from recohort.paper.rounding import decimals_of
from recohort.paper.rows import ROUNDED, Row
from recohort.paper.statistics import P_VALUES
from recohort.survival.kernels import (
    Bits,
    cox_alone,
    cox_joint,
    exact_log_rank_p,
    groups_p,
    likelihood_ratio_p,
    log_rank_p,
    order_of,
    score_p,
    wald_p,
)
from recohort.survival.problem import Problem, chosen_settings, is_joint, mask_of, settings

EARLY = 1e-3  # standard errors that a Cox model may be off where the fit stops early
POWERS = {"log_rank": 0, "breslow_gehan": 1, "tarone_ware": 0.5}  # of the weights
WALD = ("cox", "wald")


def prints_tests(
    problem: Problem, rows: Iterable[Row], patterns: Bits, ties: Bits, masks: Bits
) -> np.ndarray:
    """Which of many cohorts are consistent with all of some rows, those of joint models aside.

    Hazard ratios go first: they say more than P values, and are formed in fewer ways.
    """
    good = np.ones(len(masks), bool)
    for row in sorted(rows, key=lambda row: row.statistic == "p_value"):
        if is_joint(problem, row):
            continue  # what joins columns is judged with the whole cohort
        left = np.flatnonzero(good)
        good[left] = prints_test(problem, row, patterns[left], ties[left], masks[left])
    return good


def prints_test(problem: Problem, row: Row, patterns: Bits, ties: Bits, masks: Bits) -> np.ndarray:
    """Which of many cohorts are consistent with a P value or hazard-ratio row, shape (K,)."""
    good = np.zeros(len(masks), bool)
    early = "early" in settings(problem, row)["convergence"]
    chosen = chosen_settings(problem, row, ("test", "ties"))
    for test, method in dict.fromkeys(_model(row, **own) for own in chosen):
        cohorts = problem.size, patterns, ties, masks
        ends = _test_ends(cohorts, row, test, method, EARLY * early)
        good |= _prints_between(problem, row, *ends)
    return good


def _model(row, test, ties):
    """The test and the way with ties that a row's number depends on: equal ones are formed once."""
    if row.statistic != "p_value" or test in WALD:
        return "cox", ties
    return test, ("" if test in POWERS or test == "exact_log_rank" else ties)


def _prints_between(problem, row, low, high):
    """Which numbers from low to high print the row's, or stand in its relation to it.

    P values may pass through three decimals.
    """
    good = np.zeros(len(low), bool)
    coarse = row.statistic in P_VALUES and row.relation == ROUNDED and decimals_of(row.printed) < 3
    for chosen in chosen_settings(problem, row, ("p_rounding", "halves")):
        ends = low, high
        if coarse and chosen["p_rounding"] == "three_decimals":
            ends = [np.floor(1000 * end + 0.5) / 1000 for end in ends]
        good |= _meets(values_of(row, (chosen["halves"],)), *ends)
    return good


def _meets(values, low, high):
    """Which ranges from low to high have one of some values."""
    least, most, least_closed, most_closed = values
    good = ~np.isnan(low)
    if least is not None:
        good &= (high >= float(least)) if least_closed else (high > float(least))
    if most is not None:
        good &= (low <= float(most)) if most_closed else (low < float(most))
    return good


def _test_ends(cohorts, row, test, method, slack):
    """The least and the greatest that a P value or hazard-ratio row can say for many cohorts.

    Two arrays of shape (K,); they differ where a Cox model's coefficient may be off by `slack`
    standard errors.
    """
    if test != "cox":
        p = _p_of(test, cohorts, method)
        return p, p
    beta, error = cox_alone(*cohorts, method)
    level = level_of(row)
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = [beta + side * slack * error for side in (-1, 1)]
        ends = [_cox_cell(row.statistic, value, error, level) for value in shifted]
    return np.minimum(*ends), np.maximum(*ends)


def _p_of(test, cohorts, ties):
    """P of one named test, for many cohorts."""
    if test in POWERS:
        return log_rank_p(*cohorts, POWERS[test])
    if test == "exact_log_rank":
        return exact_log_rank_p(*cohorts)
    return (score_p if test == "score" else likelihood_ratio_p)(*cohorts, ties)


def _cox_cell(statistic, beta, error, level):
    if statistic in P_VALUES:
        return wald_p(beta, error)
    z = float(normal_quantile("exact", level))
    limits = {"hazard_ratio_lower": -z, "hazard_ratio_upper": z}
    return np.exp(beta + limits.get(statistic, 0) * error)


def prints_joint(problem: Problem, row: Row, pattern: int, ties: int, masks: dict) -> bool:
    """Is an order with groups and tied deaths consistent with a row of `is_joint`?"""
    order, by = (problem.size, pattern, ties), dict(row.options).get("by")
    values = _adjusted(problem, row, masks, *order)
    if by:
        values = _of_groups(problem, row, masks, by, *order)
    numbers = (np.array([value]) for value in values if value is not None)
    return any(_prints_between(problem, row, number, number)[0] for number in numbers)


def _adjusted(problem, row, masks, *order):
    """Each way to form a hazard ratio beside a second covariate, where there is a maximum."""
    column, _, value = dict(row.options)["adjusted_for"].partition("=")
    groups = [mask_of(problem, f, masks) for f in (row.filters[0], (column, "=", value))]
    if None in groups:
        return
    for chosen in chosen_settings(problem, row, ("adjustment", "ties")):
        used = tuple(groups if chosen["adjustment"] == "joint" else groups[:1])
        found = cox_joint(*order, used, chosen["ties"])
        if found:
            beta, covariance = found
            yield _cox_cell(row.statistic, beta[0], covariance[0, 0] ** 0.5, level_of(row))


def _of_groups(problem, row, masks, by, *order):
    """Each way to form the P of all levels of a column."""
    levels = [level for level in problem.levels[by] if level is not None]
    groups = [mask_of(problem, (by, "=", level), masks) for level in levels]
    if None in groups or sum(mask.bit_count() for mask in groups) != problem.size:
        return
    for chosen in chosen_settings(problem, row, ("test", "ties")):
        yield _p_together(*order, tuple(filter(None, groups)), chosen["test"], chosen["ties"])


@lru_cache(maxsize=200_000)
def _p_together(size, pattern, ties, groups, test, method):
    if test in POWERS:
        return groups_p(size, pattern, ties, groups, POWERS[test])
    if test == "exact_log_rank":
        return None
    sides = {k: [mask >> i & 1 for i in range(size)] for k, mask in enumerate(groups[1:])}
    frame = pd.DataFrame(dict(zip(("time", "event"), order_of(size, pattern, ties), strict=True)))
    try:
        return cox_p(frame, pd.DataFrame(sides), "wald" if test in WALD else test, method)
    except (ValueError, np.linalg.LinAlgError):  # no maximum
        return None

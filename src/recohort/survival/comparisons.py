"""Stage three: which groups, and which tied deaths, print the P values and hazard ratios."""

from collections.abc import Iterable
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from recohort.paper.estimates import cox_p
from recohort.paper.limits import level_of, normal_quantile
from recohort.paper.on_curves import cox_number
from recohort.paper.rounding import COMPARED, decimals_of
from recohort.paper.rows import Row
from recohort.paper.statistics import P_VALUES
from recohort.survival.kernels import (
    Bits,
    cox_alone,
    cox_joint,
    exact_log_rank_p,
    groups_p,
    likelihood_ratio_p,
    log_rank_p,
    score_p,
    wald_p,
)
from recohort.survival.problem import Problem, chosen_settings, mask_of, settings

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
    """Which numbers from low to high print the row's, or stand in its relation to it."""
    if row.relation in COMPARED:
        end, compared = float(row.printed), COMPARED[row.relation]
        with np.errstate(invalid="ignore"):
            if row.relation == "=":
                return (low <= end) & (end <= high)
            return compared(low, end) | compared(high, end)
    good = np.zeros(len(low), bool)
    for rounding in chosen_settings(problem, row, ("p_rounding", "halves")):
        (least, printed), (most, _) = (_rounded(end, row, rounding) for end in (low, high))
        good |= (least <= printed) & (printed <= most)
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


def is_joint(problem: Problem, row: Row) -> bool:
    """Does the row compare several groups, or may its Cox model have a second covariate?"""
    options = dict(row.options)
    adjusted = "adjusted_for" in options and "joint" in settings(problem, row)["adjustment"]
    return adjusted or "by" in options


def prints_joint(problem: Problem, row: Row, pattern: int, ties: int, masks: dict) -> bool:
    """Is an order with groups and tied deaths consistent with a row of `is_joint`?"""
    by = dict(row.options).get("by")
    found = _of_groups(problem, row, by, masks) if by else _adjusted(problem, row, masks)
    values = (value(problem.size, pattern, ties) for value in found)
    numbers = (np.array([value]) for value in values if value is not None)
    return any(_prints_between(problem, row, number, number)[0] for number in numbers)


def _adjusted(problem, row, masks):
    """Each way to form a hazard ratio beside a second covariate: functions of an order."""
    column, _, value = dict(row.options)["adjusted_for"].partition("=")
    groups = [mask_of(problem, f, masks) for f in (row.filters[0], (column, "=", value))]
    if None in groups:
        return
    for chosen in chosen_settings(problem, row, ("adjustment", "ties")):
        used = tuple(groups if chosen["adjustment"] == "joint" else groups[:1])
        yield partial(_ratio, row, used, chosen["ties"])


def _ratio(row, groups, method, size, pattern, ties):
    found = _cox_of(size, pattern, ties, groups, method)
    return found and cox_number(found, row)


def _of_groups(problem, row, by, masks):
    """Each way to form the P of all levels of a column: functions of an order."""
    labels = _labels(problem, by, masks)
    for chosen in chosen_settings(problem, row, ("test", "ties")) if labels else ():
        yield partial(_p_together, labels, chosen["test"], chosen["ties"])


def _labels(problem, column, masks):
    """The number of each patient's level of a column; None while some are not known."""
    levels = [level for level in problem.levels[column] if level is not None]
    known = [mask_of(problem, (column, "=", level), masks) for level in levels]
    if None in known or sum(mask.bit_count() for mask in known) != problem.size:
        return None
    return tuple(next(k for k, m in enumerate(known) if m >> i & 1) for i in range(problem.size))


@lru_cache(maxsize=200_000)
def _p_together(labels, test, method, size, pattern, ties):
    if test in POWERS:
        return groups_p(size, pattern, ties, labels, POWERS[test])
    if test == "exact_log_rank":
        return None
    sides = {k: [label == k for label in labels] for k in range(1, max(labels) + 1)}
    frame, name = _frame(size, pattern, ties), "wald" if test in WALD else test
    try:
        return cox_p(frame, pd.DataFrame(sides), name, method)
    except (ValueError, np.linalg.LinAlgError):  # no maximum
        return None


@lru_cache(maxsize=200_000)
def _cox_of(size, pattern, ties, groups, method):
    """The first covariate's numbers in a Cox model with the groups; None without a maximum."""
    found = cox_joint(size, pattern, ties, groups, method)
    if found is None:
        return None
    coefficient, error = float(found[0][0]), float(np.sqrt(found[1][0, 0]))
    return {
        "hazard_ratio": np.exp(coefficient),
        "p_value": float(wald_p(coefficient, error)),
        "coefficient": coefficient,
        "standard_error": error,
    }


def _frame(size, pattern, ties):
    """An order as a cohort: places in time, tied deaths at one."""
    times = [(~ties & ((1 << i) - 1)).bit_count() for i in range(size)]
    return pd.DataFrame({"time": times, "event": [bool(pattern >> i & 1) for i in range(size)]})


def _rounded(values, row, conventions):
    """Floats as a row prints them, and its number, in units of its last decimal.

    P values may pass through three decimals.
    """
    decimals = decimals_of(row.printed)
    is_p = row.statistic in P_VALUES
    if is_p and conventions["p_rounding"] == "three_decimals" and decimals < 3:
        values = np.floor(values * 1000 + 0.5) / 1000 + 1e-9
    scaled = values * 10**decimals
    with np.errstate(invalid="ignore"):
        found = {
            "up": lambda: np.floor(scaled + 0.5),
            "even": lambda: np.rint(scaled),
            "cut": lambda: np.floor(scaled + 1e-9),
        }[conventions["halves"]]()
    return found, round(float(row.printed) * 10**decimals)

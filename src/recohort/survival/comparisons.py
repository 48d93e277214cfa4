"""Stage three: which groups, and which tied deaths, print the P values and hazard ratios."""

from collections.abc import Collection
from functools import lru_cache, partial
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort.paper.estimates import cox, cox_p
from recohort.paper.limits import level_of, normal_quantile
from recohort.paper.on_curves import cox_number
from recohort.paper.rounding import COMPARED, decimals_of
from recohort.paper.rows import Row
from recohort.paper.statistics import HAZARDS, P_VALUES, TESTS
from recohort.survival.kernels import (
    Bits,
    cox_alone,
    exact_log_rank_p,
    groups_p,
    likelihood_ratio_p,
    log_rank_p,
    score_p,
    wald_p,
)
from recohort.survival.orders import Orders
from recohort.survival.problem import Problem, chosen_settings, mask_of, rows_for, settings

ANY_TIES = -1  # as bits: every way to tie deaths
PART = 2**17  # sets and ways to tie deaths tested at once
EARLY = 1e-3  # standard errors that a Cox model may be off where the fit stops early
POWERS = {"log_rank": 0, "breslow_gehan": 1, "tarone_ware": 0.5}  # of the weights
WALD = ("cox", "wald")


def death_ties(
    size: int, pattern: int, counts: Collection[int], most: int | None = None
) -> list[int]:
    """Ways that deaths can share a time without crossing a landmark, as bits: the fewest first.

    All of them, or the first `most`.
    """
    free = free_ties(size, pattern, counts)
    chosen = (c for r in range(len(free) + 1) for c in combinations(free, r))
    return [sum(1 << i for i in c) for c in islice(chosen, most)]


def free_ties(size: int, pattern: int, counts: Collection[int]) -> list[int]:
    """The deaths that may be at one time with the next patient's, as places in the order."""
    return [
        i
        for i in range(size - 1)
        if pattern >> i & 1 and pattern >> (i + 1) & 1 and i + 1 not in counts
    ]


class _Piece(NamedTuple):
    """Sets to be tested in one pattern of deaths under each way to tie them."""

    pattern: int
    ties: np.ndarray
    sets: np.ndarray
    places: np.ndarray  # of the candidates that have one of the sets
    which: np.ndarray  # the set of each


def fitting_ties(
    problem: Problem, orders: Orders, at: Bits, sets: Bits, step: tuple, most: int | None = None
) -> list[int]:
    """For each candidate group, the tie patterns that print its tests, as bits.

    Bit t of an answer stands for the t-th of `death_ties` of the candidate's order; with `most`,
    only so many are tried. Without tests any ties will do.
    """
    rows = [r for c in (False, True) for r in rows_for(problem, TESTS, (*step, c))]
    if all(is_joint(problem, row) for row in rows):
        return [ANY_TIES] * len(at)
    answer, waiting = np.zeros(len(at), object), []
    for piece in _pieces(problem.size, orders, at, sets, most):
        waiting.append(piece)
        if sum(len(p.sets) * len(p.ties) for p in waiting) >= PART:
            _test(problem, step, waiting, answer)
            waiting = []
    if waiting:
        _test(problem, step, waiting, answer)
    return answer.tolist()


def _pieces(size, orders, at, sets, most):
    """Candidates by pattern and by what may be tied there; sets that test alike come once."""
    alike = {}
    for o in np.unique(at).tolist():
        pattern, counts = int(orders.pattern[o]), set(orders.counts[o].tolist())
        ties = tuple(death_ties(size, pattern, counts, most))
        alike.setdefault((pattern, ties), []).append(o)
    for (pattern, ties), here in alike.items():
        places = np.flatnonzero(np.isin(at, here))
        found, which = np.unique(_ranked(size, pattern, sets[places]), return_inverse=True)
        several = max(1, PART // len(ties))
        for start in range(0, len(found), several):
            some = (which >= start) & (which < start + several)
            part = found[start : start + several]
            yield _Piece(pattern, np.array(ties), part, places[some], which[some] - start)


def _ranked(size, pattern, sets):
    """Sets with those who are censored between two deaths in a standard order.

    Every test goes by who dies and by how many are at risk then.
    """
    start, answer = 0, sets & pattern
    for end in [i for i in range(size) if pattern >> i & 1] + [size]:
        many = np.bitwise_count(sets >> start & ((1 << end - start) - 1)).astype(np.int64)
        answer |= ((1 << many) - 1) << start
        start = end + 1
    return answer


def _test(problem, step, pieces, answer):
    """Put the tie patterns that print all tests of a step in the candidates' places."""
    patterns = np.concatenate([np.full(len(p.sets) * len(p.ties), p.pattern) for p in pieces])
    ties = np.concatenate([np.tile(p.ties, len(p.sets)) for p in pieces])
    sets = np.concatenate([np.repeat(p.sets, len(p.ties)) for p in pieces])
    good = np.ones(len(sets), bool)
    for complemented in (False, True):
        rows = rows_for(problem, TESTS, (*step, complemented))
        masks = 2**problem.size - 1 - sets if complemented else sets
        good &= _prints_tests(problem, rows, patterns, ties, masks)
    start = 0
    for p in pieces:
        end = start + len(p.sets) * len(p.ties)
        rows = np.packbits(good[start:end].reshape(len(p.sets), -1), axis=1, bitorder="little")
        found = np.array([int.from_bytes(row.tobytes(), "little") for row in rows], object)
        answer[p.places], start = found[p.which], end


def _prints_tests(problem, rows, patterns, ties, masks):
    good = np.ones(len(masks), bool)
    for row in rows:
        if is_joint(problem, row):
            continue  # what joins columns is judged with the whole cohort
        left = np.flatnonzero(good)
        good[left] = prints_test(problem, row, patterns[left], ties[left], masks[left])
    return good


def prints_test(problem: Problem, row: Row, patterns: Bits, ties: Bits, masks: Bits) -> np.ndarray:
    """Which of many cohorts are consistent with a P value or hazard-ratio row, shape (K,)."""
    good = np.zeros(len(masks), bool)
    early = "early" in settings(problem, row)["convergence"]
    for chosen in chosen_settings(problem, row, ("test", "ties")):
        ends = _test_ends(problem.size, patterns, ties, masks, row, chosen, EARLY * early)
        good |= _prints_between(problem, row, *ends)
    return good


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


def _test_ends(size, patterns, ties, masks, row, conventions, slack):
    """The least and the greatest that a P value or hazard-ratio row can say for many cohorts.

    Two arrays of shape (K,); they differ where a Cox model's coefficient may be off by `slack`
    standard errors.
    """
    cohorts, test = (size, patterns, ties, masks), conventions["test"]
    if row.statistic == "p_value" and test not in WALD:
        p = _p_of(test, cohorts, conventions["ties"])
        return p, p
    beta, error = cox_alone(*cohorts, conventions["ties"])
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
    return found and cox_number(found, HAZARDS[row.statistic], level_of(row))


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


@lru_cache(maxsize=50_000)
def _cox_of(size, pattern, ties, groups, method):
    """The first covariate's row of a Cox model (statsmodels) with the groups; None without one."""
    sides = {f"group_{k}": [mask >> i & 1 for i in range(size)] for k, mask in enumerate(groups)}
    try:
        found = cox(_frame(size, pattern, ties), pd.DataFrame(sides), method)
    except ValueError:  # no maximum: no number can be printed
        return None
    return found.iloc[0].to_dict()


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

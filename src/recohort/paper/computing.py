"""How each statistic is computed from a cohort's tables: (tables, row, conventions) to a number."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy.stats import rankdata, ttest_1samp

from recohort.paper.estimates import cox, likelihood_ratio, log_rank, survival_at, survival_quantile
from recohort.paper.limits import PATH, limits
from recohort.paper.quantiles import quantile_ranks
from recohort.paper.rounding import Number
from recohort.paper.rows import (
    Row,
    Tables,
    cohort_of,
    column_of,
    filter_of,
    group_of,
    in_group,
    of_related,
    select,
)

NO_NUMBER = float("nan")  # where nothing can be printed


def count(tables: Tables, row: Row, _: dict) -> Number:
    """Number of rows (patients, or those of `table`) in the group."""
    return len(group_of(tables, row))


def percent(tables: Tables, row: Row, _: dict) -> Number:
    """The group as a percentage, exact: of its table's rows `within`, or of another number."""
    row = of_related(row)
    return _share(100 * len(group_of(tables, row)), _whole(tables, row))


def ratio(tables: Tables, row: Row, _: dict) -> Number:
    """Rows of the group per row of the table `of`, exact."""
    return _share(len(group_of(tables, row)), _whole(tables, row))


def fraction(_: Tables, row: Row, __: dict) -> Number:
    """Printed `numerator` over printed `denominator`, in percent: arithmetic alone."""
    options = dict(row.options)
    return 100 * Fraction(options["numerator"]) / Fraction(options["denominator"])


def _whole(tables, row):
    """`of` is a number or the name of another table, whose rows are then the denominator."""
    other = dict(row.options).get("of")
    if other is None:
        return len(cohort_of(tables, row))
    return int(other) if other.isdigit() else len(tables[other])


def _share(part, whole):
    return Fraction(part, whole) if whole else NO_NUMBER


def units_lost(tables: Tables, row: Row, _: dict) -> Number:
    """Units gone before `at` months at the least: one a patient, two where `multiple` is True."""
    options, chosen = dict(row.options), group_of(tables, row)
    gone = chosen[chosen["time"] < float(options["at"])]
    return len(gone) + int(select(gone, [(options["multiple"], "=", "True")]).sum())


def mean(tables: Tables, row: Row, _: dict) -> Number:
    """Arithmetic mean, exact."""
    values = column_of(tables, row)
    return sum(values) / len(values) if values else NO_NUMBER


def sd(tables: Tables, row: Row, conventions: dict) -> Number:
    """Standard deviation; divisor n - 1 (sample) or n (population)."""
    values, ddof = column_of(tables, row), conventions["sd"] == "sample"
    return float(np.std([float(v) for v in values], ddof=ddof)) if len(values) > 1 else NO_NUMBER


def quantile(tables: Tables, row: Row, conventions: dict) -> Number:
    """The quantile that `q` names, exact."""
    return ranked(tables, row, Fraction(dict(row.options)["q"]), conventions["quantile"])


def ranked(tables: Tables, row: Row, q: Fraction, method: str = "inclusive") -> Number:
    """A quantile, exact: the mean of ranked values that `quantile_ranks` weighs."""
    values = sorted(column_of(tables, row))
    if not values:
        return NO_NUMBER
    return sum(weight * values[rank] for rank, weight in quantile_ranks(len(values), q, method))


def middle_time(tables: Tables, row: Row, conventions: dict) -> Number:
    """The printed "median survival time": Kaplan-Meier, or the plain median of follow-up."""
    if conventions["median"] == "follow_up":
        return ranked(tables, row, Fraction(1, 2))
    times = [float(value) for value in column_of(tables, row)]
    return survival_quantile(group_of(tables, row).assign(time=times), conventions["median"])


def paired_p(tables: Tables, row: Row, conventions: dict) -> Number:
    """Two-sided P of `column` against `minus`, pair by pair.

    Student's t test of the differences, or Wilcoxon's signed-rank test, exact with ties:
    every choice of signs counts once, differences of zero are dropped.
    """
    changes = column_of(tables, row)
    if conventions["paired_test"] == "student":
        return float(ttest_1samp([float(c) for c in changes], 0).pvalue)
    changes = [c for c in changes if c]
    ranks = [round(2 * r) for r in rankdata([abs(float(c)) for c in changes])]  # halves at ties
    ways = Counter({0: 1})  # how many choices of signs give each sum
    for rank in ranks:
        ways += Counter({total + rank: n for total, n in ways.items()})
    found = sum(r for r, c in zip(ranks, changes, strict=True) if c > 0)
    least = min(found, sum(ranks) - found)
    extreme = sum(n for t, n in ways.items() if t <= least)
    return min(Fraction(2 * extreme, 2 ** len(ranks)), Fraction(1))


def _at_landmark(tables, row):
    """The group, the landmark `at`, and the curve's row in force there (None without a group)."""
    group, months = group_of(tables, row), float(dict(row.options)["at"])
    return group, months, None if group.empty else survival_at(group, months)


def survival(tables: Tables, row: Row, _: dict) -> Number:
    """Kaplan-Meier rate at a landmark, in percent."""
    *_, found = _at_landmark(tables, row)
    return NO_NUMBER if found is None else 100 * found["survival"]


def limit(upper: bool) -> Callable:
    """A limit of the rate at a landmark, in percent."""

    def compute(tables, row, conventions):
        *_, found = _at_landmark(tables, row)
        if found is None:
            return NO_NUMBER
        value, error = round(found["survival"], 12), round(found["standard_error"], 12)
        return float(limits(value, error, tuple(conventions[switch] for switch in PATH))[upper])

    return compute


def nobody_left(at_zero: bool) -> Callable:
    """1 when nobody is followed beyond the landmark and the curve is (not) at zero."""

    def compute(tables, row, _):
        group, months, found = _at_landmark(tables, row)
        if found is None:
            return NO_NUMBER
        return int((group["time"] <= months).all() and (found["survival"] < 1e-12) == at_zero)

    return compute


def p_value(tables: Tables, row: Row, conventions: dict) -> Number:
    """P of a group against all other patients: Cox (Wald), log-rank or likelihood ratio."""
    cohort = cohort_of(tables, row)
    group, test = in_group(tables, row, cohort), conventions["test"]
    if test == "cox":
        return _cox_cell(cohort, group.to_frame("group"), "p_value", conventions)
    try:
        if test == "log_rank":
            return log_rank(cohort, group)
        return likelihood_ratio(cohort, group, conventions["ties"])
    except ValueError:  # no such comparison
        return NO_NUMBER


def hazard(cell: str) -> Callable:
    """A column of `estimates.cox` for the group, with or without `adjusted_for`."""

    def compute(tables, row, conventions):
        cohort = cohort_of(tables, row)
        covariates = in_group(tables, row, cohort).to_frame("group")
        other = dict(row.options).get("adjusted_for")
        if other and conventions["adjustment"] == "joint":
            alike = row._replace(filters=(filter_of(other),))
            covariates["other"] = in_group(tables, alike, cohort)
        return _cox_cell(cohort, covariates, cell, conventions)

    return compute


def _cox_cell(cohort: pd.DataFrame, covariates, cell, conventions):
    try:
        return float(cox(cohort, covariates, conventions["ties"])[cell].iloc[0])
    except (ValueError, np.linalg.LinAlgError):  # no maximum
        return NO_NUMBER

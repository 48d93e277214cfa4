"""The registry of statistics: what a printed figure or a statement may ask for.

One registry serves both files. Each statistic says which arguments it takes, which named
conventions its value depends on, and how it is computed from a cohort's frame.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

from thirteen.survival import Z, cox, log_rank, median_survival, survival_at

# Named conventions; the first of each is the procedure that Methods states or the default.
CONVENTIONS = {
    "halves": ("up", "even"),
    "interval_rounding": ("unrounded", "three_decimals"),
    "median": ("kaplan_meier", "follow_up"),
    "test": ("cox", "log_rank"),
    "p_rounding": ("direct", "three_decimals"),
    "adjustment": ("joint", "alone"),
    "ties": ("breslow", "efron"),
    "sd": ("sample", "population"),
    "quantile": ("exclusive", "inclusive"),
}


class Statistic(NamedTuple):
    """How one kind of figure is asked for and computed."""

    compute: Callable  # (cohort, row, conventions) to a number
    required: frozenset = frozenset()
    optional: frozenset = frozenset()
    switches: tuple = ()


def select(cohort: pd.DataFrame, filters) -> pd.Series:
    """Rows of a cohort that meet every ``(column, operator, value)``, as a boolean series."""
    good = pd.Series(True, index=cohort.index)
    for column, operator, value in filters:
        cells = cohort[column]
        numeric = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        cells, value = (cells, float(value)) if numeric else (cells.astype(str), value)
        good &= {
            "=": cells.eq, "!=": cells.ne, "<": cells.lt, "<=": cells.le, ">": cells.gt,
            ">=": cells.ge,
        }[operator](value)  # fmt: skip
    return good


def count(cohort, row, _):
    """Number of patients in the group."""
    return int(select(cohort, row.filters).sum())


def percent(cohort, row, conventions):
    """Patients in the group as a percentage of all, exact."""
    return Fraction(100 * count(cohort, row, conventions), len(cohort))


def column_of(cohort, row):
    """The values that a figure summarizes: a column, or follow-up counted from `since`."""
    options, chosen = dict(row.options), cohort[select(cohort, row.filters)]
    values = chosen[options.get("column", "time")]
    return values + chosen[options["since"]] if "since" in options else values


def exact(values) -> list[Fraction]:
    """Printed decimals as fractions, so that halves are halves."""
    return [Fraction(str(value)) for value in values]


def mean(cohort, row, _):
    """Arithmetic mean, exact."""
    values = exact(column_of(cohort, row))
    return sum(values) / len(values)


def sd(cohort, row, conventions):
    """Standard deviation; divisor n - 1 (sample) or n (population)."""
    return float(np.std(column_of(cohort, row), ddof=conventions["sd"] == "sample"))


def quantile(cohort, row, conventions):
    """Quantile `q`, exact: exclusive (type 6) or inclusive (type 7 of Hyndman and Fan)."""
    values = sorted(exact(column_of(cohort, row)))
    n, q = len(values), Fraction(dict(row.options)["q"])
    h = (n + 1) * q - 1 if conventions["quantile"] == "exclusive" else (n - 1) * q
    h = min(max(h, Fraction(0)), Fraction(n - 1))
    below = int(h)
    above = min(below + 1, n - 1)
    return values[below] + (h - below) * (values[above] - values[below])


def _quantile_at(q):
    def compute(cohort, row, _):
        options = (*row.options, ("q", q))
        return quantile(cohort, row._replace(options=options), {"quantile": "inclusive"})

    return compute


def middle_time(cohort, row, conventions):
    """The printed "median survival time": Kaplan-Meier, or the plain median of follow-up."""
    if conventions["median"] == "follow_up":
        return _quantile_at("1/2")(cohort, row, conventions)
    chosen = cohort[select(cohort, row.filters)]
    return median_survival(chosen.assign(time=column_of(cohort, row)))


def _rate(part):
    def compute(cohort, row, conventions):
        chosen = cohort[select(cohort, row.filters)]
        found = survival_at(chosen, float(dict(row.options)["at"]))
        value, error = found["survival"], found["standard_error"]
        if part == "survival":
            return 100 * value
        if conventions["interval_rounding"] == "three_decimals":
            value, error = (np.floor(x * 1000 + 0.5 + 1e-9) / 1000 for x in (value, error))
        limit = value - Z * error if part == "lower" else value + Z * error
        return 100 * min(max(limit, 0.0), 1.0)

    return compute


def _nobody_left(at_zero):
    def compute(cohort, row, _):
        """1 when nobody is followed beyond the landmark and the curve is (not) at zero."""
        chosen = cohort[select(cohort, row.filters)]
        months = float(dict(row.options)["at"])
        ended = (chosen["time"] <= months).all()
        return int(ended and (survival_at(chosen, months)["survival"] < 1e-12) == at_zero)

    return compute


def p_value(cohort, row, conventions):
    """P of a group against all other patients: Cox (Wald) or log-rank."""
    group = select(cohort, row.filters)
    if conventions["test"] == "log_rank":
        try:
            return log_rank(cohort, group)
        except ValueError:  # no such comparison: no figure can be printed
            return float("nan")
    return _cox_cell(cohort, group.to_frame("group"), "p_value", conventions)


def _hazard(cell):
    def compute(cohort, row, conventions):
        covariates = select(cohort, row.filters).to_frame("group")
        other = dict(row.options).get("adjusted_for")
        if other and conventions["adjustment"] == "joint":
            column, _, value = other.partition("=")
            covariates["other"] = select(cohort, [(column, "=", value)])
        return _cox_cell(cohort, covariates, cell, conventions)

    return compute


def _cox_cell(cohort, covariates, cell, conventions):
    try:
        return float(cox(cohort, covariates, conventions["ties"])[cell].iloc[0])
    except (ValueError, np.linalg.LinAlgError):  # no maximum: no figure can be printed
        return float("nan")


def units_lost(cohort, row, _):
    """Units gone before `at` months at the least: one a patient, two where `multiple` is True."""
    options = dict(row.options)
    gone = cohort[select(cohort, row.filters) & (cohort["time"] < float(options["at"]))]
    return len(gone) + int(select(gone, [(options["multiple"], "=", "True")]).sum())


_AT, _COLUMN = frozenset({"at"}), frozenset({"column"})
_INTERVAL, _COX = ("interval_rounding",), ("adjustment", "ties")

REGISTRY = {
    "count": Statistic(count),
    "percent": Statistic(percent),
    "mean": Statistic(mean, _COLUMN),
    "sd": Statistic(sd, _COLUMN, switches=("sd",)),
    "minimum": Statistic(_quantile_at("0"), _COLUMN),
    "median": Statistic(_quantile_at("1/2"), _COLUMN),
    "maximum": Statistic(_quantile_at("1"), _COLUMN),
    "quantile": Statistic(quantile, _COLUMN | {"q"}, switches=("quantile",)),
    "median_survival": Statistic(middle_time, optional=frozenset({"since"}), switches=("median",)),
    "survival": Statistic(_rate("survival"), _AT),
    "survival_lower": Statistic(_rate("lower"), _AT, switches=_INTERVAL),
    "survival_upper": Statistic(_rate("upper"), _AT, switches=_INTERVAL),
    "curve_at_zero": Statistic(_nobody_left(True), _AT),
    "follow_up_ended": Statistic(_nobody_left(False), _AT),
    "p_value": Statistic(p_value, switches=("test", "p_rounding", "ties")),
    **{
        name: Statistic(
            _hazard(cell), optional=frozenset({"adjusted_for"}), switches=(*_COX, *more)
        )
        for name, cell, *more in (
            ("hazard_ratio", "hazard_ratio"),
            ("hazard_ratio_lower", "ci_lower"),
            ("hazard_ratio_upper", "ci_upper"),
            ("hazard_ratio_p", "p_value", "p_rounding"),
        )
    },
    "units_lost": Statistic(units_lost, frozenset({"at", "multiple"})),
}

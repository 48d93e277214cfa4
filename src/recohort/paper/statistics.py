"""The registry of statistics: what a printed figure or a statement may ask for.

One registry serves both files. Each statistic says which arguments it takes, which named
conventions its value depends on, and how it is computed from a cohort's tables: a dict of
frames by name, `patients` and what is tied to it by columns that end in `_id`.
"""

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata, ttest_1samp

from recohort.paper.estimates import cox, likelihood_ratio, log_rank, survival_at, survival_quantile
from recohort.paper.limits import PATH, limits
from recohort.paper.options import CONVENTIONS as CONVENTIONS
from recohort.paper.rounding import COMPARED

FILTER = re.compile(r"\s*(\w+(?:\.\w+)?)\s*(!=|>=|<=|=|<|>)\s*(\S.*?)\s*")


SHARE = "share"  # convention: the table whose rows a percentage is of; else the row's own


class Statistic(NamedTuple):
    """How one kind of figure is asked for and computed."""

    compute: Callable  # (tables, row, conventions) to a number
    required: frozenset = frozenset()
    optional: frozenset = frozenset()
    switches: tuple = ()
    related: bool = False  # may be asked of the related rows of another table: see `of_related`


def select(frame: pd.DataFrame, filters) -> pd.Series:
    """Rows of a frame that meet every ``(column, operator, value)``, as a boolean series.

    An empty cell meets no comparison but ``!=``.
    """
    good = pd.Series(True, index=frame.index)
    for column, operator, value in filters:
        cells = frame[column]
        numeric = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        filled = cells.notna() | (operator == "!=")
        cells, value = (cells, float(value)) if numeric else (cells.astype(str), value)
        good &= filled & COMPARED[operator](cells, value)
    return good


def members(tables: dict, table: str, filters) -> pd.Series:
    """Rows of a table that meet every filter, as a boolean series.

    A dotted column, ``other.column``, asks for some related row of another table that meets
    the filter; ``other.rows`` compares the number of related rows.
    """
    frame = tables[table]
    good = pd.Series(True, index=frame.index)
    for column, operator, value in filters:
        other, _, name = column.rpartition(".")
        if not other:
            good &= select(frame, [(name, operator, value)])
        elif name == "rows":
            counts = related(frame, tables[other]).rename("rows").to_frame()
            good &= select(counts, [(name, operator, value)])
        else:
            met = tables[other][select(tables[other], [(name, operator, value)])]
            good &= related(frame, met) > 0
    return good


def related(frame: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """For each row of a frame, the number of rows of another with the same shared keys."""
    keys = [c for c in frame.columns if c.endswith("_id") and c in other.columns]
    sizes = other.groupby(keys).size()
    named = pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else pd.Index(frame[keys[0]])
    return pd.Series(sizes.reindex(named, fill_value=0).to_numpy(), index=frame.index)


def of_related(row):
    """A percentage under the convention `share`, asked of the rows of a related table.

    Those rows count that belong (by shared keys) to rows that meet the filters: "3 of 13 patients
    have it" becomes "4 of 19 tumors are of patients who have it", as papers that print patients
    and tumors side by side may mix the two. A percentage of a stated whole is left alone.
    """
    other, options = dict(row.switches).get(SHARE), dict(row.options)
    if other is None or not REGISTRY[row.statistic].related or "of" in options:
        return row
    home = table_of(row)

    def named(column, operator, value):
        return column if "." in column else f"{home}.{column}", operator, value

    within = [("within", "".join(named(*piece))) for piece in restrictions(row)]
    return row._replace(
        filters=tuple(named(*piece) for piece in row.filters),
        options=(("table", other), *within),
        switches=tuple(s for s in row.switches if s[0] != SHARE),
    )


def filter_of(text: str) -> tuple[str, str, str]:
    """``"sex=male"`` as (column, operator, value); ValueError where it is none."""
    match = FILTER.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not of the form column=value")
    column, operator, value = match.groups()
    return column, operator, value


def table_of(row) -> str:
    """Name of the table that a row is about."""
    return dict(row.options).get("table", "patients")


def restrictions(row) -> tuple:
    """The filters of a row's `within` options."""
    return tuple(filter_of(value) for name, value in row.options if name == "within")


def cohort_of(tables, row) -> pd.DataFrame:
    """The row's table, restricted by `within`, its follow-up under the names time and event."""
    frame, options = tables[table_of(row)], dict(row.options)
    frame = frame[members(tables, table_of(row), restrictions(row))]
    names = {n: options[f"{n}_column"] for n in ("time", "event") if f"{n}_column" in options}
    return frame.assign(**{name: frame[column] for name, column in names.items()})


def group_of(tables, row) -> pd.DataFrame:
    """The rows of `cohort_of` that meet the row's filters."""
    frame = cohort_of(tables, row)
    return frame[members(tables, table_of(row), row.filters).loc[frame.index]]


def count(tables, row, _):
    """Number of rows (patients, or those of `table`) in the group."""
    return len(group_of(tables, row))


def percent(tables, row, _):
    """The group as a percentage, exact: of its table's rows `within`, or of another number.

    `of` is a number or the name of another table, whose rows are then the denominator. Under the
    convention `share` the rows counted are those of a related table.
    """
    row = of_related(row)
    return _share(100 * len(group_of(tables, row)), _whole(tables, row))


def ratio(tables, row, _):
    """Rows of the group per row of the table `of`, exact."""
    return _share(len(group_of(tables, row)), _whole(tables, row))


def fraction(_, row, __):
    """Printed `numerator` over printed `denominator`, in percent: arithmetic alone."""
    options = dict(row.options)
    return 100 * Fraction(options["numerator"]) / Fraction(options["denominator"])


def _whole(tables, row):
    other = dict(row.options).get("of")
    if other is None:
        return len(cohort_of(tables, row))
    return int(other) if other.isdigit() else len(tables[other])


def _share(part, whole):
    return Fraction(part, whole) if whole else float("nan")


def exact(values) -> list[Fraction]:
    """Printed decimals as fractions, so that halves are halves."""
    return [Fraction(str(value)) for value in values]


def column_of(tables, row) -> list[Fraction]:
    """The values that a figure summarizes, exact; empty cells have none.

    A `column`, or follow-up; `since` adds another column, `minus` takes one away, `relative`
    makes it a percentage of a third, and `scale` multiplies.
    """
    options, chosen = dict(row.options), group_of(tables, row)
    names = [options.get("column", "time"), *(options.get(n) for n in ("since", "minus"))]
    used = list(dict.fromkeys(n for n in (*names, options.get("relative")) if n))
    cells = {name: exact(chosen[used].dropna()[name]) for name in used}
    values, (_, since, minus) = cells[names[0]], names
    if since:
        values = [a + b for a, b in zip(values, cells[since], strict=True)]
    if minus:
        values = [a - b for a, b in zip(values, cells[minus], strict=True)]
    if "relative" in options:
        whole = cells[options["relative"]]
        values = [100 * a / b for a, b in zip(values, whole, strict=True)]
    return [Fraction(options.get("scale", 1)) * value for value in values]


def mean(tables, row, _):
    """Arithmetic mean, exact."""
    values = column_of(tables, row)
    return sum(values) / len(values) if values else float("nan")


def sd(tables, row, conventions):
    """Standard deviation; divisor n - 1 (sample) or n (population)."""
    values, ddof = column_of(tables, row), conventions["sd"] == "sample"
    return float(np.std([float(v) for v in values], ddof=ddof)) if len(values) > 1 else float("nan")


def quantile(tables, row, conventions):
    """Quantile `q`, exact: the mean of ranked values that `quantile_ranks` weighs."""
    values = sorted(column_of(tables, row))
    if not values:
        return float("nan")
    q = Fraction(dict(row.options)["q"])
    return sum(w * values[i] for i, w in quantile_ranks(len(values), q, conventions["quantile"]))


@cache
def quantile_ranks(n: int, q: Fraction, method: str) -> tuple:
    """The ranks (from 0) of `n` sorted values that a quantile averages, with their weights.

    ``"exclusive"`` interpolates at (n + 1) q, ``"inclusive"`` at (n - 1) q + 1, ``"averaged"``
    takes the value after n q or, where that is whole, the mean of two. Types 6, 7 and 2 of Hyndman
    and Fan (1996).
    """
    if method == "averaged":
        at = n * q
        h = at - Fraction(1, 2) if at.denominator == 1 else Fraction(int(at))
    else:
        h = (n + 1) * q - 1 if method == "exclusive" else (n - 1) * q
    h = min(max(h, Fraction(0)), Fraction(n - 1))
    below, part = int(h), h - int(h)
    return ((below, 1 - part), (below + 1, part)) if part else ((below, Fraction(1)),)


def _quantile_at(q):
    def compute(tables, row, _):
        options = (*row.options, ("q", q))
        return quantile(tables, row._replace(options=options), {"quantile": "inclusive"})

    return compute


def middle_time(tables, row, conventions):
    """The printed "median survival time": Kaplan-Meier, or the plain median of follow-up."""
    if conventions["median"] == "follow_up":
        return _quantile_at("1/2")(tables, row, conventions)
    times = [float(value) for value in column_of(tables, row)]
    return survival_quantile(group_of(tables, row).assign(time=times), conventions["median"])


def paired_p(tables, row, conventions):
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
    return min(Fraction(2 * sum(n for t, n in ways.items() if t <= least), 2 ** len(ranks)), 1)


def _rate(part):
    def compute(tables, row, conventions):
        chosen = group_of(tables, row)
        if chosen.empty:
            return float("nan")
        found = survival_at(chosen, float(dict(row.options)["at"]))
        value, error = found["survival"], found["standard_error"]
        if part == "survival":
            return 100 * value
        path = tuple(conventions[switch] for switch in PATH)
        return float(limits(round(value, 12), round(error, 12), path)[part == "upper"])

    return compute


def _nobody_left(at_zero):
    def compute(tables, row, _):
        """1 when nobody is followed beyond the landmark and the curve is (not) at zero."""
        chosen = group_of(tables, row)
        months = float(dict(row.options)["at"])
        ended = (chosen["time"] <= months).all()
        return int(ended and (survival_at(chosen, months)["survival"] < 1e-12) == at_zero)

    return compute


def p_value(tables, row, conventions):
    """P of a group against all other patients: Cox (Wald) or log-rank."""
    cohort = cohort_of(tables, row)
    group = members(tables, table_of(row), row.filters).loc[cohort.index]
    if conventions["test"] != "cox":
        try:
            if conventions["test"] == "log_rank":
                return log_rank(cohort, group)
            return likelihood_ratio(cohort, group, conventions["ties"])
        except ValueError:  # no such comparison: no figure can be printed
            return float("nan")
    return _cox_cell(cohort, group.to_frame("group"), "p_value", conventions)


def _hazard(cell):
    def compute(tables, row, conventions):
        cohort, table = cohort_of(tables, row), table_of(row)
        covariates = members(tables, table, row.filters).loc[cohort.index].to_frame("group")
        other = dict(row.options).get("adjusted_for")
        if other and conventions["adjustment"] == "joint":
            covariates["other"] = members(tables, table, [filter_of(other)]).loc[cohort.index]
        return _cox_cell(cohort, covariates, cell, conventions)

    return compute


def _cox_cell(cohort, covariates, cell, conventions):
    try:
        return float(cox(cohort, covariates, conventions["ties"])[cell].iloc[0])
    except (ValueError, np.linalg.LinAlgError):  # no maximum: no figure can be printed
        return float("nan")


def units_lost(tables, row, _):
    """Units gone before `at` months at the least: one a patient, two where `multiple` is True."""
    options, chosen = dict(row.options), group_of(tables, row)
    gone = chosen[chosen["time"] < float(options["at"])]
    return len(gone) + int(select(gone, [(options["multiple"], "=", "True")]).sum())


_ROWS = frozenset({"table", "within"})
_TIMED = _ROWS | {"time_column", "event_column"}
_VALUES = _ROWS | {"minus", "relative", "scale"}
_AT, _COLUMN = frozenset({"at"}), frozenset({"column"})
_COX = ("adjustment", "ties")

REGISTRY = {
    "count": Statistic(count, optional=_ROWS),
    "percent": Statistic(percent, optional=_ROWS | {"of"}, related=True),
    "ratio": Statistic(ratio, frozenset({"of"}), _ROWS),
    "fraction": Statistic(fraction, frozenset({"numerator", "denominator"})),
    "mean": Statistic(mean, _COLUMN, _VALUES),
    "sd": Statistic(sd, _COLUMN, _VALUES, ("sd",)),
    "minimum": Statistic(_quantile_at("0"), _COLUMN, _VALUES),
    "median": Statistic(_quantile_at("1/2"), _COLUMN, _VALUES),
    "maximum": Statistic(_quantile_at("1"), _COLUMN, _VALUES),
    "quantile": Statistic(quantile, _COLUMN | {"q"}, _VALUES, ("quantile",)),
    "paired_p": Statistic(paired_p, _COLUMN | {"minus"}, _ROWS, ("paired_test",)),
    "median_survival": Statistic(middle_time, optional=_TIMED | {"since"}, switches=("median",)),
    "survival": Statistic(_rate("survival"), _AT, _TIMED),
    "survival_lower": Statistic(_rate("lower"), _AT, _TIMED, PATH),
    "survival_upper": Statistic(_rate("upper"), _AT, _TIMED, PATH),
    "curve_at_zero": Statistic(_nobody_left(True), _AT, _TIMED),
    "follow_up_ended": Statistic(_nobody_left(False), _AT, _TIMED),
    "p_value": Statistic(p_value, optional=_TIMED, switches=("test", "p_rounding", "ties")),
    **{
        name: Statistic(_hazard(cell), optional=_TIMED | {"adjusted_for"}, switches=(*_COX, *more))
        for name, cell, *more in (
            ("hazard_ratio", "hazard_ratio"),
            ("hazard_ratio_lower", "ci_lower"),
            ("hazard_ratio_upper", "ci_upper"),
            ("hazard_ratio_p", "p_value", "p_rounding"),
        )
    },
    "units_lost": Statistic(units_lost, frozenset({"at", "multiple"}), _TIMED),
}


def options_of(row, tables=()) -> list[tuple]:
    """Every option of each switch that a number depends on, as (switch, option).

    A percentage may be of related rows of each of some `tables`.
    """
    statistic = REGISTRY[row.statistic]
    names = [*statistic.switches, *["halves"] * (row.relation == "rounds to")]
    found = [(name, option) for name in names for option in CONVENTIONS[name]]
    others = [name for name in tables if name != table_of(row)] if statistic.related else []
    return found + [(SHARE, name) for name in others if "of" not in dict(row.options)]


OPTIONS = frozenset().union(*(s.required | s.optional for s in REGISTRY.values()))
NUMBERS = ("at", "q", "scale", "numerator", "denominator")  # options that hold a number
COLUMNS = ("column", "since", "minus", "relative", "time_column", "event_column", "multiple")

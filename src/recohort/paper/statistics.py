"""The registry of statistics: what a printed figure or a statement may ask for.

One registry serves both files. Each statistic says which arguments it takes, which named
conventions its value depends on, how it is computed from a cohort's tables, and of what kind it
is. A new one is an entry of `REGISTRY`; its kind tells the rest:

- a *rank* (with its `quantile`) and a *count* of other rows need nothing else: the search, the
  printer and the reader of short files go by the kind;
- a *rate*, a *test* or a *sum* also needs its formula where the search has those of its kind:
  `survival.tables.prints_rate`, `survival.comparisons.test_ends`, `survival.reals.spreads_of`;
- without a kind it is computed, compared and put into the ledger, but no search uses it.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from recohort.paper import computing
from recohort.paper.computing import hazard, limit, nobody_left
from recohort.paper.limits import PATH
from recohort.paper.options import CONVENTIONS
from recohort.paper.rows import SHARE, SHARED, Row, table_of


class Statistic(NamedTuple):
    """How one kind of figure is asked for and computed."""

    compute: Callable  # (tables, row, conventions) to a number
    required: frozenset = frozenset()
    optional: frozenset = frozenset()
    switches: tuple = ()
    kind: str = ""  # count, sum, rank, middle, rate, dash or test
    quantile: Fraction | None = None  # of a rank that is always the same
    most: float = float("inf")  # no figure of it is larger


_ROWS = frozenset({"table", "within"})
_TIMED = _ROWS | {"time_column", "event_column"}
_VALUES = _ROWS | {"minus", "relative", "scale"}
_NO, _AT, _COLUMN = frozenset(), frozenset({"at"}), frozenset({"column"})
_ADJUSTED, _COX = _TIMED | {"adjusted_for"}, ("adjustment", "ties")
_UNITS = frozenset({"at", "multiple"})


def _rank(q):
    """A statistic that is always the same quantile of a column."""
    compute = partial(computing.ranked, q=Fraction(q))
    return Statistic(
        lambda tables, row, _: compute(tables, row), _COLUMN, _VALUES, (), "rank", Fraction(q)
    )


def _hazard(cell):
    return Statistic(hazard(cell), _NO, _ADJUSTED, _COX, "test")


HAZARDS = {  # statistics of a Cox model, and their columns of `estimates.cox`
    "hazard_ratio": "hazard_ratio",
    "hazard_ratio_lower": "ci_lower",
    "hazard_ratio_upper": "ci_upper",
    "hazard_ratio_p": "p_value",
}
REGISTRY = {
    "count": Statistic(computing.count, optional=_ROWS, kind="count"),
    "percent": Statistic(computing.percent, optional=_ROWS | {"of"}, kind="count", most=100),
    "units_lost": Statistic(computing.units_lost, _UNITS, _TIMED, kind="count"),
    "ratio": Statistic(computing.ratio, frozenset({"of"}), _ROWS),
    "fraction": Statistic(computing.fraction, frozenset({"numerator", "denominator"})),
    "survival": Statistic(computing.survival, _AT, _TIMED, kind="rate", most=100),
    "survival_lower": Statistic(limit(False), _AT, _TIMED, PATH, "rate", most=100),
    "survival_upper": Statistic(limit(True), _AT, _TIMED, PATH, "rate", most=100),
    "curve_at_zero": Statistic(nobody_left(True), _AT, _TIMED, kind="dash"),
    "follow_up_ended": Statistic(nobody_left(False), _AT, _TIMED, kind="dash"),
    "p_value": Statistic(
        computing.p_value, _NO, _TIMED, ("test", "p_rounding", "ties"), "test", most=1
    ),
    **{name: _hazard(cell) for name, cell in HAZARDS.items()},
    "hazard_ratio_p": _hazard("p_value")._replace(switches=(*_COX, "p_rounding"), most=1),
    "mean": Statistic(computing.mean, _COLUMN, _VALUES, kind="sum"),
    "sd": Statistic(computing.sd, _COLUMN, _VALUES, ("sd",), "sum"),
    "minimum": _rank("0"),
    "maximum": _rank("1"),
    "median": _rank("1/2"),
    "quantile": Statistic(computing.quantile, _COLUMN | {"q"}, _VALUES, ("quantile",), "rank"),
    "median_survival": Statistic(
        computing.middle_time, _NO, _TIMED | {"since"}, ("median",), "middle"
    ),
    "paired_p": Statistic(computing.paired_p, _COLUMN | {"minus"}, _ROWS, ("paired_test",), most=1),
}


def of_kind(*kinds: str) -> tuple[str, ...]:
    """The names of the statistics of some kinds, in the registry's order."""
    return tuple(name for name, statistic in REGISTRY.items() if statistic.kind in kinds)


COUNTS = of_kind("count")
DASHES = of_kind("dash")  # what a dash in place of a rate may say
RATES = of_kind("rate", "dash")
TESTS = of_kind("test")
TIMES = of_kind("sum", "rank", "middle")  # of a column, in the survival search of follow-up
RANKS = of_kind("rank")
P_VALUES = tuple(name for name in TESTS if REGISTRY[name].most == 1)

ARGUMENTS = frozenset().union(*(s.required | s.optional for s in REGISTRY.values()))
NUMBERS = ("at", "q", "scale", "numerator", "denominator")  # arguments that hold a number
COLUMNS = ("column", "since", "minus", "relative", "time_column", "event_column", "multiple")


def takes(statistic: str) -> frozenset[str]:
    """The arguments that a statistic may be given."""
    return REGISTRY[statistic].required | REGISTRY[statistic].optional


def quantile_of(row: Row) -> Fraction | None:
    """Which quantile of its values a row prints; None where it is no rank."""
    statistic = REGISTRY[row.statistic]
    if statistic.kind != "rank":
        return None
    own = statistic.quantile
    return Fraction(dict(row.options)["q"]) if own is None else own


def options_of(row: Row, tables: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Every option of each switch that a number depends on, as (switch, option).

    A percentage may be of related rows of each of some `tables`.
    """
    statistic = REGISTRY[row.statistic]
    names = [*statistic.switches, *["halves"] * (row.relation == "rounds to")]
    found = [(name, option) for name in names for option in CONVENTIONS[name]]
    others = [name for name in tables if name != table_of(row)] if row.statistic in SHARED else []
    return found + [(SHARE, name) for name in others if "of" not in dict(row.options)]

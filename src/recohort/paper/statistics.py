"""The registry of statistics: what a printed number or a statement may ask for.

One registry serves both files: `statistics.csv` has a line for each statistic. It says which
formula computes it from a cohort's tables, which arguments it takes, which named conventions its
value depends on (and, under `named`, which others a line or a paper's conventions may name), what
it is in words, with an example of a line, and of what kind it is. The kind tells the rest:

- a *rank* (with its `quantile`), a *count* of other rows and a *patient* need nothing else: the
  search, the printer and the reader of short files go by the kind;
- a *rate* (or another *state* of a group at a landmark), a *test*, a *sum* or a *curve* (a time
  read off one) also needs its formula where the search has those of its kind:
  `survival.tables.prints_rate`, `survival.comparisons.test_ends`, `survival.terms`;
- without a kind it is computed, compared and put into the ledger, but no search uses it.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np

from recohort.paper import computing, on_curves
from recohort.paper.estimates import NoEstimateError
from recohort.paper.options import CONVENTIONS, lines_beside
from recohort.paper.rows import SHARE, SHARED, Row, table_of


class Statistic(NamedTuple):
    """How one kind of number is asked for and computed."""

    compute: Callable  # (tables, row, conventions) to a number
    required: frozenset
    takes: frozenset  # all arguments that it may be given, apart from switches
    switches: tuple
    kind: str  # count, patient, sum, rank, middle, curve, rate, state, dash or test
    says: str  # what it is, in a line
    example: tuple  # arguments and printed number of one line
    quantile: Fraction | None  # of a rank that is always the same
    most: float  # no number of it is larger
    named: tuple  # further switches that a line, or a paper's conventions, may name
    never: bool  # may be "not reached"


def _statistic(line):
    """A line of the table; its formula is a function of `computing` or of `on_curves`."""
    quantile = Fraction(line["quantile"]) if line["quantile"] else None
    formula = (vars(computing) | vars(on_curves))[line["formula"]]
    formula = formula if quantile is None else partial(formula, q=quantile)

    def compute(tables, row, conventions):
        try:
            return formula(tables, row, conventions)
        except (NoEstimateError, np.linalg.LinAlgError):
            return computing.NO_NUMBER

    return Statistic(
        compute,
        frozenset(line["required"].split()),
        frozenset(f"{line['required']} {line['optional']}".split()),
        tuple(line["switches"].split()),
        line["kind"],
        line["says"],
        (line["arguments"], line["printed"]),
        quantile,
        float(line["most"] or "inf"),
        tuple(line["named"].split()),
        line["never"] == "yes",
    )


REGISTRY = {line["statistic"]: _statistic(line) for line in lines_beside("statistics.csv")}


def of_kind(*kinds: str) -> tuple[str, ...]:
    """The names of the statistics of some kinds, in the registry's order."""
    return tuple(name for name, statistic in REGISTRY.items() if statistic.kind in kinds)


COUNTS = of_kind("count")
DASHES = of_kind("dash")  # what a dash in place of a rate may say
RATES = of_kind("rate", "state", "dash")  # of a group at a landmark
TESTS = of_kind("test")
TIMES = of_kind("sum", "rank", "middle", "curve")  # in the survival search of follow-up
RANKS = of_kind("rank")
PATIENTS = of_kind("patient")
AT_RISK = "at_risk"  # of a state at a landmark, and of who ended at that very time
SQUARES = ("sd", "mean_survival_error")  # of the times, not linear
P_VALUES = tuple(name for name in TESTS if REGISTRY[name].most == 1)


def switches_of(statistic: str) -> tuple[str, ...]:
    """The switches that a line of a statistic may set for itself."""
    own = REGISTRY[statistic]
    rounded = () if own.kind in ("dash", "patient") else ("halves",)
    return (*own.switches, *own.named, *rounded)


def quantile_of(row: Row) -> Fraction | None:
    """Which quantile of its values a row prints; None where it is no rank."""
    statistic = REGISTRY[row.statistic]
    named = statistic.kind == "rank" and statistic.quantile is None
    return Fraction(dict(row.options)["q"]) if named else statistic.quantile


def options_of(row: Row, tables: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Every option of each switch that a number depends on, as (switch, option).

    A percentage may be of related rows of each of some `tables`.
    """
    statistic = REGISTRY[row.statistic]
    names = [*statistic.switches, *["halves"] * (row.relation == "rounds to")]
    found = [(name, option) for name in names for option in CONVENTIONS[name]]
    others = [name for name in tables if name != table_of(row)] if row.statistic in SHARED else []
    return found + [(SHARE, name) for name in others if "of" not in dict(row.options)]

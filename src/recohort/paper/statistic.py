"""What an entry of the registry is, and how those that are alike are made."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from recohort.paper import computing, on_curves
from recohort.paper.limits import PATH


class Statistic(NamedTuple):
    """How one kind of figure is asked for and computed."""

    compute: Callable  # (tables, row, conventions) to a number
    required: frozenset = frozenset()
    optional: frozenset = frozenset()
    switches: tuple = ()
    kind: str = ""  # count, patient, sum, rank, middle, curve, rate, state, dash or test
    says: str = ""  # what it is, in a line
    example: tuple = ("", "")  # arguments and printed figure of one line
    quantile: Fraction | None = None  # of a rank that is always the same
    most: float = float("inf")  # no figure of it is larger
    named: tuple = ()  # further switches that a line, or a paper's conventions, may name
    never: bool = False  # may be "not reached"


ROWS = frozenset({"table", "within"})
TIMED = ROWS | {"time_column", "event_column"}
RATE = TIMED | {"unit"}
VALUES = ROWS | {"minus", "relative", "scale"}
NO, AT, COLUMN = frozenset(), frozenset({"at"}), frozenset({"column"})
ADJUSTED, COX = TIMED | {"adjusted_for"}, ("adjustment", "ties")
UNITS = frozenset({"at", "multiple"})
BEYOND = ("beyond",)
QUARTER = frozenset({"q"})


def rank(q, says, printed):
    """A statistic that is always the same quantile of a column."""
    return Statistic(
        partial(_ranked, q=Fraction(q)),
        COLUMN,
        VALUES,
        kind="rank",
        says=says,
        example=("column=time", printed),
        quantile=Fraction(q),
    )


def _ranked(tables, row, _, q):
    return computing.ranked(tables, row, q)


def limit(upper, printed):
    """A limit of a rate."""
    side = "upper" if upper else "lower"
    says = f"{side} limit of survival at a time; level=90 where it is not 95%"
    found = Statistic(on_curves.limit(upper), AT, RATE | {"level"}, PATH, "rate", says)
    return found._replace(most=100, named=BEYOND, example=("at=24; interval_scale=log", printed))


def dash(at_zero, says):
    """What a dash in place of a rate may say."""
    found = Statistic(on_curves.nobody_left(at_zero), AT, TIMED, kind="dash", says=says)
    return found._replace(example=("at=60; sex=male", "-"), named=("dash",))


def curve(compute, says, example, switches=("median",), required=NO, more=NO):
    """A time read off a Kaplan-Meier curve, which may not be reached."""
    optional = TIMED | more
    return Statistic(compute, required, optional, switches, "curve", says, example, never=True)


def of_quantile(upper, middle, printed):
    """A limit of the median, or of another quantile, of survival."""
    side, name = "upper" if upper else "lower", "median" if middle else "quantile"
    says = f"{side} limit of {name}_survival (Brookmeyer-Crowley), perhaps not reached"
    says += "; not SPSS's" if middle else ""
    text = "interval_scale=log" if middle else "q=0.25; interval_scale=log"
    compute = on_curves.quantile_limit(upper)
    switches = ("interval_scale", "normal_quantile", "limits_at_zero")
    needed = NO if middle else QUARTER
    return curve(compute, says, (text, printed), switches, needed, frozenset({"level"}))


def mean(compute, says, example, switches):
    """The area under a Kaplan-Meier curve, or its error."""
    return Statistic(compute, NO, TIMED | {"to"}, switches, "curve", says, example)


def hazard(cell, says, printed, level=False):
    """A number of a Cox model."""
    example, more = ("sex=male; adjusted_for=stage=II", printed), {"level"} if level else set()
    return Statistic(on_curves.hazard(cell), NO, ADJUSTED | more, COX, "test", says, example)

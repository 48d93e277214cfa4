"""Numbers as a paper prints them: exact, with the rounding of halves named."""

import operator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

COMPARED = {  # of numbers, of series, of the terms of solvers
    "=": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}

Number = int | float | Fraction | Decimal
_WIDE = Context(prec=60)
_GUARD = Decimal(1).scaleb(-40)  # 59.9999...9 (60 digits) is the exact tie 60.0
_HALVES = {"up": ROUND_HALF_UP, "even": ROUND_HALF_EVEN, "cut": ROUND_DOWN}


def decimals_of(printed: str) -> int:
    """Number of decimals of a printed number: ``decimals_of("0.10")`` is 2."""
    return max(0, -int(Decimal(printed).as_tuple().exponent))


def as_decimal(value: Number) -> Decimal:
    """A `Fraction`, integer, float or `Decimal` as a `Decimal` of 60 digits."""
    if isinstance(value, Fraction):
        return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(value)


def square_root(value: Fraction) -> Decimal:
    """Square root of a nonnegative fraction to 60 digits."""
    return _WIDE.sqrt(as_decimal(value))


def round_to(value: Number, decimals: int, halves: str = "up") -> Decimal:
    """`value` rounded to `decimals`: halves ``"up"`` (away from zero), to ``"even"``, or ``"cut"``.

    With ``"cut"`` the digits after the last one are dropped, whatever they are.
    """
    near = as_decimal(value).quantize(_GUARD, context=_WIDE)
    return near.quantize(Decimal(1).scaleb(-decimals), rounding=_HALVES[halves], context=_WIDE)


def prints_as(value: Number, printed: str, halves: str | tuple[str, ...] = "up") -> bool:
    """Does `value`, rounded to the decimals of `printed` in a way (or one of several), print so?"""
    if not isinstance(halves, str):
        return any(prints_as(value, printed, one) for one in halves)
    return round_to(value, decimals_of(printed), halves) == Decimal(printed)


def first_beyond(operator: str, cut: Fraction) -> int:
    """The first whole number on the upper side of a cut-off: 55 of ``< 55``, 56 of ``> 55``."""
    return ceil(cut) if operator in ("<", ">=") else floor(cut) + 1


class Interval(NamedTuple):
    """Values from `low` to `high`; an end belongs to it where it is closed, None is no end."""

    low: Fraction | None
    high: Fraction | None
    low_closed: bool
    high_closed: bool

    def __contains__(self, value):
        low, high, low_closed, high_closed = self
        above = low is None or value > low or (low_closed and value == low)
        return above and (high is None or value < high or (high_closed and value == high))


def printed_interval(printed: str, halves: tuple[str, ...] = ("up",)) -> Interval:
    """The values that print so under one of the ways to round (which overlap: one interval)."""
    value, unit = Fraction(printed), Fraction(1, 10 ** decimals_of(printed))
    even = not int(abs(value) / unit) % 2
    ways: dict[str, tuple] = {  # by size, away from zero: low, high, low closed, high closed
        "up": (-unit / 2, unit / 2, True, False),
        "even": (-unit / 2, unit / 2, even, even),
        "cut": (0, unit, True, False),
    }
    chosen = [ways[name] for name in halves]
    low, high = min(w[0] for w in chosen), max(w[1] for w in chosen)
    ends = (any(w[2] for w in chosen if w[0] == low), any(w[3] for w in chosen if w[1] == high))
    if value == 0:  # what rounds to zero may lie on either side
        return Interval(-high, high, ends[1], ends[1])
    if value < 0:
        return Interval(value - high, value - low, *ends[::-1])
    return Interval(value + low, value + high, *ends)

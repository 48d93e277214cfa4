"""Limits of a Kaplan-Meier rate from its Greenwood standard error, on each named scale."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from math import asin, exp, log, pi, sin, sqrt
from statistics import NormalDist

from recohort.paper.rounding import Number, as_decimal, round_to
from recohort.paper.rows import Row

QUANTILES = {"two_decimals": Decimal("1.96"), "exact": Decimal("1.959963984540054")}
BY_HAND = {Fraction(90): Decimal("1.645")}  # what tables have with more than two decimals
NINETY_FIVE = Fraction(95)
PATH = ("interval_scale", "normal_quantile", "interval_rounding")


def paths(settings: dict[str, tuple]) -> list[tuple[str, str, str]]:
    """The ways to form limits that some settings allow, as (scale, quantile, rounding).

    Rate and error are rounded first only for linear limits, which are those done by hand.
    """
    found = {}
    for scale, z, rounding in product(*(settings[switch] for switch in PATH)):
        found[scale, z, rounding if scale == "linear" else "unrounded"] = None
    return list(found)


def level_of(row: Row) -> Fraction:
    """The level of a row's limits, in percent."""
    return Fraction(dict(row.options).get("level", NINETY_FIVE))


@cache
def normal_quantile(quantile: str, level: Fraction = NINETY_FIVE) -> Decimal:
    """The normal quantile of limits at a level in percent: at 95% 1.959964 or, by hand, 1.96."""
    if level == NINETY_FIVE:
        return QUANTILES[quantile]
    exact = Decimal(repr(NormalDist().inv_cdf((1 + float(level) / 100) / 2)))
    return exact if quantile == "exact" else BY_HAND.get(level, round_to(exact, 2))


@cache
def limits(
    rate: Number, error: Number, path: tuple[str, str, str], level: Fraction = NINETY_FIVE
) -> tuple[Decimal, Decimal]:
    """Limits of a rate (0 to 1) with its standard error, in percent, cut to 0-100.

    `path` is (scale, quantile, rounding) as from `paths`, `level` in percent. A rate of 0 or 1, or
    an error of 0, leaves both limits at the rate. Sources: Kalbfleisch and Prentice (log, log-log),
    Nair (arcsine), as in R's survfit.
    """
    scale, quantile, rounding = path
    z, value, error = normal_quantile(quantile, level), as_decimal(rate), as_decimal(error)
    if rounding == "three_decimals":
        value, error = round_to(value, 3), round_to(error, 3)
    if scale == "linear":
        ends = value - z * error, value + z * error
    elif not error or not 0 < value < 1:
        ends = value, value
    else:
        ends = map(Decimal, _transformed(scale, float(value), float(z * error)))
    lower, upper = ends
    return 100 * max(lower, Decimal(0)), 100 * min(upper, Decimal(1))


def _transformed(scale, value, margin):
    """Limits with the margin z times the error of the rate, taken on another scale."""
    if scale == "log":
        return value * exp(-margin / value), value * exp(margin / value)
    if scale == "log_log":
        power = exp(margin / (value * abs(log(value))))
        return value**power, value ** (1 / power)
    if scale != "arcsine":
        raise ValueError(f"{scale}: no scale of limits is known by this name")
    middle, width = asin(sqrt(value)), margin / (2 * sqrt(value * (1 - value)))
    return sin(max(middle - width, 0)) ** 2, sin(min(middle + width, pi / 2)) ** 2

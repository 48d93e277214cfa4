"""Limits of a Kaplan-Meier rate from its Greenwood standard error, on each named scale."""

from decimal import Decimal
from functools import cache
from itertools import product
from math import asin, exp, log, pi, sin, sqrt

from recohort.paper.rounding import Number, as_decimal, round_to

QUANTILES = {"two_decimals": Decimal("1.96"), "exact": Decimal("1.959963984540054")}
PATH = ("interval_scale", "normal_quantile", "interval_rounding")


def paths(settings: dict[str, tuple]) -> list[tuple[str, str, str]]:
    """The ways to form limits that some settings allow, as (scale, quantile, rounding).

    Rate and error are rounded first only for linear limits, which are those done by hand.
    """
    every = product(*(settings[switch] for switch in PATH))
    return list(
        dict.fromkeys(
            (scale, z, rounding if scale == "linear" else "unrounded")
            for scale, z, rounding in every
        )
    )


@cache
def limits(rate: Number, error: Number, path: tuple[str, str, str]) -> tuple[Decimal, Decimal]:
    """95% limits of a rate (0 to 1) with its standard error, in percent, cut to 0-100.

    `path` is (scale, quantile, rounding) as from `paths`. A rate of 0 or 1, or an error of 0,
    leaves both limits at the rate. Sources: Kalbfleisch and Prentice (log, log-log), Nair
    (arcsine), as in R's survfit.
    """
    scale, quantile, rounding = path
    z, value, error = QUANTILES[quantile], as_decimal(rate), as_decimal(error)
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
    middle, width = asin(sqrt(value)), margin / (2 * sqrt(value * (1 - value)))
    return sin(max(middle - width, 0)) ** 2, sin(min(middle + width, pi / 2)) ** 2

"""The numbers of small papers, worked out anew from textbook definitions.

Shares nothing with the package: plain Python, fractions, and sixty digits where a root is drawn.
Patients stand in order of time, deaths before censorings at one time; `died` says who died,
`moment` when: the same whole number for patients who die at one time. A group is a list of
places.
"""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from statistics import NormalDist

DIGITS = 60
QUANTILE = {"two_decimals": Decimal("1.96"), "exact": Decimal("1.959963984540054")}
HALF = Fraction(1, 2)
STOPPED_EARLY = 1e-3  # standard errors by which lifelines may stop before the maximum


def exact(value):
    """A decimal of sixty digits as a fraction; what misses a tie by 10^-40 is one."""
    if isinstance(value, Decimal):
        value = Fraction(round(value.scaleb(40))) / 10**40
    return Fraction(value)


def rounded(value, decimals, way):
    """A number as printed in one of the ways to treat halves, in units of the last decimal."""
    size = abs(exact(value)) * 10**decimals
    whole, rest = divmod(size, 1)
    more = {"up": rest >= HALF, "even": rest > HALF or (rest == HALF and whole % 2), "cut": False}
    return (whole + bool(more[way])) * (1 if value >= 0 else -1)


@cache
def prints(value, printed, ways):
    """Does a value print so, in one of some ways to treat halves?"""
    decimals = len(printed.partition(".")[2])
    goal = Fraction(printed) * 10**decimals
    return any(rounded(value, decimals, *way) == goal for way in ways)


@cache
def curve(died, ended):
    """Kaplan-Meier rate and Greenwood's sum once the first `ended` of a group have ended."""
    rate, total = Fraction(1), Fraction(0)
    for place, death in enumerate(died[:ended]):
        at_risk = len(died) - place
        if death:
            rate *= 1 - Fraction(1, at_risk)
            total = None if at_risk == 1 else total + Fraction(1, at_risk * (at_risk - 1))
    return rate, total


def error(rate, total):
    """Greenwood's standard error, 60 digits; none where the curve is at zero."""
    if total is None:
        return Decimal(0)
    square = rate * rate * total
    with localcontext() as context:
        context.prec = DIGITS
        return (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()


def normal(quantile, level):
    """The normal quantile of limits at a level in percent; by hand of two decimals."""
    if level == "95":
        return QUANTILE[quantile]
    found = NormalDist().inv_cdf(0.5 + float(level) / 200)
    by_hand = {"90": "1.645"}.get(level, f"{found:.2f}")
    return Decimal(by_hand) if quantile == "two_decimals" else Decimal(repr(found))


@cache
def limits(rate, total, scale, quantile, by_hand, level="95"):
    """Lower and upper limit of a rate, in percent."""
    with localcontext() as context:
        context.prec = DIGITS
        z, spread = normal(quantile, level), error(rate, total)
        value = Decimal(rate.numerator) / Decimal(rate.denominator)
        if scale == "linear" and by_hand == "three_decimals":
            thousandths = [rounded(exact(number), 3, "up") for number in (value, spread)]
            value, spread = (Decimal(int(number)) / 1000 for number in thousandths)
        if scale == "linear":
            ends = value - z * spread, value + z * spread
        elif not spread or value in (0, 1):
            ends = value, value
        else:
            ends = _other_scale(scale, value, z * spread)
        return [100 * min(max(end, Decimal(0)), Decimal(1)) for end in ends]


def _other_scale(scale, value, margin):
    if scale == "log":
        return [(value.ln() + side * margin / value).exp() for side in (-1, 1)]
    if scale == "log_log":
        middle, width = (-value.ln()).ln(), margin / (value * abs(value.ln()))
        return [(-((middle + side * width).exp())).exp() for side in (1, -1)]
    root = math.sqrt(value)
    middle, width = math.asin(root), float(margin) / (2 * math.sqrt(float(value * (1 - value))))
    low, high = max(middle - width, 0), min(middle + width, math.pi / 2)
    return [Decimal(math.sin(end) ** 2) for end in (low, high)]


def fall(died, group, level, strictly=False):
    """The place in a group at which the curve first is at a level (or strictly below it)."""
    inside = tuple(died[i] for i in group)
    for ended in range(1, len(group) + 1):
        rate, _ = curve(inside, ended)
        if rate < level or (rate == level and not strictly):
            return group[ended - 1]
    return None

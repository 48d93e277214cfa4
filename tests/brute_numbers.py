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


def limits(rate, total, scale, quantile, by_hand):
    """Lower and upper limit of a rate, in percent."""
    with localcontext() as context:
        context.prec = DIGITS
        z, spread = QUANTILE[quantile], error(rate, total)
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


def median_survival(died, group, option):
    """A median survival time as weights of times, or None where it is not reached."""
    if option == "follow_up":
        return ranked(group, HALF, "inclusive")
    at, below = fall(died, group, HALF), fall(died, group, HALF, strictly=True)
    if option == "kaplan_meier_midpoint" and below not in (None, at):
        return {at: HALF, below: HALF}
    found = below if option == "kaplan_meier_below" else at
    return None if found is None else {found: Fraction(1)}


def ranked(group, share, method):
    """A quantile as weights of times: types 6, 7 and 2 of Hyndman and Fan."""
    size = len(group)
    if method == "averaged":
        full, rest = divmod(size * share, 1)
        places = [full + 1] if rest else [full, full + 1]
        weights = [(place, Fraction(1, len(places))) for place in places]
    else:
        place = (size + 1) * share if method == "exclusive" else (size - 1) * share + 1
        full, rest = divmod(min(max(place, Fraction(1)), Fraction(size)), 1)
        weights = [(full, 1 - rest), (full + 1, rest)]
    return {group[int(place) - 1]: weight for place, weight in weights if weight}


def deaths(died, moment, inside, everybody):
    """For each time of death: at risk, deaths, at risk in the group, deaths in the group."""
    table = []
    for time in sorted({moment[i] for i in everybody if died[i]}):
        risk = [i for i in everybody if moment[i] >= time]
        here = [i for i in risk if died[i] and moment[i] == time]
        counts = [len(risk), len(here), len(inside & {*risk}), len(inside & {*here})]
        table.append(counts)
    return table


def chi_square(statistic):
    """P of a chi-square statistic with one degree of freedom."""
    return math.erfc(math.sqrt(max(statistic, 0) / 2))


def weighted_log_rank(died, moment, inside, everybody, weight):
    """P of a log-rank test whose times of death weigh `weight(at risk)`; None without one."""
    score = variance = 0.0
    for n, d, n1, d1 in deaths(died, moment, inside, everybody):
        w = weight(n)
        score += w * (d1 - d * n1 / n)
        variance += w * w * d * (n1 / n) * (1 - n1 / n) * (n - d) / max(n - 1, 1)
    return chi_square(score**2 / variance) if variance > 1e-12 else None


class Cox:
    """A Cox model of one group, by its score: bisected, not climbed."""

    def __init__(self, died, moment, inside, everybody, ties):
        """The terms of its partial likelihood: weights of those at risk, one a death."""
        self.score_at_zero, self.terms = 0, []
        for n, d, n1, d1 in deaths(died, moment, inside, everybody):
            self.score_at_zero += d1
            for k in range(d):
                gone = k / d if ties == "efron" else 0
                self.terms.append((n - n1 - gone * (d - d1), n1 - gone * d1))
        self.beta = self._root()

    def _parts(self, beta):
        risk = math.exp(beta)
        return [inside * risk / (outside + inside * risk) for outside, inside in self.terms]

    def _score(self, beta):
        return self.score_at_zero - sum(self._parts(beta))

    def _root(self):
        low, high = -30.0, 30.0
        if self._score(low) < 1e-9 or self._score(high) > -1e-9:
            return None
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if self._score(middle) > 0 else (low, middle)
        return low if abs(low) <= 15 else None

    def estimate(self):
        """Coefficient and standard error, None without a maximum."""
        if self.beta is None:
            return None
        information = sum(share * (1 - share) for share in self._parts(self.beta))
        return self.beta, 1 / math.sqrt(information)

    def likelihood_ratio(self):
        """P of the likelihood-ratio test: its limit where the likelihood has no maximum."""
        if not any(outside and inside for outside, inside in self.terms):
            return 1.0
        beta = self.beta
        if beta is None:
            beta = 30.0 if self._score(0) > 0 else -30.0
        gain = beta * self.score_at_zero
        for outside, inside in self.terms:
            gain -= math.log((outside + inside * math.exp(beta)) / (outside + inside))
        return chi_square(2 * gain)


def hazard(model, statistic, early):
    """The least and the greatest that a cell of a Cox model may say; None without a maximum."""
    found = model.estimate()
    if found is None:
        return None
    beta, spread = found
    side = {"hazard_ratio_lower": -1, "hazard_ratio_upper": 1}.get(statistic, 0)
    ends = []
    for shift in (-STOPPED_EARLY, STOPPED_EARLY) if early else (0,):
        moved = beta + shift * spread
        is_p = statistic in ("p_value", "hazard_ratio_p")
        z = float(QUANTILE["exact"])
        ends.append(
            chi_square((moved / spread) ** 2) if is_p else math.exp(moved + side * z * spread)
        )
    return min(ends), max(ends)

"""Times that a small paper prints, as weights of the patients' times, worked out anew.

Shares nothing with the package. A group is a list of places in order of time.
"""

from fractions import Fraction
from typing import NamedTuple

import brute_numbers as numbers

HALF = Fraction(1, 2)
SHARES = {"minimum": Fraction(0), "maximum": Fraction(1), "median": HALF}


class Way(NamedTuple):
    """A number as a sum of weighted times and a constant."""

    weights: dict
    constant: Fraction = Fraction(0)


def ways(paper, line, order, group):
    """Each way to form a printed time: a `Way`, or None where it is not reached."""
    if not group:
        return []
    return [way and Way(*way) for way in KINDS[line.statistic](paper, line, order, group)]


def _plain(_, line, __, group):
    if line.statistic == "mean":
        return [(dict.fromkeys(group, Fraction(1, len(group))),)]
    return [(ranked(group, SHARES[line.statistic], "inclusive"),)]


def _quantile(paper, line, _, group):
    share = Fraction(line.get("q"))
    return [(ranked(group, share, method),) for (method,) in paper.ways(line, "quantile")]


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


def _median(paper, line, order, group):
    for (rule,) in paper.ways(line, "median"):
        plain = rule == "follow_up"
        yield (ranked(group, HALF, "inclusive"),) if plain else _fall(order.died, group, HALF, rule)


def _survival_quantile(paper, line, order, group):
    level = 1 - Fraction(line.get("q"))
    for (rule,) in paper.ways(line, "median"):
        yield _fall(order.died, group, level, rule)


def _reversed(paper, line, order, group):
    alive = tuple(not d for d in order.died)
    for (rule,) in paper.ways(line, "median"):
        yield _fall(alive, group, HALF, rule)


def _fall(died, group, level, rule):
    """When a curve falls to a level; at a step just there by one of three rules."""
    at, below = (_first(died, group, level, strictly) for strictly in (False, True))
    if rule == "kaplan_meier_midpoint" and below not in (None, at):
        return ({at: HALF, below: HALF},)
    place = below if rule == "kaplan_meier_below" else at
    return None if place is None else ({place: Fraction(1)},)


def _first(died, group, level, strictly):
    inside = tuple(died[i] for i in group)
    for ended in range(1, len(group) + 1):
        rate, _ = numbers.curve(inside, ended)
        if rate < level or (rate == level and not strictly):
            return group[ended - 1]
    return None


def _limit(paper, line, order, group):
    """Brookmeyer and Crowley: the first time at which a limit of the rate is low enough."""
    inside, left = tuple(order.died[i] for i in group), 100 * (1 - Fraction(line.get("q", "1/2")))
    switches = "interval_scale", "normal_quantile", "limits_at_zero"
    for scale, quantile, at_zero in paper.ways(line, *switches):
        found = None
        for k, place in enumerate(group):
            if k + 1 < len(group) and order.moment[group[k + 1]] == order.moment[place]:
                continue  # others die at this time
            rate, total = numbers.curve(inside, k + 1)
            if rate == 0 and at_zero == "none":
                continue
            both = numbers.limits(rate, total, scale, quantile, "", line.get("level", "95"))
            if both[line.statistic.endswith("upper")] <= left:
                found = place
                break
        yield None if found is None else ({found: Fraction(1)},)


def area(paper, line, order, group, way):
    """The curve of a group up to its end: points of time, rates from each on, at risk at deaths.

    A point is (weights of times, constant). None where there is no end.
    """
    to = line.get("to")
    ended = paper.size if to is None else order.ended[paper.marks.index(Fraction(to))]
    deaths = [i for i in group if order.died[i] and i < ended]
    last = {"largest": group, "common": paper.everybody, "last_death": deaths}[way][-1:]
    if to is None and not last:
        return None
    points = [({}, Fraction(0)), *(({i: Fraction(1)}, Fraction(0)) for i in deaths)]
    points.append(
        ({i: Fraction(1) for i in last}, Fraction(0)) if to is None else ({}, Fraction(to))
    )
    at_risk, rates = [len(group) - group.index(i) for i in deaths], [Fraction(1)]
    for n in at_risk:
        rates.append(rates[-1] * (1 - Fraction(1, n)))
    return points, rates, at_risk


def right_of(points, rates, start):
    """The area from one point on, as weights and a constant."""
    weights, constant = {}, Fraction(0)
    for k in range(start, len(rates)):
        for sign, (own, number) in ((1, points[k + 1]), (-1, points[k])):
            for i, weight in own.items():
                weights[i] = weights.get(i, 0) + sign * weight * rates[k]
            constant += sign * number * rates[k]
    return {i: w for i, w in weights.items() if w}, constant


def _mean(paper, line, order, group):
    for (way,) in paper.ways(line, "mean_to"):
        found = area(paper, line, order, group, way)
        if found is not None:
            yield right_of(*found[:2], 0)


def squares(paper, line, order, group):
    """Each way to form a spread: weighted squares of sums of times, which add up to its square.

    A list of ways; a way is a list of (weight, weights of times, constant).
    """
    if line.statistic == "sd":
        size = len(group)
        for (kind,) in paper.ways(line, "sd"):
            divisor = size - (kind == "sample")
            if divisor > 0:
                yield [(Fraction(1, divisor), _away(group, i), Fraction(0)) for i in group]
        return
    for way, correction in paper.ways(line, "mean_to", "mean_error"):
        found = area(paper, line, order, group, way)
        if found is None:
            continue
        points, rates, at_risk = found
        deaths = len(at_risk)
        if correction == "corrected" and deaths < 2:
            continue
        more = Fraction(deaths, deaths - 1) if correction == "corrected" else 1
        yield [
            (more * Fraction(1, n * (n - 1)), *right_of(points, rates, k))
            for k, n in enumerate(at_risk, start=1)
            if n > 1
        ]


def _away(group, place):
    return {i: (i == place) - Fraction(1, len(group)) for i in group}


KINDS = {
    "mean": _plain,
    "minimum": _plain,
    "maximum": _plain,
    "median": _plain,
    "quantile": _quantile,
    "median_survival": _median,
    "quantile_survival": _survival_quantile,
    "reverse_median": _reversed,
    "median_survival_lower": _limit,
    "median_survival_upper": _limit,
    "quantile_survival_lower": _limit,
    "quantile_survival_upper": _limit,
    "mean_survival": _mean,
}
SPREADS = ("sd", "mean_survival_error")

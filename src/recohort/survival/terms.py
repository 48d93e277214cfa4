"""How a printed time is formed from the times of a group, in every way that its options allow.

Given who died, a mean, a quantile and what is read off a Kaplan-Meier curve are weighted means of
times; the error of a mean is a sum of squares of them.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

from recohort.paper.computing import quantile_terms
from recohort.paper.limits import level_of, limits
from recohort.paper.printed import ENDLESS, values_of
from recohort.paper.rounding import Interval
from recohort.paper.rows import NEVER, Row
from recohort.paper.statistics import REGISTRY, quantile_of
from recohort.survival.linear import Linear
from recohort.survival.problem import Problem, bits, settings
from recohort.survival.spread import Spread
from recohort.survival.tables import standard_error, state_of


class Way(NamedTuple):
    """A weighted mean of times, plus `shift`; or a time that is not reached."""

    terms: tuple  # (position, whole weight)
    divisor: int = 1
    shift: Fraction = Fraction(0)
    conditions: tuple = ()  # Linear facts about ties under which it is formed so
    reached: bool = True

    def facts(self, values: Interval) -> tuple[Linear, ...] | None:
        """What the times keep to where it lies among some values; None where it cannot."""
        if not self.reached:
            return self.conditions
        if not self.terms:
            return self.conditions if self.shift in values else None
        shares = tuple((i, Fraction(weight, self.divisor)) for i, weight in self.terms)
        low, high = (end if end is None else end - self.shift for end in values[:2])
        return Linear(shares, Interval(low, high, *values[2:])), *self.conditions


def time_ways(
    problem: Problem, row: Row, positions: Sequence[int], pattern: int, ended: int | None = None
) -> list[Way]:
    """A printed time of the patients at `positions`, each way once; none where it cannot be.

    `ended` of them do by the time that a restricted mean goes `to`.
    """
    positions = asked_of(row, positions, pattern)
    found = dict.fromkeys(_every(problem, row, positions, pattern, ended)) if positions else {}
    if row.relation == NEVER:
        return [way for way in found if not way.reached]
    return [way for way in found if way.reached or row.relation in ENDLESS]


def time_facts(problem: Problem, row: Row, *place) -> tuple[tuple[Linear, ...], ...]:
    """The ways as alternatives of linear facts: those in which the row's number comes out."""
    values = Interval(None, None, False, False)
    if row.relation != NEVER:
        values = values_of(row, settings(problem, row)["halves"])
    found = (way.facts(values) for way in time_ways(problem, row, *place))
    return tuple(facts for facts in found if facts is not None)


def asked_of(row: Row, positions: Sequence[int], pattern: int) -> list[int]:
    """The patients whom a row is about: all of them, those who died, or those who did not."""
    died = dict(row.options).get("event")
    return [i for i in positions if died is None or bool(pattern >> i & 1) == (died == "True")]


def _every(problem, row, positions, pattern, ended):
    own, statistic = settings(problem, row), row.statistic
    if statistic in ("median_survival", "quantile_survival"):
        yield from _medians(row, own["median"], positions, pattern)
    elif statistic == "reverse_median":
        if "deaths_first" in own["reverse_ties"]:
            yield from _medians(row, own["median"], positions, ~pattern)
        if "at_risk" in own["reverse_ties"]:
            for fall in _reverse_falls(positions, pattern):
                yield from (_read_off(rule, *fall) for rule in own["median"])
    elif statistic == "mean_survival":
        yield from _areas(problem, row, positions, pattern, ended)
    elif REGISTRY[statistic].kind == "curve":
        yield from _limits(own, row, positions, pattern)
    elif statistic == "mean":
        yield Way(tuple((i, 1) for i in positions), len(positions))
    else:
        q, plain = quantile_of(row), REGISTRY[statistic].quantile is not None
        for method in ("inclusive",) if plain else own["quantile"]:
            yield Way(*quantile_terms(positions, q, method))


def _falls_of_curve(positions, pattern, ended=None):
    """Where the curve of some patients falls, of the first that ended: places and states."""
    died = bits(pattern >> i & 1 for i in positions)
    return [
        (i, state_of(len(positions), k + 1, died & (2 << k) - 1))
        for k, i in enumerate(positions[:ended])
        if died >> k & 1
    ]


def _medians(row, rules, positions, pattern):
    """The time by which half, or a share q, has died, by each rule where a step lies just there."""
    q, falls = Fraction(dict(row.options).get("q", "1/2")), _falls_of_curve(positions, pattern)
    half = next((i for i, state in falls if state.rate <= 1 - q), None)
    below = next((i for i, state in falls if state.rate < 1 - q), None)
    for rule in rules:
        if rule == "follow_up" and row.statistic == "median_survival":
            yield Way(*quantile_terms(positions, q, "inclusive"))
        else:
            yield _read_off(rule, half, below)


def _read_off(rule, half, below, conditions=()):
    """The time that a rule reads off a curve, which is at most one half or below it from there."""
    if rule == "kaplan_meier_midpoint" and below not in (None, half):
        return Way(((half, 1), (below, 1)), 2, conditions=conditions)
    place = below if rule == "kaplan_meier_below" else half
    terms = () if place is None else ((place, 1),)
    return Way(terms, conditions=conditions, reached=place is not None)


def _reverse_falls(
    positions, pattern, k=0, rate=Fraction(1), half=None, still=0, ties=()
) -> Iterator[tuple]:
    """Where the curve of being censored comes to one half, the dead at risk at their own time.

    So it is where a program exchanges event and censoring. Yields the first place at which the
    curve is at most one half (None if it never is), the first below it, and the linear facts under
    which. From patient k on; `still` are the deaths at the time of the last censoring.
    """
    j = next((j for j in range(k, len(positions)) if not pattern >> positions[j] & 1), None)
    if j is None:
        yield half, None, ties
        return
    for many, conditions in _tied_deaths(positions, pattern, k, j, still):
        at_risk = len(positions) - j + many
        left = rate * Fraction(at_risk - 1, at_risk)
        first = positions[j] if half is None and left <= Fraction(1, 2) else half
        told = *ties, *conditions
        if left < Fraction(1, 2):
            yield first, positions[j], told
        else:
            yield from _reverse_falls(positions, pattern, j + 1, left, first, many, told)


def _tied_deaths(positions, pattern, k, j, still):
    """How many deaths may fall at the time of a censoring, each number with its conditions."""
    place, dead = positions[j], positions[k:j]
    if not dead and not still:
        yield 0, ()
    elif not dead:
        yield still, (_later_than(positions[k - 1], place, tied=True),)
        yield 0, (_later_than(positions[k - 1], place),)
    for first in range(len(dead), -1, -1) if dead else ():
        tied, apart = dead[first : first + 1], dead[:first][-1:]
        between = (pattern & (1 << place) - 1) >> tied[0] if tied else 0
        if not between & between + 1:  # else a censoring before a death: they are apart
            conditions = [_later_than(i, place, tied=True) for i in tied]
            yield len(dead) - first, (*conditions, *(_later_than(i, place) for i in apart))


def _later_than(place, than, tied=False):
    """The time at `than` is later than that at `place`; or, if `tied`, the same."""
    zero = Fraction(0)
    inside = Interval(zero, zero, True, True) if tied else Interval(zero, None, False, False)
    return Linear(((than, Fraction(1)), (place, Fraction(-1))), inside)


def _limits(own, row, positions, pattern):
    """A limit of a quantile of survival: where that limit of the rate is first low enough.

    It may rise again at a death: then ties say whether the curve ever stands there.
    """
    options, upper = dict(row.options), row.statistic.endswith("_upper")
    wanted, level = 100 * (1 - Fraction(options.get("q", "1/2"))), level_of(row)
    deaths = _falls_of_curve(positions, pattern)
    for scale in own["interval_scale"]:
        for z in own["normal_quantile"]:
            path = scale, z, "unrounded"
            ends = [
                limits(s.rate, standard_error(s.rate, s.greenwood), path, level)[upper]
                for _, s in deaths
            ]
            for at_zero in own["limits_at_zero"]:
                low = [
                    Fraction(end) <= wanted and (s.rate > 0 or at_zero == "zero")
                    for end, (_, s) in zip(ends, deaths, strict=True)
                ]
                yield from _crossings([i for i, _ in deaths], low, pattern)


def _crossings(places, low, pattern, start=0, conditions=()) -> Iterator[Way]:
    """The first place that is low, unless a tie goes on to one that is not."""
    k = next((k for k in range(start, len(low)) if low[k]), None)
    if k is None:
        yield Way((), conditions=conditions, reached=False)
        return
    again = next((j for j in range(k, len(low)) if not low[j]), None)
    between = 0 if again is None else (2 << places[again]) - (1 << places[k])
    if again is None or pattern & between != between:
        yield Way(((places[k], 1),), conditions=conditions)
        return
    later, tied = (_later_than(places[k], places[again], same) for same in (False, True))
    yield Way(((places[k], 1),), conditions=(*conditions, later))
    yield from _crossings(places, low, pattern, again + 1, (*conditions, tied))


def _areas_under(problem, row, positions, pattern, ended):
    """The areas that a mean may be: the deaths in one, the rate left, its last place or time.

    Of a death its place, how many are at risk, and the rate before and after.
    """
    to, rate, deaths = dict(row.options).get("to"), Fraction(1), []
    for i, state in _falls_of_curve(positions, pattern, None if to is None else ended):
        deaths.append((i, state.left + 1, rate, state.rate))
        rate = state.rate
    if to is not None:
        yield deaths, rate, None, Fraction(to)
        return
    ends = {"largest": positions[-1], "last_death": deaths[-1][0] if deaths else None}
    for option in settings(problem, row)["mean_to"]:
        end = ends.get(option, problem.size - 1)
        if end is not None:
            yield deaths, rate, end, None


def _areas(problem, row, positions, pattern, ended):
    """Mean survival: each death takes what the curve falls by, the end what is left of it."""
    for deaths, left, end, to in _areas_under(problem, row, positions, pattern, ended):
        weights = {i: before - after for i, _, before, after in deaths}
        if end is not None:
            weights[end] = weights.get(end, Fraction(0)) + left
        unit = lcm(*(w.denominator for w in weights.values()))
        terms = tuple((i, int(w * unit)) for i, w in sorted(weights.items()) if w)
        yield Way(terms, unit, left * to if end is None else Fraction(0))


@lru_cache(maxsize=100_000)
def spread_ways(
    problem: Problem, row: Row, positions: tuple[int, ...], pattern: int, ended: int | None = None
) -> tuple[Spread, ...]:
    """What a printed standard deviation, or error of a mean, asks of times, one an option."""
    own, positions = settings(problem, row), tuple(asked_of(row, positions, pattern))
    interval = values_of(row, own["halves"])
    if row.statistic == "sd":
        return tuple(
            Spread.deviations(positions, len(positions) - (divisor == "sample"), interval)
            for divisor in own["sd"]
            if len(positions) > (divisor == "sample")
        )
    found = []
    areas = _areas_under(problem, row, positions, pattern, ended) if positions else ()
    for deaths, left, end, to in areas:
        forms = tuple(_tails(deaths, left, end, to))
        for option in own["mean_error"]:
            many = len(deaths) if option == "corrected" else 0
            if many != 1:
                factor = Fraction(many - 1, many) if many else Fraction(1)
                found.append(Spread(forms, factor, interval))
    return tuple(dict.fromkeys(found))


def _tails(deaths, left, end, to):
    """Areas to the right of each death, as forms: weighted sums of times, constants, weights."""
    for k, (i, at_risk, _, after) in enumerate(deaths):
        if at_risk == 1:
            continue
        weights = {j: before - later for j, _, before, later in deaths[k + 1 :]}
        for place, weight in ((i, -after), (end, left)):
            if place is not None:
                weights[place] = weights.get(place, Fraction(0)) + weight
        terms = tuple((j, w) for j, w in sorted(weights.items()) if w)
        constant = left * to if end is None else Fraction(0)
        yield terms, constant, Fraction(1, at_risk * (at_risk - 1))

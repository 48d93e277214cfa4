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
from recohort.survival.reverse import later_than, reverse_falls
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
        return _medians(row, own["median"], positions, pattern)
    if statistic == "reverse_median":
        return _reverse_medians(row, own, positions, pattern)
    if statistic == "mean_survival":
        return _areas(problem, row, positions, pattern, ended)
    if REGISTRY[statistic].kind == "curve":
        return _limits(own, row, positions, pattern)
    if statistic == "mean":
        return [Way(tuple((i, 1) for i in positions), len(positions))]
    q, plain = quantile_of(row), REGISTRY[statistic].quantile is not None
    methods = ("inclusive",) if plain else own["quantile"]
    return [Way(*quantile_terms(positions, q, method)) for method in methods]


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
    died, q = bits(pattern >> i & 1 for i in positions), Fraction(dict(row.options).get("q", "1/2"))
    half, below = (None if k is None else positions[k] for k in _ranks(len(positions), died, 1 - q))
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


def _reverse_medians(row, own, positions, pattern):
    """The time by which half would have been censored, were it not for deaths, by each rule."""
    rules = own["median"]
    if "deaths_first" in own["reverse_ties"]:
        yield from _medians(row, rules, positions, ~pattern)
    if "at_risk" in own["reverse_ties"]:
        for half, below, conditions in reverse_falls(positions, pattern):
            yield from (_read_off(rule, half, below, conditions) for rule in rules)


@lru_cache(maxsize=100_000)
def _ranks(size, died, left):
    """The rank of the patient with whom a curve first is at most at a rate, and below it."""
    rates = [state_of(size, k + 1, died & (2 << k) - 1).rate for k in range(size)]
    at = next((k for k, rate in enumerate(rates) if rate <= left), None)
    return at, next((k for k, rate in enumerate(rates) if rate < left), None)


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
    later, tied = (later_than(places[k], places[again], same) for same in (False, True))
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

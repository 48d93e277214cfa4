"""A second search of the survival block over real-valued times; nothing of `recohort` is used.

An *order* says who died and how many times lie up to 12, 36 and 60 months; times are real numbers,
and each published one says that the mean of some of them lies in an interval. "None" is shown in
whole millionths of a month, by bounds that every solution keeps (`narrowed`, exact), or by a linear
program (HiGHS, to a tenth of the widening); "some" by one that keeps away from every edge.
What each claim uses is said in `test_second_reals.py`.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain, combinations, product
from math import ceil, floor
from typing import NamedTuple

from scipy.optimize import linprog

from second_reals_facts import (
    LANDMARKS,
    PATIENTS,
    Factor,
    Order,
    Positions,
    Ways,
    chosen,
    fits_p,
    fitting,
    groupings,
    interval,
    log_rank,
    medians,
    printed,
    tumor_types,
)

UNIT = 10**6  # times as whole millionths of a month
FAR = 10**9
TREATED = "pathology=adenoid_cystic_carcinoma"  # as two of those with chemotherapy
CLEAR = 1e-5  # months; ten times the widening, a hundred times what the program may miss by


class Fact(NamedTuple):
    """The times at some positions add up to something in a closed interval (millionths)."""

    positions: Positions
    low: int
    high: int


class System(NamedTuple):
    """An order, who is tied with the next, the facts so far, and bounds that follow from them."""

    order: Order
    tied: frozenset
    facts: tuple[Fact, ...]
    bounds: tuple[Positions, Positions] | None


def mean_of(positions: Positions, told: str, ways: Ways) -> Fact:
    """The mean of some times is published so."""
    low, high = (len(positions) * end * UNIT for end in interval(told, ways.digits))
    return Fact(positions, floor(low), ceil(high))


def ordered(lows: list, highs: list, tied: frozenset) -> None:
    """Times do not fall, and tied ones are equal."""
    for i in range(1, len(lows)):
        lows[i] = max(lows[i], lows[i - 1])
        highs[-i - 1] = min(highs[-i - 1], highs[-i])
    for i in sorted(tied, reverse=True):
        lows[i] = lows[i + 1]
    for i in sorted(tied):
        highs[i + 1] = highs[i]


def narrowed(bounds, facts, tied=frozenset()) -> tuple[Positions, Positions] | None:
    """Bounds that each time must keep, as far as single facts tell; None: no times at all."""
    lows, highs = list(bounds[0]), list(bounds[1])
    ordered(lows, highs, tied)
    for _ in range(50):  # stopping early is safe: bounds are only wider then
        before = lows[:], highs[:]
        for positions, low, high in facts:
            least = low - sum(highs[i] for i in positions)
            most = high - sum(lows[i] for i in positions)
            for i in positions:
                lows[i], highs[i] = max(lows[i], least + highs[i]), min(highs[i], most + lows[i])
        ordered(lows, highs, tied)
        if any(low > high for low, high in zip(lows, highs, strict=True)):
            return None
        if before == (lows, highs):
            break
    return tuple(lows), tuple(highs)


def adding(system: System, facts: tuple[Fact, ...]) -> System:
    """The system with more facts."""
    every = system.facts + tuple(f for f in facts if f not in system.facts)
    return system._replace(facts=every, bounds=narrowed(system.bounds, every, system.tied))


@cache
def singles(ways: Ways) -> list[tuple[Fact, ...]]:
    """Facts on the times of all patients, in each of the ways to form the quartiles."""
    last = PATIENTS - 1
    always = {
        "abstract.follow_up.minimum": (0,),
        "abstract.follow_up.maximum": (last,),
        "abstract.follow_up.mean": tuple(range(PATIENTS)),
        "methods.follow_up.median": (last // 2,),
    }
    kept = [row for row in always if row not in ways.dropped]
    told = tuple(mean_of(always[row], printed(row), ways) for row in kept)
    ends = [printed(f"results.follow_up.{side}_quartile") for side in ("lower", "upper")]
    found = []
    for kind in ways.quartiles:
        places = ((2, 3), (9, 10)) if kind == 6 else ((3,), (9,))
        found.append(told + tuple(mean_of(*pair, ways) for pair in zip(places, ends, strict=True)))
    return list(dict.fromkeys(found)) or [told]


def starts(order: Order, ways: Ways, tied: frozenset = frozenset()) -> list[System]:
    """Systems of an order with facts on all patients; bounds from the landmarks alone."""
    lows, highs = [0] * PATIENTS, [FAR] * PATIENTS
    for until, at in zip(order.until, LANDMARKS, strict=True):
        highs[:until] = [min(high, ceil(at * UNIT) + 1) for high in highs[:until]]
        lows[until:] = [max(low, floor(at * UNIT) - 1) for low in lows[until:]]
    overall, bounds = [()], (tuple(lows), tuple(highs))
    if "" not in ways.dropped:
        forms = medians(order, tuple(range(PATIENTS)), ways)
        overall = [(mean_of(form, printed("results.mst"), ways),) for form in forms]
    every = product(singles(ways), overall)
    return [System(order, tied, facts + more, bounds) for facts, more in every]


def begin(order: Order, ways: Ways, tied: frozenset = frozenset()) -> list[System]:
    """Its systems with bounds from all facts, refuted ones left out."""
    found = [adding(system, ()) for system in starts(order, ways, tied)]
    return [system for system in found if system.bounds]


def inequalities(system: System) -> tuple[list, list]:
    """All that a system says, as rows of coefficients and what they may add up to at most."""
    said = []
    for places, low, high in system.facts:
        said += [(dict.fromkeys(places, 1.0), high / UNIT)]
        said += [(dict.fromkeys(places, -1.0), -low / UNIT)]
    for i in set(range(PATIENTS - 1)) - system.tied:
        said += [({i: 1.0, i + 1: -1.0}, 0.0)]
    for until, at in zip(system.order.until, LANDMARKS, strict=True):
        said += [({until - 1: 1.0}, float(at))] if until else []
        said += [({until: -1.0}, -float(at))] if until < PATIENTS else []
    rows = [[terms.get(i, 0.0) for i in range(PATIENTS)] for terms, _ in said]
    return rows, [end for _, end in said]


def program(system: System, goal: list, away: tuple) -> float:
    """The least value of a goal over times and one more number: how far from every edge."""
    rows, ends = inequalities(system)
    same = [[float(i == t) - float(i == t + 1) for i in range(PATIENTS + 1)] for t in system.tied]
    equal = (same, [0.0] * len(same)) if same else (None, None)
    room = [(0.0, FAR / UNIT)] * PATIENTS + [away]
    answer = linprog(goal, [[*r, 1.0] for r in rows], ends, *equal, room, method="highs")
    assert answer.status == 0, answer.message
    return answer.fun


def margin(system: System) -> float:
    """By how many months some times can keep away from every edge; below 0: how far they miss."""
    return -program(system, [0.0] * PATIENTS + [-1.0], (None, 1.0))


def ends(system: System, position: int) -> tuple[float, float]:
    """The lowest and the highest time at a position."""
    goal = [float(i == position) for i in range(PATIENTS + 1)]
    least = program(system, goal, (0.0, 0.0))
    return least, -program(system, [-g for g in goal], (0.0, 0.0))


def refuted(system: System) -> bool:
    """Are there no times, by bounds or else by a linear program? Never where it is close."""
    return system.bounds is None or margin(system) < -CLEAR


def facts_of(order: Order, grouping, factor: Factor, ways: Ways) -> Iterator[tuple[Fact, ...]]:
    """Facts that the medians of both groups may be, in each of the ways."""
    forms = []
    for group, members in zip(factor.groups, grouping, strict=True):
        told = group.name not in ways.dropped
        found = medians(order, members, ways)
        forms.append([(mean_of(f, group.median, ways),) for f in found] if told else [()])
    return (one + other for one, other in product(*forms))


def choices(system: System, factor: Factor, ways: Ways) -> dict[tuple[Fact, ...], set]:
    """Groupings by a factor that fit rates and P, by what they say of times; refuted ones apart."""
    found = defaultdict(set)
    for grouping in groupings(system.order, factor, ways.digits):
        p = log_rank(system.order.deaths, system.tied, grouping[0]) if ways.tests else None
        if p is None or fits_p(p, factor.p, ways.digits):
            for facts in facts_of(system.order, grouping, factor, ways):
                found[facts].add(grouping[0])
    return {facts: found[facts] for facts in found if adding(system, facts).bounds}


def leaves(system: System, every: dict, taken: dict | None = None) -> Iterator[tuple[System, dict]]:
    """Systems with one choice a factor for which there are times; the groupings by factor."""
    taken = taken or {}
    if not every:
        if not refuted(system):
            yield system, taken
        return
    left = {
        name: {f: groups for f, groups in found.items() if adding(system, f).bounds}
        for name, found in every.items()
    }
    least = min(left, key=lambda name: len(left[name]))
    others = {name: found for name, found in left.items() if name != least}
    for facts, groups in left[least].items():
        yield from leaves(adding(system, facts), others, taken | {least: groups})


def ties(system: System) -> Iterator[frozenset]:
    """Which deaths may be tied with the next one, as far as bounds tell; none comes first."""
    lows, highs = system.bounds
    order = system.order
    can = [
        i
        for i in range(PATIENTS - 1)
        if order.deaths[i] and order.deaths[i + 1] and lows[i + 1] <= highs[i]
        and i + 1 not in order.until
    ]  # fmt: skip
    return map(frozenset, chain.from_iterable(combinations(can, k) for k in range(len(can) + 1)))


def orders(ways: Ways) -> list[Order]:
    """Orders that fit the rates of all patients, and for which there are single times."""
    return [order for order in fitting(ways.digits) if begin(order, ways)]


def with_groups(order: Order, ways: Ways, factors: tuple[str, ...] = ()) -> int:
    """In how many ways can the patients of an order be divided by all factors: rates alone."""
    ways_left = 1
    for factor in sorted(chosen(factors), key=lambda f: min(g.size for g in f.groups)):
        ways_left *= len(groupings(order, factor, ways.digits)) if ways_left else 0
    return ways_left


def every_choice(system: System, ways: Ways, factors: tuple[str, ...] = ()) -> dict[str, dict]:
    """Choices by each factor."""
    return {factor.name: choices(system, factor, ways) for factor in chosen(factors)}


def first_leaf(order: Order, ways: Ways, factors: tuple[str, ...] = ()):
    """Times and groups of an order, P values apart, or None where there are none."""
    untested = ways._replace(tests=False)
    found = (leaves(s, every_choice(s, untested, factors)) for s in begin(order, ways))
    return next(chain.from_iterable(found), None) if with_groups(order, ways, factors) else None


def left(ways: Ways, factors: tuple[str, ...] = ()) -> int:
    """Orders for which there are times and groups by these factors (or all), P values apart."""
    return sum(first_leaf(order, ways, factors) is not None for order in orders(ways))


def solutions(ways: Ways) -> Iterator[tuple[System, dict]]:
    """Systems that fit everything, with the groupings by each factor."""
    for order in orders(ways):
        if first_leaf(order, ways):
            for system in begin(order, ways):
                for tied in ties(system):
                    for start in begin(order, ways, tied):
                        yield from leaves(start, every_choice(start, ways))


def with_types(system: System, lung, treated, ways: Ways, taken=None) -> Iterator[tuple]:
    """Systems with a tumor type for each patient, Table 2's medians; who has which.

    `lung`: those with lung cancer; `treated`: those with previous chemotherapy, of whom two have
    an adenoid cystic carcinoma (and two lung cancer).
    """
    taken = taken or {}
    missing = [name for name in tumor_types() if name not in taken]
    if not missing:
        if not refuted(system):
            yield system, taken
        return
    name, kind = missing[0], tumor_types()[missing[0]]
    free = sorted(set(range(PATIENTS)) - set(lung) - set(chain.from_iterable(taken.values())))
    for members in combinations(free, kind.size):
        if name == TREATED and len(set(members) & set(treated)) != 2:
            continue
        for form in medians(system.order, members, ways):
            more = adding(system, (mean_of(form, kind.median, ways),))
            if more.bounds:
                yield from with_types(more, lung, treated, ways, taken | {name: members})

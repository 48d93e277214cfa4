"""The set of all cohorts of a very small paper, and whether an order has real times.

Linear facts are asked of z3, a spread of the corners of what they leave (`brute_spread`).
"""

from fractions import Fraction
from functools import cache
from itertools import permutations, product
from typing import NamedTuple

import z3

from brute_force import (
    COMPARED,
    COUNTS,
    NEVER,
    TESTS,
    Order,
    assignments,
    count_fits,
    decimals_of,
    members,
    moments,
    orders,
    test_fits,
)
from brute_spread import has_spread
from brute_times import KINDS, SPREADS, squares, ways


def solutions(paper):
    """The set of all solutions: (who died, ended by each landmark, level of each patient)."""
    found = set()
    for died, ended in orders(paper):
        assigned = [list(assignments(paper, died, ended, column)) for column in paper.columns]
        landmarks = tuple(ended[paper.marks.index(mark)] for mark in paper.landmarks)
        for moment in moments(died, ended) if all(assigned) else ():
            order = Order(died, ended, moment)
            times = Times(paper, order)
            for groups in _groups(paper, order, assigned, times):
                key = died, landmarks, tuple(groups.values())
                if key not in found and times.exist(groups):
                    found.add(key)
    return found


def _groups(paper, order, assigned, times):
    """Groups of all columns that print counts and tests, and leave room for times."""
    if not times.possible():
        return
    fitting = [
        [own for own in some if _tests_fit(paper, order, own) and times.possible(own)]
        for some in assigned
    ]
    for chosen in product(*fitting):
        groups = {column: own[column] for own in chosen for column in own}
        joint = [x for x in paper.lines if len(x.columns) > 1]
        counts = all(count_fits(paper, x, order.died, groups) for x in joint)
        tests = (x for x in joint if x.statistic in TESTS)
        if counts and all(test_fits(paper, x, order, groups) for x in tests):
            yield groups


def _tests_fit(paper, order, groups):
    lines = [x for x in paper.lines if x.statistic in TESTS and x.columns == {*groups}]
    return all(test_fits(paper, x, order, groups) for x in lines)


class Fact(NamedTuple):
    """A weighted sum of times lies between two numbers (None: no end)."""

    weights: tuple  # of (place, weight)
    low: Fraction | None
    high: Fraction | None
    low_closed: bool = True
    high_closed: bool = True


@cache
def said(fact):
    """A fact to the solver."""
    total = z3.Sum([_rational(w) * _time(i) for i, w in fact.weights])
    parts = []
    if fact.low is not None:
        low = _rational(fact.low)
        parts.append(total >= low if fact.low_closed else total > low)
    if fact.high is not None:
        high = _rational(fact.high)
        parts.append(total <= high if fact.high_closed else total < high)
    return z3.And(parts)


@cache
def _one_of(choices):
    """One of several choices, each of some facts."""
    return z3.Or([z3.And([said(fact) for fact in choice]) for choice in choices])


@cache
def _time(place):
    return z3.Real(f"t{place}")


@cache
def _rational(value):
    return z3.RealVal(str(Fraction(value)))


def interval(paper, line):
    """Between which numbers a printed one lies, and whether each of them belongs to it."""
    value = Fraction(line.printed)
    if line.sign:
        above, closed = line.sign.startswith(">"), len(line.sign) == 2
        return (value, None, closed, False) if above else (None, value, False, closed)
    unit = Fraction(1, 10 ** decimals_of(line))
    ends = {"up": (-1, 1, True, False), "cut": (0, 2, True, False)}
    ends["even"] = (-1, 1, *[value / unit % 2 == 0] * 2)
    own = [ends[way] for (way,) in paper.ways(line, "halves")]
    low, high = min(way[0] for way in own), max(way[1] for way in own)
    closed = any(w[2] for w in own if w[0] == low), any(w[3] for w in own if w[1] == high)
    low, high = value + low * unit / 2, value + high * unit / 2
    return (low, high, *closed) if value else (-high, high, closed[1], closed[1])


class Times:
    """Are there real times for an order, with what is printed of them?"""

    def __init__(self, paper, order):
        """A solver that knows the order and its marks."""
        self.paper, self.order, self.known = paper, order, {}
        self.lines = [
            x
            for x in paper.lines
            if x.statistic in (*KINDS, *SPREADS, "at_risk")
            or (x.statistic in COUNTS and any(c == "time" for c, _, _ in x.filters))
        ]
        self.patients = [x for x in paper.lines if x.statistic == "patient"]
        self.solver, self.chain = z3.SolverFor("QF_LRA"), tuple(self._chain())
        self.solver.add(*map(said, self.chain))

    def _chain(self):
        died, ended, moment = self.order
        yield Fact(((0, 1),), 0, None)
        for i in self.paper.everybody[1:]:
            together = moment[i] == moment[i - 1]
            later = died[i] and not together  # a death stands behind others only if it is later
            yield Fact(((i, 1), (i - 1, -1)), 0, 0 if together else None, not later)
        for mark, count in zip(self.paper.marks, ended, strict=True):
            yield from (Fact(((i, 1),), None, mark) for i in range(count))
            yield from (Fact(((i, 1),), mark, None, False) for i in range(count, self.paper.size))

    def possible(self, groups=None):
        """May there be times, by the lines on all patients, or by those on one column as well?"""
        known = {*(groups or {})}
        about = [x for x in self.lines if x.columns <= known]
        people = [x for x in self.patients if x.columns <= known]
        return self._ask(about, people, groups or {})

    def exist(self, groups):
        """Are there times that meet every line?"""
        return self._ask(self.lines, self.patients, groups)

    def _ask(self, lines, patients, groups):
        """Remembered by the places that each line is about."""
        everything = {"event": tuple(map(str, self.order.died))} | groups
        key = tuple(
            tuple((x, self._whom(x, everything)) for x in some) for some in (lines, patients)
        )
        if key not in self.known:
            self.known[key] = self._solve(*key)
        return self.known[key]

    def _whom(self, line, everything):
        filters = [f for f in line.filters if f[0] != "time"]
        return tuple(members(filters, everything, self.paper.everybody))

    def _solve(self, lines, patients):
        spreads = [one for one in lines if one[0].statistic in SPREADS]
        counts = [one for one in lines if one[0].statistic in (*COUNTS, "at_risk")]
        facts = [self._choices(*one) for one in lines if one not in spreads + counts]
        facts += [self._people(patients)] if patients else []
        self.solver.push()
        self.solver.add(*map(_one_of, facts))
        self.solver.add(*(self._counted(*one) for one in counts))
        good = self.solver.check() == z3.sat
        self.solver.pop()
        return good and all(self._has_spread(facts, *one) for one in spreads)

    def _choices(self, line, group):
        """A printed time: for each way to form it what it says, nothing where it is not reached."""
        found, never = [], line.printed == NEVER
        for way in ways(self.paper, line, self.order, list(group)):
            if way is None:
                found += [()] if never or line.sign.startswith(">") else []
            elif not never:
                low, high, *closed = interval(self.paper, line)
                ends = (end if end is None else end - way.constant for end in (low, high))
                found.append((Fact(tuple(way.weights.items()), *ends, *closed),))
        return tuple(found)

    def _people(self, patients):
        """Different patients for the lines about single ones, each with its time."""
        found = []
        for places in permutations(self.paper.everybody, len(patients)):
            if all(i in group for i, (_, group) in zip(places, patients, strict=True)):
                timed = zip(places, patients, strict=True)
                found.append(tuple(f for i, (line, _) in timed for f in self._time_of(line, i)))
        return tuple(found)

    def _time_of(self, line, place):
        for column, _, printed in line.filters:
            if column == "time":
                yield Fact(((place, 1),), *interval(self.paper, line._replace(printed=printed)))

    def _counted(self, line, group):
        """A count with a condition on time comes out."""
        cuts = [[(sign, value) for c, sign, value in line.filters if c == "time"]]
        if line.statistic == "at_risk":
            signs = {"at_or_after": ">=", "after": ">"}
            cuts = [[(signs[way], line.get("at"))] for (way,) in self.paper.ways(line, "boundary")]
        share = 100 if line.statistic == "percent" else self.paper.size
        good = [
            k
            for k in range(self.paper.size + 1)
            if self.paper.prints(line, Fraction(k * share, self.paper.size))
        ]
        totals = [self._number(group, cut) for cut in cuts]
        return z3.Or([total == k for total in totals for k in good])

    def _number(self, group, cuts):
        inside = [z3.And([COMPARED[s](_time(i), _rational(v)) for s, v in cuts]) for i in group]
        return z3.Sum([z3.If(one, 1, 0) for one in inside])

    def _has_spread(self, facts, line, group):
        """A standard deviation or error: one a paper is asked for exactly, several each alone."""
        low, high, *_ = interval(self.paper, line)
        choices = [[[fact[:3] for fact in choice] for choice in choices] for choices in facts]
        choices.append([[fact[:3] for fact in self.chain]])
        return any(
            has_spread(self.order.moment, choices, forms, low, high)
            for forms in squares(self.paper, line, self.order, list(group))
        )

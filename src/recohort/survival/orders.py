"""Orders of events: stage one of the search.

An order says, for the patients sorted by time, who died (bit i of `pattern`) and how
many had ended by each landmark (`counts`). Patients tied in time stand deaths first,
so that Kaplan-Meier rates depend on the order alone.

Orders are walked patient by patient: before each one, landmarks may be placed, where what is
printed of all patients comes out; then the patient dies or is followed no longer.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import COUNTS, PATIENTS, RANKS, RATES
from recohort.survival.join import room_for_times
from recohort.survival.patients import known_endings, room_of_patients
from recohort.survival.problem import Problem, about, group_sizes, rows_for
from recohort.survival.tables import lowest_later, marks_of
from recohort.survival.words import may_hold

PART = 2**17  # beginnings of orders walked at once
WIDEST = 2**21  # beginnings of orders counted at once


class Orders(NamedTuple):
    """Orders as arrays: `pattern` has shape (N,), `counts` (N, number of landmarks)."""

    pattern: np.ndarray
    counts: np.ndarray

    def some(self, kept: np.ndarray | slice) -> "Orders":
        """Only those kept."""
        return Orders(self.pattern[kept], self.counts[kept])

    def listed(self) -> Iterator[tuple[int, tuple]]:
        """Each order's pattern and counts."""
        return zip(self.pattern.tolist(), map(tuple, self.counts.tolist()), strict=True)


def all_orders(problem: Problem) -> int:
    """How many orders there are before any printed number is used."""
    n, landmarks = problem.size, len(problem.landmarks)
    return 2**n * comb(n + landmarks, landmarks)


def fitting_orders(problem: Problem) -> Orders:
    """Stage one: the orders that print the number of deaths and the rates of all patients.

    Landmarks that contradict the printed times of all patients (a quartile, say) go first.
    """
    parts = list(walked_orders(problem))
    none = Orders(np.zeros(0, np.int64), np.zeros((0, len(problem.landmarks)), np.int64))
    found = Orders(*(np.concatenate(arrays) for arrays in zip(none, *parts, strict=True)))
    return found.some(np.lexsort((found.pattern, *found.counts.T[::-1])))


def remembered_orders(problem: Problem) -> Orders:
    """`fitting_orders` by the rows on all patients, and on single ones, remembered by them."""
    told = about(problem, None, RATES + COUNTS + RANKS)
    patients = tuple(row for row in problem.rows if row.statistic in PATIENTS)
    return _remembered(told._replace(rows=told.rows + patients))


_remembered = lru_cache(maxsize=64)(fitting_orders)


class _Walk(NamedTuple):
    """Beginnings of orders, as parallel arrays."""

    died: np.ndarray  # bits
    rate: np.ndarray  # Kaplan-Meier, in floating point
    placed: np.ndarray  # landmarks so far
    counts: np.ndarray  # of them
    ways: np.ndarray  # to place them, where these are counted and not told apart

    def some(self, kept):
        return _Walk(*(array[kept] for array in self))


class _Cuts:
    """What cuts a walk: what is printed, and where landmarks and deaths can be."""

    def __init__(self, problem):
        """All of it is told by what is printed of all patients and of single ones."""
        n = self.size = problem.size
        self.ranks = about(problem, None, RANKS)  # the printed times of all patients
        self.marks = marks_of(problem, None)
        self.lows, self.deaths = lowest_later(self.marks), death_counts(problem)
        self.known = known_endings(problem)  # alive and dead for sure among so many first patients
        self.rooms = np.ones((len(self.marks), n + 1), bool)  # do printed times leave room?
        for j, at in enumerate(problem.landmarks):
            alone = self.ranks._replace(landmarks=(at,))
            self.rooms[j] = [room_for_times(alone, (count,)) for count in range(n + 1)]
            self.rooms[j] &= room_of_patients(problem, at)
        ends = [np.flatnonzero(room).max(initial=-1) for room in self.rooms]
        # the last place for the landmark after so many
        self.last = np.array([min([*ends[j:], n + 1]) for j in range(len(ends) + 1)])


def walked_orders(problem: Problem) -> Iterator[Orders]:
    """`fitting_orders` in parts, as they are found: depth first, so that memory is bounded."""
    cuts = _Cuts(problem)
    waiting = [(0, _start(cuts.size, len(cuts.marks)))]
    for i, walk in depth_first(waiting):
        walk = _with_landmarks(cuts, walk, i)
        if i == problem.size:
            whole = walk.some(walk.placed == len(cuts.marks))
            yield Orders(whole.died, whole.counts)
        elif len(walk.died):
            waiting.append((i + 1, _with_patient(cuts, walk, i)))


def depth_first(waiting: list[tuple]) -> Iterator[tuple]:
    """What waits, (depth, beginnings), the last first and `PART` at a time; more may be added."""
    while waiting:
        depth, walk = waiting.pop()
        starts = range(PART, len(walk[0]), PART)[::-1]  # the last one waits least
        waiting += [(depth, walk.some(slice(k, k + PART))) for k in starts]
        yield depth, walk.some(slice(PART))


def counted_orders(problem: Problem) -> tuple[np.ndarray, np.ndarray] | None:
    """The patterns of deaths of all fitting orders, and how many orders have each.

    Printed times bear on each landmark by itself alone: where there are any, an upper bound. None
    where more than `WIDEST` beginnings would have to be held at once.
    """
    cuts = _Cuts(problem)
    walk = _start(cuts.size, len(cuts.marks))
    for i in range(cuts.size + 1):
        walk = _with_landmarks(cuts, walk, i, told=False)
        if len(walk.died) > WIDEST:
            return None
        if i < cuts.size:
            walk = _merged(_with_patient(cuts, walk, i))
    whole = _merged(walk.some(walk.placed == len(cuts.marks)))
    return whole.died, whole.ways


@lru_cache(maxsize=2048)
def group_exists(problem: Problem, column: str, level: str) -> bool:
    """Has some group of a printed size a pattern that prints its rates, orders apart?

    A necessary check on one level and its complement, each by itself.
    """
    for m in group_sizes(problem, column, level):
        sides = ((m, False), (problem.size - m, True))
        if all(_pattern_exists(problem, (column, level, c), size) for size, c in sides):
            return True
    return False


def _pattern_exists(problem, group, size):
    """Does any pattern of deaths print the rates of a group, were it all patients?"""
    rows = tuple(row._replace(filters=()) for row in rows_for(problem, RATES, group))
    at = {Fraction(dict(row.options)["at"]) for row in rows}
    alone = problem._replace(size=size, landmarks=tuple(sorted(at)), columns=(), rows=rows)
    return any(len(part.pattern) for part in walked_orders(alone))


def _start(size, landmarks):
    counts, none = np.zeros((1, landmarks), np.int64), np.zeros(1, np.int64)
    many = comb(size + landmarks, landmarks) > 2**62
    return _Walk(none, np.ones(1), none, counts, np.array([1], object if many else np.int64))


def _with_landmarks(cuts, walk, i, told=True):
    """Each beginning with no landmark, one or more placed before patient i."""
    for j in np.flatnonzero(cuts.rooms[:, i]).tolist():
        here = walk.some(walk.placed == j)
        ended = np.full(len(here.died), i)
        here = here.some(cuts.marks[j].allows(cuts.size, ended, here.died, here.rate))
        counts = here.counts.copy()
        counts[:, j] = i
        if cuts.ranks.rows and told:
            landmarks = cuts.ranks._replace(landmarks=cuts.ranks.landmarks[: j + 1])
            ways, back = np.unique(counts[:, : j + 1], axis=0, return_inverse=True)
            room = [room_for_times(landmarks, tuple(way)) for way in ways.tolist()]
            good = np.array(room, bool)[back.ravel()]
            here, counts = here.some(good), counts[good]
        if len(counts):
            walk = _joined([walk, here._replace(placed=here.placed + 1, counts=counts)])
    return walk


def _joined(walks):
    return _Walk(*(np.concatenate(arrays) for arrays in zip(*walks, strict=True)))


def _with_patient(cuts, walk, i):
    """Each beginning with patient i dead and with patient i alive, as far as numbers allow."""
    n = cuts.size
    dead = walk._replace(died=walk.died | 1 << i, rate=walk.rate * ((n - i - 1) / (n - i)))
    both = _joined([walk, dead])
    good = (both.rate >= cuts.lows[both.placed]) & (cuts.last[both.placed] > i)
    died = np.bitwise_count(both.died).astype(np.int64)
    good &= (died >= cuts.known[1, i + 1]) & (i + 1 - died >= cuts.known[0, i + 1])
    if len(cuts.deaths) <= n:
        possible = [any(d <= wanted < d + n - i for wanted in cuts.deaths) for d in range(n + 1)]
        good &= np.array(possible)[died]
    return both.some(good)


def _merged(walk):
    """Beginnings that differ in the places of landmarks alone, made one."""
    key = walk.died * (walk.counts.shape[1] + 1) + walk.placed
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    ways = np.zeros(len(first), walk.ways.dtype)
    np.add.at(ways, back, walk.ways)
    return walk.some(first)._replace(ways=ways)


def death_counts(problem: Problem) -> list[int]:
    """The numbers of deaths that print every count and percentage of them."""
    rows = [r for r in problem.rows if r.statistic in ("count", "percent") and r.filters]
    rows = [r for r in rows if all(c == "event" for c, _, _ in r.filters)]
    numbers = range(problem.size + 1)
    return [d for d in numbers if all(may_hold(problem, r, 2**d - 1, {}, [], []) for r in rows)]

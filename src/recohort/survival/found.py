"""What a small paper leaves: all cohorts, or how many there are, within bounds of work.

Orders are walked, the sets of each factor walked in them, and every order's solutions counted
without multiplying factors out. Where a bound ends the work, what was proven by then is told.
"""

from functools import reduce
from itertools import islice
from math import prod
from operator import or_
from time import perf_counter
from typing import NamedTuple

import numpy as np

from recohort.paper.statistics import RATES, TESTS
from recohort.survival.join import candidates, start_of
from recohort.survival.known import GROUPS, ORDERS, SOLUTIONS, TESTED, Found, Step, Told
from recohort.survival.orders import (
    Orders,
    all_orders,
    counted_orders,
    remembered_orders,
    walked_orders,
)
from recohort.survival.parts import of_all, parts_of
from recohort.survival.problem import Problem, about, many_sets
from recohort.survival.stages import multiplied, possible, rated_sets, stages_among, survival_steps
from recohort.survival.tally import Limits, sets_of, solutions_of, tally
from recohort.survival.tied import free_ties

QUICK = Limits(sets=2_000, ways=100, times=50)  # of a first look, without ties
OFTEN = 0.5  # seconds between two words on how far a search is
BATCH = 100  # orders looked through at once, unless they have very many sets


class Bounds(NamedTuple):
    """Where a search stops and says so: counts of work, the same on every machine."""

    orders: int = 100_000  # looked through
    sets: int = 1_000_000  # of one factor in one order
    tests: int = 500_000  # sets times ways to tie deaths
    order: Limits = Limits()
    solutions: int = 500  # listed
    first: bool = False  # stop at the first solution: can this be true?


FAR = Bounds(tests=5_000_000)  # where a bound of time ends the search as well


def find(problem: Problem, bounds: Bounds | None = None, tell: Told | None = None) -> Found:
    """Every order with groups that is consistent with a paper, counted and, where few, listed.

    A solution is an order of deaths and last visits, the landmarks between them, and a set of
    patients for each level of which more than a count is printed; there are real times with it
    that print everything. `tell` is called now and then.
    """
    search = _Search(problem, bounds or Bounds(), tell or (lambda *_: None))
    if possible(problem):
        search.run()
    else:
        for stage in (ORDERS, GROUPS, TESTED):
            search.close(stage, 0)
    return search.found()


class _Search:
    """The work of `find`, and what is known of the solutions at any moment."""

    def __init__(self, problem, bounds, tell):
        """Nothing is done yet."""
        self.problem, self.bounds, self.tell, self.told = problem, bounds, tell, 0.0
        self.done = self.total = self.least = self.most = 0
        self.listed, self.levels = [], {}
        self.glimpsed = self  # what a first quick look knows
        self.stages, self.stopped, self.begun = [], "", perf_counter()
        used, self.words = survival_steps(problem)
        self.parts = parts_of(problem, used, self.words)
        self.steps = [step for part in self.parts for step in part.steps]
        self.rated = [s for s in self.steps if about(problem, s, RATES + TESTS).rows]
        self.tests = [s for s in self.steps if about(problem, s, TESTS).rows]

    def run(self):
        """All stages, as far as the bounds go."""
        counted = counted_orders(self.problem)
        many = all_orders(self.problem) if counted is None else int(counted[1].sum())
        if many <= self.bounds.orders:
            orders = remembered_orders(self.problem)
            many = len(orders.pattern)
            self.close(ORDERS, many)
        elif counted is not None and not (self.steps or self.words or of_all(self.problem).rows):
            self.close(ORDERS, many)
            self._count_orders(*counted)
            return
        else:
            self.stop(f"up to {many:,} orders print what is said of all patients")
            orders = _first(self.problem, self.bounds.orders)
        numbers = rated_sets(self.problem, orders, self.steps)
        self.close(GROUPS, sum(multiplied([numbers[step] for step in self.rated], orders)))
        products = multiplied(numbers.values(), orders)
        self.most = sum(products)
        if self.stopped:
            self.most = many * prod(many_sets(self.problem, *step) for step in self.steps)
        self._look_through(orders, numbers, products)

    def _count_orders(self, patterns, ways):
        """Nothing is asked of groups or times: every order is a solution."""
        everyone = self.problem.everyone
        dead, alive = (int(np.bitwise_or.reduce(p)) for p in (patterns, everyone & ~patterns))
        self._add_levels("event", {True: dead, False: alive})
        self.least = self.most = int(ways.sum())
        some = _first(self.problem, self.bounds.solutions)
        self.listed += [start_of(self.problem, *order) for order in some.listed()]

    def _look_through(self, orders, numbers, products):
        """Stages three to five, the orders with the fewest sets first."""
        kept = sorted((i for i, number in enumerate(products) if number), key=products.__getitem__)
        tied = [self._many_ties(orders, i) for i in range(len(products))]
        sets = [sum(numbers[step][i] for step in self.tests) for i in range(len(products))]
        most = _ties_tried([(sets[i], tied[i]) for i in kept], self.bounds.tests)
        known, self.total, tested = [*zip(products, tied, strict=True)], len(kept), 0
        if most > 1 or self.bounds.first:
            self._glimpse(orders, kept, numbers, known)
        for batch in self._batches(kept, numbers):
            if self.bounds.first and self.found().least:
                self.stop("the first solution was asked for")
                break
            tested += self._batch(orders.some(batch), [known[i] for i in batch], most)
        self.close(TESTED, tested)

    def _glimpse(self, orders, kept, numbers, known):
        """A first quick look: solutions without ties, the first that come."""
        bounds = self.bounds._replace(order=QUICK)
        quick = self.glimpsed = _Search(self.problem, bounds, lambda *_: self._say())
        quick.total, quick.most = self.total, self.most
        for batch in quick._batches(kept, numbers):
            quick._batch(orders.some(batch), [known[i] for i in batch], 1)
            if quick.least >= (1 if self.bounds.first else self.bounds.solutions):
                break

    def _say(self):
        """Tell how far the search is, now and then."""
        if perf_counter() - self.told > OFTEN:
            self.tell(SOLUTIONS, self.done, self.total, self.found())
            self.told = perf_counter()

    def _many_ties(self, orders, i):
        """How many ways there are to tie deaths in an order; 1 where no test asks for them."""
        if not self.tests:
            return 1
        counts = set(orders.counts[i].tolist())
        return 2 ** len(free_ties(self.problem.size, int(orders.pattern[i]), counts))

    def _batches(self, kept, numbers):
        """Orders to look through at once, until too many sets were tested.

        Those with too many sets are left out.
        """
        batch, sets, size, spent = [], 0, 1, 0
        for i in kept:
            own = max((numbers[step][i] for step in self.steps), default=0)
            if own > self.bounds.sets:
                self.stop(f"{own:,} sets of patients print the rates of a factor in one order")
                continue
            if batch and (len(batch) == size or sets + own > self.bounds.sets):
                yield batch
                if spent > self.bounds.tests:
                    self.stop(f"{spent:,} sets of patients print the rates in the first orders")
                    return
                batch, sets, size = [], 0, min(2 * size, BATCH)
            batch, sets = [*batch, i], sets + own
            spent += sum(numbers[step][i] for step in self.tests)
        if batch:
            yield batch

    def _batch(self, orders, known, most):
        """The orders with groups that print the tests, and their solutions, added to all."""
        tested, left = 0, dict(zip(orders.listed(), known, strict=True))
        for *order, groups in stages_among(self.problem, orders, most):
            tested += prod(len(sets) for sets, _ in groups.values())
            self._order(order, groups, *left.pop(tuple(order)), most)
        for product, ties in left.values():
            self._judge(product, 0, ties <= most)
        return tested

    def _order(self, order, groups, product, ties, most):
        """One order's solutions."""
        start = start_of(self.problem, *order)
        if start is None:
            self._judge(product, 0, True)
            return
        parts = []
        for part in self.parts:
            own, words = (
                {s: candidates(self.problem, order[0], s, *groups.get(s, ())) for s in steps}
                for steps in (part.steps, part.words)
            )
            parts.append((part, own, words))
        counted = tally(self.problem, start, parts, self.bounds.order)
        self._add(start, counted)
        if not counted.complete:
            self.stop("the sets of an order ask for too many combinations of times")
        self._judge(product, counted.least, counted.complete and ties <= most)

    def _judge(self, product, least, whole):
        """An order is done: what it has at most, if that is known by now."""
        self.done += 1
        if whole:
            self.most -= product - least
        elif not self.stopped:
            self.stop("deaths can be tied in too many ways for all of them to be tested")
        self._say()

    def close(self, name, left):
        """A stage is at its end."""
        self.stages.append(Step(name, left, perf_counter() - self.begun))

    def stop(self, why):
        """Some of the work is left out."""
        self.stopped = self.stopped or why

    def found(self):
        """All that is known, as it is told."""
        whole = not self.stopped and self.least == self.most
        best = max((self, self.glimpsed), key=lambda known: known.least)
        listed = sorted(best.listed, key=lambda j: (j.counts, j.pattern, sorted(j.masks.items())))
        status = "complete" if best.least <= len(listed) else "counted"
        if not whole:
            status = "bounded" if best.least else "open"
        ends = best.least, self.most, self._shared() if whole and best.least else None
        return Found(status, listed, *ends, self.stages[:], self.problem, self.stopped)

    def _add(self, start, counted):
        """The solutions of one order."""
        self.least += counted.least
        if not counted.ways:
            return
        everyone = self.problem.everyone
        self._add_levels("event", {True: start.pattern, False: everyone & ~start.pattern})
        for masks in sets_of(counted.ways):
            for column in {column for column, _ in masks}:
                own = {v: mask for (c, v), mask in masks.items() if c == column}
                rest = everyone & ~reduce(or_, own.values())
                self._add_levels(column, dict.fromkeys(self.problem.levels[column], rest) | own)
        room = self.bounds.solutions - len(self.listed)
        self.listed += islice(solutions_of(counted.ways, start), room)

    def _add_levels(self, column, masks):
        known = self.levels.setdefault(column, {})
        for level, mask in masks.items():
            known[level] = known.get(level, 0) | mask

    def _shared(self):
        places = range(self.problem.size)
        return {
            name: [{v for v, mask in self.levels[name].items() if mask >> i & 1} for i in places]
            for name in ("event", *self.problem.levels)
            if name in self.levels
        }


def _first(problem, many):
    """The first orders that the walk comes to."""
    parts, room = [], many
    for part in walked_orders(problem):
        parts.append(part.some(slice(room)))
        room -= len(parts[-1].pattern)
        if room <= 0:
            break
    return Orders(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _ties_tried(orders, room):
    """In how many ways deaths may be tied in an order so that there is room for all tests."""
    most = max((ties for _, ties in orders), default=1)
    while most > 1 and sum(sets * min(ties, most) for sets, ties in orders) > room:
        most = (most + 1) // 2
    return most

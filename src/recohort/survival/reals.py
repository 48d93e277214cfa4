"""Follow-up times as real numbers: is there a choice that fits an order and its groups?

Linear facts are solved by a linear program that stays as far from all edges as it can; its
answer, rounded to a few decimals, is checked again in fractions: a witness. Where there is none,
z3 proves it in exact rationals. A standard deviation is not linear: `spread` settles it by
convexity, bounds and a way between, with a margin for floating point; what that leaves is open.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
import z3

from recohort.paper.rounding import Interval
from recohort.survival.linear import Linear, matrices, middle, some_way, told
from recohort.survival.questions import Question, hold
from recohort.survival.spread import settle

DECIMALS = (1, 2, 3, 4, 6, 9)  # of a witness: the fewest that will do
PATIENCE = 500  # milliseconds for the ends of all times at once; one by one they take 100
MOST_CHOICES = 50  # of ways to form the printed times, where a spread is not met


class Times(NamedTuple):
    """An answer: `status` is some (with a witness), none (proven) or open."""

    status: str
    witness: tuple | None = None  # exact decimals, one a patient in order of time


def settled(answers: Iterable[Times]) -> Times:
    """The first answer that has times; if there is none, open unless every one is a proof."""
    left = Times("none")
    for answer in answers:
        if answer.status == "some":
            return answer
        left = answer if answer.status == "open" else left
    return left


@lru_cache(maxsize=100_000)
def real_times(asked: Question) -> Times:
    """Some times that meet a question, a proof that there are none, or neither."""
    if not all(asked.facts) or not all(asked.spreads):
        return Times("none")
    return settled(_by_choice(asked))


def _by_choice(asked):
    """An answer for each choice of ways to form the numbers, until z3 proves that no other goes.

    Within one choice of ways the rest is linear, but for spreads, which may be formed in any way.
    """
    solver, times = z3.SolverFor("QF_LRA"), _variables(asked)
    _tell(solver, asked)
    for tried in range(MOST_CHOICES):
        if solver.check() != z3.sat:
            return
        model = solver.model()
        exact = tuple(model.eval(t, model_completion=True).as_fraction() for t in times)
        if tried == 1 and asked.spreads:
            # out of reach even without the numbers that may be formed in several ways?
            plain = (fact for ways in asked.facts if len(ways) == 1 for fact in ways[0])
            if settled(_with_spreads(asked, (*asked.order, *plain), exact)).status == "none":
                return
        ways = [next(w for w in ways if hold(w, exact)) for ways in asked.facts]
        linear = (*asked.order, *(fact for way in ways for fact in way))
        yield from _with_spreads(asked, linear, exact)
        solver.add(z3.Not(told(sum(ways, ()))))
    yield Times("open")


def _variables(asked):
    return z3.Reals(" ".join(f"t{i}" for i in range(asked.size)))


def _tell(solver, asked):
    """All linear facts of a question to a solver."""
    solver.add(*(told((fact,)) for fact in asked.order))
    solver.add(*map(some_way, asked.facts))


def _with_spreads(asked, linear, exact):
    """An answer for some linear facts, which `exact` meets, with each way to form the spreads."""
    center = middle(matrices(linear, asked.size))
    center = np.array([float(t) for t in exact]) if center is None else center
    for spreads in product(*asked.spreads):
        witness, refuted = _decimal(linear, spreads, center), False
        if spreads and not witness:
            better, refuted = settle(linear, spreads, center)
            witness = better is not None and _decimal(linear, spreads, better)
        if witness or not spreads:
            yield Times("some", witness or exact)
        else:
            yield Times("none" if refuted else "open")


def _decimal(linear, spreads, times):
    """The times with few decimals, where these meet every fact exactly."""
    for decimals in DECIMALS:
        rounded = tuple(Fraction(f"{float(t):.{decimals}f}") for t in times)
        if hold(linear, rounded) and hold(spreads, rounded):
            return rounded
    return None


class Ends(NamedTuple):
    """What one time can be: from `lowest` to `highest`, each attained or only approached."""

    lowest: Fraction
    highest: Fraction | None  # None: no end
    lowest_attained: bool
    highest_attained: bool

    @property
    def attained(self) -> str:
        """Which ends are attained: both, lowest, highest or neither."""
        names = "neither", "lowest", "highest", "both"
        return names[self.lowest_attained + 2 * self.highest_attained]


@lru_cache(maxsize=10_000)
def ends(asked: Question) -> list[Ends]:
    """What each time can be while all others meet the linear facts (z3; spreads are not asked)."""
    solver, times = z3.Optimize(), _variables(asked)
    solver.set(priority="box", timeout=PATIENCE)  # each goal by itself
    _tell(solver, asked)
    goals = [(solver.minimize(time), solver.maximize(time)) for time in times]
    if solver.check() != z3.sat:  # all at once it may go round in circles
        goals = [(_goal(asked, t, "minimize"), _goal(asked, t, "maximize")) for t in times]
    found = []
    for lowest, highest in goals:
        low, low_attained = _end(lowest.lower_values())
        high, high_attained = _end(highest.upper_values())
        found.append(Ends(low, high, low_attained, high_attained and high is not None))
    return found


def _goal(asked, time, way):
    """One end of one time, asked for by itself."""
    solver = z3.Optimize()
    _tell(solver, asked)
    goal = getattr(solver, way)(time)
    solver.check()
    return goal


def _end(parts):
    """An end of a time (None: without end), and whether it is attained."""
    infinite, value, beside = map(str, parts)
    return (Fraction(value) if infinite == "0" else None), beside == "0"


def spans(questions: Iterable[Question]) -> list[Ends]:
    """What each time can be under some of several questions: the outermost ends."""
    answers = [ends(asked) for asked in dict.fromkeys(questions)]
    found = []
    for own in zip(*answers, strict=True):
        low = min(e.lowest for e in own)
        high = None if any(e.highest is None for e in own) else max(e.highest for e in own)
        lowest_attained = any(e.lowest_attained for e in own if e.lowest == low)
        highest_attained = any(e.highest_attained for e in own if e.highest == high)
        found.append(Ends(low, high, lowest_attained, highest_attained))
    return found


def extremes(asked: Question) -> list[tuple[Fraction, ...]]:
    """Times that meet the question, spreads and all, each with one time next to one of its ends."""
    near, found = Fraction(1, 100), []
    for place, end in enumerate(ends(asked)):
        parts = [(end.lowest, end.lowest + near)]
        parts += [] if end.highest is None else [(end.highest - near, end.highest)]
        answers = (real_times(pinned(asked, place, *part)) for part in parts)
        found += [answer.witness for answer in answers if answer.status == "some"]
    return found


def pinned(asked: Question, place: int, low: Fraction, high: Fraction) -> Question:
    """The same question with one time held within [low, high]."""
    held = Linear(((place, Fraction(1)),), Interval(low, high, True, True))
    return asked._replace(order=(*asked.order, held))

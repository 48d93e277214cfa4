"""Follow-up times as real numbers: is there a choice that fits an order and its groups?

A printed time says an interval, open or closed at its ends; an order says which times follow
which, strictly or not. Both are linear. `Linear` facts are solved by a linear program that
stays as far from all edges as it can; its answer, rounded to a few decimals, is checked again
in fractions: a witness. Where there is none, z3 proves it in exact rationals. A standard
deviation is not linear: `spread` settles it by convexity, bounds and a way between, with a
margin for floating point; what that leaves is open.
"""

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import z3
from scipy.optimize import linprog

from recohort.paper.rounding import Interval, printed_interval
from recohort.survival.join import members, row_terms
from recohort.survival.problem import TIMES, Problem, agrees, count_value, mask_of, settings
from recohort.survival.spread import Spread, settle
from recohort.survival.words import count_span, counting_rows, steps_named

DECIMALS = (1, 2, 3, 4, 6, 9)  # of a witness: the fewest that will do
MOST_CHOICES = 50  # of ways to form the printed times, where a spread is not met


class Linear(NamedTuple):
    """A weighted sum of times lies in an interval; no end is None."""

    terms: tuple  # (position, weight)
    interval: Interval

    def holds(self, times) -> bool:
        """Is it true of these times, exactly?"""
        total = sum(w * times[i] for i, w in self.terms)
        low, high, low_closed, high_closed = self.interval
        above = low is None or total > low or (low_closed and total == low)
        return above and (high is None or total < high or (high_closed and total == high))


class Times(NamedTuple):
    """An answer: `status` is some (with a witness), none (proven) or open."""

    status: str
    witness: tuple | None = None  # exact decimals, one a patient in order of time


class Question(NamedTuple):
    """What the times of an order with groups and ties have to meet."""

    size: int
    order: tuple  # of Linear
    facts: tuple  # for each printed time or count, its alternatives: tuples of Linear
    spreads: tuple  # of Spread alternatives, one tuple a printed standard deviation


def question(problem: Problem, pattern, counts, masks: dict, ties) -> Question:
    """The linear facts and spreads of an order with groups and tied deaths.

    Bit i of `ties` says that patients i and i + 1 die at one time; None leaves ties open.
    `masks` maps (column, level) to bits; rows about a level that it does not name ask nothing. A
    printed time that no option gives has no alternative.
    """
    facts, spreads = [], []
    for row in (r for r in problem.rows if r.statistic in TIMES):
        mask = mask_of(problem, row.filters[0], masks) if row.filters else 2**problem.size - 1
        if mask is None:
            continue
        positions = members(mask, problem.size)
        interval = printed_interval(row.printed, settings(problem, row)["halves"])
        if row.statistic == "sd":
            spreads.append(spreads_of(problem, row, positions))
        else:
            facts.append(tuple(
                (Linear(tuple((i, Fraction(w, divisor)) for i, w in terms), interval),)
                for terms, divisor in (row_terms(problem, row, positions, pattern) if mask else ())
            ))  # fmt: skip
    facts += [counted(problem, row, pattern, masks) for row in counting_rows(problem)]
    order = order_facts(problem.size, pattern, counts, problem.landmarks, ties)
    return Question(problem.size, order, tuple(facts), tuple(spreads))


def order_facts(size, pattern, counts, landmarks, ties) -> tuple[Linear, ...]:
    """Times sorted, deaths before censorings at one time, landmarks where they stand.

    With `ties` None, deaths in a row may or may not be at one time.
    """
    found = [Linear(((0, Fraction(1)),), _at_least(Fraction(0)))]
    for i in range(size - 1):
        step = ((i + 1, Fraction(1)), (i, Fraction(-1)))
        strict = pattern >> (i + 1) & 1 and not (ties is None and pattern >> i & 1)
        if ties is not None and ties >> i & 1:
            found.append(Linear(step, Interval(Fraction(0), Fraction(0), True, True)))
        else:
            found.append(Linear(step, _at_least(Fraction(0), not strict)))
    for count, landmark in zip(counts, landmarks, strict=True):
        if count:
            last = ((count - 1, Fraction(1)),)
            found.append(Linear(last, Interval(None, Fraction(landmark), False, True)))
        if count < size:
            found.append(Linear(((count, Fraction(1)),), _at_least(Fraction(landmark), False)))
    return tuple(found)


def _at_least(value, closed=True):
    return Interval(value, None, closed, False)


def spreads_of(problem: Problem, row, positions) -> tuple[Spread, ...]:
    """What a printed standard deviation asks of the times at `positions`, one an option."""
    interval = printed_interval(row.printed, settings(problem, row)["halves"])
    return tuple(
        Spread(tuple(positions), len(positions) - (divisor == "sample"), interval)
        for divisor in settings(problem, row)["sd"]
        if len(positions) > (divisor == "sample")
    )


def counted(problem: Problem, row, pattern, masks, good=True) -> tuple:
    """A count with a condition on time: where the sorted times may be cut so that it comes out.

    Without `good`, so that it does not. One empty way where the row asks nothing of times.
    """
    cuts = [(op, Fraction(value)) for column, op, value in row.filters if column == "time"]
    if row.statistic == "units_lost":
        cuts = [("<", Fraction(dict(row.options)["at"]))]
    if not cuts or not steps_named(problem, row) <= {*masks}:
        return ((),)
    found = []
    for places in product(range(problem.size + 1), repeat=len(cuts)):
        facts = [f for cut, k in zip(cuts, places, strict=True) for f in _cut(problem.size, cut, k)]
        times = _times_at(problem.size, cuts, places)
        span = times and count_span(problem, row, pattern, masks, times, times, 1)
        if span and agrees(problem, row, count_value(row, span[0], problem.size)) == good:
            found.append(tuple(facts))
    return tuple(found)


def _cut(size, cut, k):
    """Just the first `k` times lie below a value (at or below it for <= and >)."""
    operator, value = cut
    inside = operator in ("<=", ">")
    if k:
        yield Linear(((k - 1, Fraction(1)),), Interval(None, value, False, inside))
    if k < size:
        yield Linear(((k, Fraction(1)),), _at_least(value, not inside))


def _times_at(size, cuts, places):
    """Times that stand for a choice of cuts, each on its side of their values; None: no such."""
    marks = sorted((value, k) for (_, value), k in zip(cuts, places, strict=True))
    values, ranks = [value for value, _ in marks], [k for _, k in marks]
    if ranks != sorted(ranks):
        return None
    between = [(a + b) / 2 for a, b in pairwise(values)]
    points = [values[0] - 1, *between, values[-1] + 1] if values else [Fraction(0)]
    return [points[sum(k <= i for k in ranks)] for i in range(size)]


def meets(asked: Question, times) -> bool:
    """Do these very times (fractions) meet the question, with some way to form each number?"""
    return (
        all(fact.holds(times) for fact in asked.order)
        and all(any(all(f.holds(times) for f in way) for way in ways) for ways in asked.facts)
        and all(any(spread.holds(times) for spread in ways) for ways in asked.spreads)
    )


@lru_cache(maxsize=100_000)
def real_times(asked: Question) -> Times:
    """Some times that meet a question, a proof that there are none, or neither.

    z3 picks a way to form each number, or proves that no ways go together; within one choice of
    ways the rest is linear, but for spreads.
    """
    if not all(asked.facts) or not all(asked.spreads):
        return Times("none")
    solver, times = _solver(asked.size, asked.order)
    solver.add(*(z3.Or([all_of(times, way) for way in ways]) for ways in asked.facts))
    left = "none"
    for _ in range(MOST_CHOICES):
        if solver.check() != z3.sat:
            return Times(left)
        exact = _exact(solver, times)
        ways = [next(w for w in ways if all(f.holds(exact) for f in w)) for ways in asked.facts]
        found = _within(asked, (*asked.order, *(f for way in ways for f in way)), exact)
        if found.status == "some":
            return found
        left = "open" if found.status == "open" else left
        solver.add(z3.Not(z3.And([all_of(times, way) for way in ways])))
    return Times("open")


def _within(asked, linear, exact):
    """The answer for one way to form each number: some way to form each spread may do."""
    left = "none"
    for spreads in product(*asked.spreads):
        found = _real_times(asked.size, linear, spreads, exact)
        if found.status == "some":
            return found
        left = "open" if found.status == "open" else left
    return Times(left)


def _real_times(size, linear, spreads, exact):
    center = middle(size, linear)
    center = np.array([float(t) for t in exact]) if center is None else center
    witness = _decimal(linear, spreads, center)
    if witness:
        return Times("some", witness)
    if not spreads:
        return Times("some", exact)
    better, refuted = settle(linear, spreads, center)
    witness = better is not None and _decimal(linear, spreads, better)
    if witness:
        return Times("some", witness)
    return Times("none" if refuted else "open")


def _decimal(linear, spreads, times):
    """The times with few decimals, where these meet every fact exactly."""
    for decimals in DECIMALS:
        rounded = tuple(Fraction(f"{float(t):.{decimals}f}") for t in times)
        if all(f.holds(rounded) for f in linear) and all(s.holds(rounded) for s in spreads):
            return rounded
    return None


def middle(size: int, linear) -> np.ndarray | None:
    """Times as far from every edge as can be (floats), or None where there seem to be none.

    The margin counts in widths of each interval, so that narrow ones are not starved.
    """
    rows, bounds, equal, values = [], [], [], []
    for terms, (low, high, *_) in linear:
        weights = np.zeros(size + 1)
        weights[[i for i, _ in terms]] = [float(w) for _, w in terms]
        if low is not None and low == high:
            equal.append(weights)
            values.append(float(low))
            continue
        width = 1.0 if low is None or high is None else float(high - low)
        for sign, end in ((-1, low), (1, high)):
            if end is not None:
                row = sign * weights
                row[size] = width
                rows.append(row)
                bounds.append(sign * float(end))
    goal = np.zeros(size + 1)
    goal[size] = -1
    found = linprog(
        goal, A_ub=np.array(rows), b_ub=bounds, A_eq=np.array(equal) if equal else None,
        b_eq=values or None, bounds=[(0, None)] * size + [(0, 1)], method="highs",
    )  # fmt: skip
    return found.x[:size] if found.status == 0 else None


def _solver(size: int, linear):
    """A z3 solver that holds the facts, and its variables, one a time."""
    solver, times = z3.SolverFor("QF_LRA"), z3.Reals(" ".join(f"t{i}" for i in range(size)))
    solver.add(all_of(times, linear))
    return solver, times


def all_of(times, linear):
    """Linear facts about z3's variables, as one formula."""
    found = []
    for terms, (low, high, low_closed, high_closed) in linear:
        total = z3.Sum([z3.Q(w.numerator, w.denominator) * times[i] for i, w in terms])
        if low is not None:
            end = z3.Q(low.numerator, low.denominator)
            found.append(total >= end if low_closed else total > end)
        if high is not None:
            end = z3.Q(high.numerator, high.denominator)
            found.append(total <= end if high_closed else total < end)
    return z3.And(found)


def _exact(solver, times) -> tuple:
    """The times of the solver's model, as fractions."""
    model = solver.model()
    return tuple(model.eval(t, model_completion=True).as_fraction() for t in times)


class Ends(NamedTuple):
    """What one time can be: from `lowest` to `highest`, each attained or only approached."""

    lowest: Fraction
    highest: Fraction | None  # None: no end
    lowest_attained: bool
    highest_attained: bool

    @property
    def attained(self) -> str:
        """Which ends are attained: both, lowest, highest or neither."""
        return {
            (True, True): "both", (True, False): "lowest", (False, True): "highest",
        }.get((self.lowest_attained, self.highest_attained), "neither")  # fmt: skip


def ends(asked: Question) -> list[Ends]:
    """What each time can be while all others meet the linear facts (z3; spreads are not asked)."""
    solver, times = z3.Optimize(), z3.Reals(" ".join(f"t{i}" for i in range(asked.size)))
    solver.add(all_of(times, asked.order))
    solver.add(*(z3.Or([all_of(times, way) for way in ways]) for ways in asked.facts))
    found = []
    for time in times:
        sides = []
        for towards, reached in (("minimize", "lower_values"), ("maximize", "upper_values")):
            solver.push()
            goal = getattr(solver, towards)(time)
            solver.check()
            infinite, value, beside = getattr(solver, reached)(goal)
            solver.pop()
            endless, open_end = (str(part) != "0" for part in (infinite, beside))
            sides.append((None if endless else Fraction(str(value)), not open_end))
        (low, low_attained), (high, high_attained) = sides
        found.append(Ends(low, high, low_attained, high_attained and high is not None))
    return found


def spans(questions) -> list[Ends]:
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


def extremes(asked: Question) -> list[tuple]:
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

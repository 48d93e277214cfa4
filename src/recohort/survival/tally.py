"""The solutions of one order, counted: parts of columns meet only in ties and times.

Times are asked for once for each combination of classes: sets that ask for the same of one part.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from recohort.survival.cohorts import allowed_ties, tied_deaths
from recohort.survival.join import Joint, extend
from recohort.survival.parts import Part, of_all
from recohort.survival.problem import ANY_TIES, Problem, is_joint
from recohort.survival.questions import Question, asked_of, hold, question
from recohort.survival.reals import Times, real_times, settled
from recohort.survival.spread import Spread
from recohort.survival.tied import free_ties
from recohort.survival.times import merge, tighten

TRIED = 64  # ways to tie deaths of which times are asked one by one


class Limits(NamedTuple):
    """Where the work on one order stops."""

    sets: int = 100_000  # joined inside a part
    ways: int = 3_000  # combinations of classes held at once
    times: int = 3_000  # questions asked of times


class Way(NamedTuple):
    """Sets that allow the same ties and ask the same of the times, of one part or of several."""

    joint: Joint  # one of them
    facts: tuple
    spreads: tuple
    number: int
    made: list  # of (the Way of the parts before, the dicts of masks that come to it)


class Tally(NamedTuple):
    """The solutions of one order: how many at least; all of them where it is complete."""

    least: int
    complete: bool
    ways: list  # that have times


def tally(
    problem: Problem, start: Joint, parts: Iterable[tuple[Part, dict, dict]], limits: Limits
) -> Tally:
    """Count the solutions of the order that `start` is.

    `parts` are of a Part, its candidates by (column, level), and those of its words.
    """
    same: dict = {}
    asker, complete = _Asker(problem, start, limits.times), True
    some, unknown = asker.parted([Way(start, *_asked(of_all(problem), start, same), 1, [])])
    for part in parts:
        if not some + unknown:
            break
        classes, whole = _classes(problem, start, part, limits, same)
        ways, fits = _combined(some + unknown, classes, limits)
        complete = complete and whole and fits
        some, unknown = asker.parted(ways)
    return Tally(sum(way.number for way in some), complete and not unknown, some)


def _asked(rows, joint, same):
    """What rows ask of the times of a joint; of equal facts always the `same` one, told by id."""
    asked = asked_of(rows, joint.pattern, joint.counts, joint.masks)
    return [tuple(same.setdefault(fact, fact) for fact in own) for own in asked]


def _classes(problem, start, part, limits, same):
    """The classes of one part with their sets, and whether that is all of them."""
    (rows, _, _), own, words = part
    joints, classes, whole = extend(problem, own, start), {}, True
    together = any(is_joint(rows, row) for row in rows.rows)
    many = 2 ** len(free_ties(rows.size, start.pattern, set(start.counts))) if together else 1
    for joint in islice(joints, limits.sets):
        ties = joint.ties
        if together:  # Cox models with two covariates are fitted under each way to tie deaths
            most = TRIED if ties == ANY_TIES else ties.bit_length()
            whole = whole and (ties != ANY_TIES or many <= most)
            ties = sum(1 << t for t in allowed_ties(rows, joint, most))
        if not ties or (words and next(extend(problem, words, joint), None) is None):
            continue
        facts, spreads = _asked(rows, joint, same)
        key = ties, tuple(map(id, facts)), tuple(map(id, spreads))
        classes.setdefault(key, (joint._replace(ties=ties), facts, spreads, []))[-1].append(
            joint.masks
        )
    found = [Way(*own, len(sets), [(None, sets)]) for *own, sets in classes.values()]
    return found, whole and next(joints, None) is None


def _combined(ways, classes, limits):
    """Every way of the parts before with every class of one more; what asks the same is one."""
    found = {}
    for way in ways:
        for one in classes:
            (pattern, counts, _, ties, known, low, high), other = way.joint, one.joint
            ties &= other.ties
            constraints = merge(dict.fromkeys(known + other.constraints)) if ties else None
            bounds = None if constraints is None else tighten(constraints, low, high)
            if bounds is None:  # ties or times exclude each other
                continue
            joint = Joint(pattern, counts, {}, ties, constraints, *bounds)
            facts = {id(fact): fact for fact in way.facts + one.facts}
            spreads = {id(spread): spread for spread in way.spreads + one.spreads}
            key = ties, frozenset(facts), frozenset(spreads)
            if key not in found:
                if len(found) == limits.ways:
                    return list(found.values()), False
                found[key] = Way(joint, tuple(facts.values()), tuple(spreads.values()), 0, [])
            before = found[key]
            before.made.append((way, one.made[0][1]))
            found[key] = before._replace(number=before.number + way.number * one.number)
    return list(found.values()), True


class _Asker:
    """Asks for the times of one order's ways; times that were found answer others as well."""

    def __init__(self, problem, start, most):
        """`start` is the order; `most` questions are asked."""
        self.left = most
        self.problem, self.start, self.known = problem._replace(rows=()), start, []
        free = free_ties(problem.size, start.pattern, set(start.counts))
        self.ways, self.allowed, self.met = 2 ** len(free), {}, {}

    def parted(self, ways):
        """The ways that have times, and those of which it is not known."""
        status = [self._status(way) for way in ways]
        return [
            [way for way, own in zip(ways, status, strict=True) if own == wanted]
            for wanted in ("some", "open")
        ]

    def _status(self, way):
        """Has a way times under some ties that it allows: some, none or open?"""
        ties = way.joint.ties
        if ties == ANY_TIES or ties.bit_count() == self.ways:
            return self._times(way, None).status
        if ties not in self.allowed:
            joint, most = self.start._replace(ties=ties), ties.bit_length()
            self.allowed[ties] = list(allowed_ties(self.problem, joint, most).values())
        allowed = self.allowed[ties]
        found = self._times(way, None, allowed)
        if found.status == "none":
            return "none"
        if found.witness and tied_deaths(self.start.pattern, found.witness) in allowed:
            return "some"
        status = settled(self._times(way, tied) for tied in islice(allowed, TRIED)).status
        return "open" if status == "none" and len(allowed) > TRIED else status

    def _times(self, way, ties, allowed=None):
        """Times of a way under some ties, those that were found before first.

        With `ties` None these are to have one of the `allowed` ones, where some are named.
        """
        wanted = allowed or (ties is not None and (ties,))
        for k, (times, tied) in enumerate(self.known):
            if (not wanted or tied in wanted) and self._meets(k, way):
                return Times("some", times)
        if not self.left:
            return Times("open")
        self.left -= 1
        order = question(self.problem, self.start.pattern, self.start.counts, {}, ties).order
        found = real_times(Question(self.problem.size, order, way.facts, way.spreads))
        if found.witness:
            self.known.append((found.witness, tied_deaths(self.start.pattern, found.witness)))
        return found

    def _meets(self, k, way):
        """Do the k-th times known have all that a way asks of them? Each fact is judged once."""
        for holds, every in ((hold, way.facts), (Spread.holds, way.spreads)):
            for ways in every:
                if (k, id(ways)) not in self.met:
                    self.met[k, id(ways)] = any(holds(one, self.known[k][0]) for one in ways)
                if not self.met[k, id(ways)]:
                    return False
        return True


def solutions_of(ways: Iterable[Way], order: Joint) -> Iterator[Joint]:
    """Every solution that some ways stand for: the order with a set for each level."""
    for way in ways:
        for masks in _masks(way):
            yield way.joint._replace(masks=masks, counts=order.counts)


def _masks(way):
    if not way.made:
        yield {}
    for before, own in way.made:
        for first in _masks(before):
            for masks in own:
                yield first | masks


def sets_of(ways: Iterable[Way]) -> Iterator[dict]:
    """Every set of a part that some solution has, once at least, as dicts of masks."""
    waiting, seen = list(ways), set()
    while waiting:
        way = waiting.pop()
        for before, own in way.made:
            if id(own) not in seen:
                seen.add(id(own))
                yield from own
            if id(before) not in seen:
                seen.add(id(before))
                waiting.append(before)

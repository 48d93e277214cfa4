"""Rows about one patient each: at which places in the order of time may they all stand?"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from recohort.paper.printed import values_of
from recohort.paper.rounding import Interval
from recohort.paper.rows import ROUNDED
from recohort.paper.statistics import PATIENTS
from recohort.survival.linear import Linear
from recohort.survival.problem import Problem, mask_of, settings


class Patient(NamedTuple):
    """What a row says of one patient: between which times, whether dead, in which groups."""

    times: Interval
    died: bool | None
    groups: tuple  # of filters


@lru_cache(maxsize=1024)
def _all_of(problem):
    """The patients of whom rows speak, one an id, by their earliest times."""
    found = {}
    for row in (row for row in problem.rows if row.statistic in PATIENTS):
        own = row, settings(problem, row)["halves"]
        found.setdefault(dict(row.options)["id"], []).append(own)
    every = map(_patient, found.values())
    return sorted(every, key=lambda p: (p.times.low or 0, p.times.high or 10**9, str(p)))


def _patient(rows):
    times, died, groups = Interval(Fraction(0), None, True, False), None, []
    for row, halves, (column, operator, value) in (
        (*own, f) for own in rows for f in own[0].filters
    ):
        if column == "event":
            died = value == "True"
        elif column == "time":
            relation = ROUNDED if operator == "=" else operator
            told = row._replace(relation=relation, printed=value)
            times = _both(times, values_of(told, halves))
        else:
            groups.append((column, operator, value))
    return Patient(times, died, tuple(groups))


def _both(one, other):
    """The values in both of two intervals."""
    lows = [(a.low, not a.low_closed) for a in (one, other) if a.low is not None]
    highs = [(a.high, a.high_closed) for a in (one, other) if a.high is not None]
    low, low_open = max(lows, default=(None, True))
    high, closed = min(highs, default=(None, False))
    return Interval(low, high, not low_open, closed)


def placements(
    problem: Problem, pattern: int, counts: Sequence[int], masks: dict
) -> Iterator[tuple[Linear, ...]]:
    """What times have to meet for all patients to be there, one each way to place them.

    A group whose patients are not known yet may have any.
    """
    patients = _all_of(problem)
    rooms = [_room(problem, patients, p, pattern, counts, masks) for p in patients]
    known: set[tuple] = set()
    for facts in _placed(patients, rooms, []):
        if facts not in known:
            known.add(facts)
            yield facts


def patients_fit(problem: Problem, pattern: int, counts: Sequence[int]) -> bool:
    """Is there room for all patients of whom the paper has a row, groups apart?"""
    return any(True for _ in placements(problem, pattern, counts, {}))


def known_endings(problem: Problem) -> np.ndarray:
    """How many of the first patients, 0, 1, ..., surely are alive (row 0) and dead (row 1)."""
    found = np.zeros((2, problem.size + 1), np.int64)
    patients = _all_of(problem)
    for patient in patients:
        last = problem.size - 1 - sum(_before(patient, other) for other in patients)
        if patient.died is not None:
            found[int(patient.died), last + 1 :] += 1
    return found


def room_of_patients(problem: Problem, landmark: Fraction) -> np.ndarray:
    """Whether 0, 1, ... patients may have ended by a landmark, as far as patients are told of."""
    at, counts = Interval(landmark, landmark, True, True), np.arange(problem.size + 1)
    mark = Patient(at, None, ())
    early = late = 0
    for patient in _all_of(problem):
        early += _before(patient, mark) or patient.times.high == landmark
        late += _before(mark, patient)
    return (counts >= early) & (problem.size - counts >= late)


def _room(problem, patients, patient, pattern, counts, masks):
    """The places where a patient may stand, the others apart."""
    first = sum(_before(other, patient) for other in patients)
    last = problem.size - 1 - sum(_before(patient, other) for other in patients)
    known = [mask_of(problem, group, masks) for group in patient.groups]
    good = [
        i
        for i in range(first, last + 1)
        if patient.died in (None, bool(pattern >> i & 1))
        and all(mask is None or mask >> i & 1 for mask in known)
    ]
    for count, landmark in zip(counts, problem.landmarks, strict=True):
        low, high, low_closed, _ = patient.times
        early = low is None or low < landmark or (low == landmark and low_closed)
        late = high is None or high > landmark
        good = [i for i in good if (early if i < count else late)]
    return good


def _before(one, other):
    """Has one patient to stand before the other?"""
    end, start = one.times.high, other.times.low
    if end is None or start is None or end > start:
        return False
    return end < start or not (one.times.high_closed and other.times.low_closed)


def _placed(patients, rooms, places):
    k = len(places)
    if k == len(patients):
        yield _asked(patients, places)
        return
    for i in rooms[k]:
        if all(_side_by_side(patients, places, j, k, i) for j in range(k)):
            yield from _placed(patients, rooms, [*places, i])


def _side_by_side(patients, places, j, k, i):
    """May the k-th patient stand at i, with the j-th where it is? Of two alike, one way."""
    place = places[j]
    if patients[j] == patients[k]:
        return place < i
    early, late = (j, k) if place < i else (k, j)
    return place != i and not _before(patients[late], patients[early])


def _asked(patients, places):
    own = sorted((i, patient.times) for i, patient in zip(places, patients, strict=True))
    return tuple(Linear(((i, Fraction(1)),), t) for i, t in own if t[:2] != (0, None))

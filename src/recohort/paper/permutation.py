"""Exact P of a permutation test: every choice of a group of one size counts once."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import comb, lcm

import numpy as np


def log_rank_scores(deaths: Sequence[int], at_risk: Sequence[int]) -> list[Fraction]:
    """What each distinct time takes from its patients: the sum of d / n up to it (Nelson, Aalen).

    A patient's score is 1 for a death less that of the patient's own time; the scores of a group
    add up to its observed minus expected deaths.
    """
    return list(accumulate(map(Fraction, deaths, at_risk)))


def whole_scores(scores: Sequence[Fraction]) -> tuple[int, ...]:
    """The scores in units that make them whole."""
    unit = lcm(*(score.denominator for score in scores))
    return tuple(int(score * unit) for score in scores)


@lru_cache(maxsize=100_000)
def exact_p(scores: tuple[int, ...], chosen: int, distance: int) -> Fraction:
    """The share of all groups of `chosen` patients whose scores add up to `distance` at the least.

    Either way from zero. Sums of one half of the patients meet those of the other (Horowitz and
    Sahni 1974).
    """
    half = len(scores) // 2
    one, other = _sums(scores[:half]), _sums(scores[half:])
    ways = 0
    for inside in range(max(0, chosen - len(other) + 1), min(half, chosen) + 1):
        here, there = one[inside], np.sort(other[chosen - inside])
        below = np.searchsorted(there, -distance - here, side="right")
        above = len(there) - np.searchsorted(there, distance - here, side="left")
        ways += int(np.where(distance > 0, below + above, len(there)).sum())
    return Fraction(ways, comb(len(scores), chosen))


def _sums(scores):
    """The sums of all choices, by how many are chosen."""
    totals, sizes = np.zeros(1, object), np.zeros(1, int)
    for score in scores:
        totals, sizes = np.append(totals, totals + score), np.append(sizes, sizes + 1)
    exact = totals if max(map(abs, totals), default=0) > 2**61 else totals.astype(np.int64)
    return [exact[sizes == size] for size in range(len(scores) + 1)]

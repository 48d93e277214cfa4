"""Mean, SD and n alone: which samples of whole numbers on a scale print them?

A sample is a multiset here: who has which value does not matter. Mean and SD say within what
intervals its sum and its sum of squares lie; samples are listed value after value with bounds on
both sums (as CLOSURE does, Jung 2025). All is exact: whole numbers and fractions.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from recohort.paper.rounding import printed_interval


class Moments(NamedTuple):
    """Sums that print a mean and an SD."""

    n: int
    sums: range
    spread: tuple  # n times the sum of squares less the squared sum: (lowest, highest)


def moments(n: int, mean: str, sd: str, divisor: str = "sample") -> Moments:
    """What a printed `mean` and `sd` (text, so that decimals are known) ask of `n` whole numbers.

    `divisor` of the SD: "sample" (n - 1) or "population" (n). Raises ValueError for a negative
    mean or SD, or n below 2.
    """
    if n < 2 or Fraction(mean) < 0 or Fraction(sd) < 0:
        raise ValueError(f"moments: n={n}, mean={mean}, SD={sd}; expected n >= 2, others >= 0")
    low, high, lower, upper = printed_interval(mean)
    first, last = _whole_within(low * n, high * n, lower, upper)
    low, high, lower, upper = printed_interval(sd)
    by = n * (n - (divisor == "sample"))
    lower = lower or low < 0  # no SD is below zero, and zero itself is one
    low = max(low, Fraction(0))
    spread = _whole_within(low**2 * by, high**2 * by, lower, upper)
    return Moments(n, range(first, last + 1), spread)


def _whole_within(low, high, lower, upper):
    """Lowest and highest whole number between two ends, each taken in or left out."""
    return ceil(low) if lower else floor(low) + 1, floor(high) if upper else ceil(high) - 1


def list_multisets(asked: Moments, low: int, high: int) -> Iterator[tuple]:
    """Every sample of values in low..high that prints the sums asked for, in ascending order.

    Meant for few: each is built value by value and left as soon as no rest can mend it.
    """
    if asked.sums:
        yield from _extend(asked, (), low, high, 0, 0)


def _extend(asked, chosen, low, high, total, squares):
    left = asked.n - len(chosen)
    if not left:
        if total in asked.sums and (
            asked.spread[0] <= asked.n * squares - total * total <= asked.spread[1]
        ):
            yield chosen
        return
    for value in range(low, high + 1):
        rest, s, q = left - 1, total + value, squares + value * value
        if s + rest * value > asked.sums[-1]:
            return
        if s + rest * high >= asked.sums[0] and _room(asked, s, q, rest, value, high):
            yield from _extend(asked, (*chosen, value), value, high, s, q)


def _room(asked, s, q, rest, low, high):
    """Can `rest` more values in low..high bring the sums to where they have to be?

    Of a given sum, equal values have the least squares and values at the ends the most.
    """
    n = asked.n
    for total in range(
        max(asked.sums[0], s + rest * low), min(asked.sums[-1], s + rest * high) + 1
    ):
        more = total - s
        least = Fraction(more * more, rest) if rest else 0
        most = more * (low + high) - rest * low * high
        if n * (q + least) - total * total <= asked.spread[1] and (
            n * (q + most) - total * total >= asked.spread[0]
        ):
            return True
    return False

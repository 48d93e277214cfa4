"""Mean, SD and n alone: which whole numbers on a scale are there, and how many such samples?

A sample is a multiset here: who has which value does not matter. Mean and SD say within what
intervals its sum and its sum of squares lie, so that the number of samples is a sum of entries
in one table of ways by (sum, sum of squares), filled value by value. Listing takes another
way, value after value with bounds on both sums (as CLOSURE does, Jung 2025); the tests hold
the two together. All is exact: whole numbers and fractions.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, comb, floor
from typing import NamedTuple

import numpy as np

from recohort.numbers.sums import joined, ways_within
from recohort.paper.rounding import printed_interval

HALVES = ("up", "even", "either")
DIVISORS = ("sample", "population")


class Moments(NamedTuple):
    """Sums that print a mean and an SD, in whole units of the scale."""

    n: int
    sums: range
    spread: tuple  # n times the sum of squares less the squared sum: (lowest, highest)


def moments(
    n: int, mean: str, sd: str, unit: str = "1", divisor: str = "sample", halves: str = "up"
) -> Moments:
    """What a printed `mean` and `sd` (text, so that decimals are known) ask of `n` values.

    Values are whole multiples of `unit`. `divisor` of the SD: "sample" (n - 1) or "population"
    (n). `halves`: an exact half is rounded "up", to "even", or in "either" way. Raises
    ValueError for another option, a negative mean or SD, or n below 2.
    """
    if n < 2 or Fraction(mean) < 0 or Fraction(sd) < 0:
        raise ValueError(f"moments: n={n}, mean={mean}, SD={sd}; expected n >= 2, others >= 0")
    if divisor not in DIVISORS or halves not in HALVES:
        raise ValueError(
            f"moments: divisor={divisor!r} of {DIVISORS}, halves={halves!r}, {[*HALVES]}"
        )
    scale = 1 / Fraction(unit)
    low, high, lower, upper = _ends(mean, halves)
    first, last = _whole_within(low * n * scale, high * n * scale, lower, upper)
    low, high, lower, upper = _ends(sd, halves)
    by = n * (n - (divisor == "sample")) * scale**2
    lower = lower or low < 0  # no SD is below zero, and zero itself is one
    low = max(low, Fraction(0))
    return Moments(
        n, range(first, last + 1), _whole_within(low**2 * by, high**2 * by, lower, upper)
    )


def _ends(printed, halves):
    """The ends of the values that print so, and whether each end itself does."""
    if halves == "either":
        return (*printed_interval(printed)[:2], True, True)
    return printed_interval(printed, (halves,))


def _whole_within(low, high, lower, upper):
    """Lowest and highest whole number between two ends, each taken in or left out."""
    return ceil(low) if lower else floor(low) + 1, floor(high) if upper else ceil(high) - 1


def count_multisets(asked: Moments, *parts: tuple[int, int, int]) -> int:
    """How many samples print the sums asked for.

    A part ``(n, low, high)`` holds so many values in low..high; one part is the plain scale,
    several tell of cut-offs (so many below, the others above) or of values that are certain.
    Raises ValueError where the parts do not add up to the sample.
    """
    if sum(n for n, _, _ in parts) != asked.n:
        raise ValueError(f"count_multisets: the parts do not add up to {asked.n} values")
    if any(low > high and n for n, low, high in parts):
        return 0
    base = min(low for _, low, _ in parts)  # sums and squares count from the lowest value
    sums = [s - asked.n * base for s in asked.sums if s >= asked.n * base]
    if not sums:
        return 0
    ends = asked.spread[0], asked.spread[1] + 1
    windows = {s: [-((-x - s * s) // asked.n) for x in ends] for s in sums}
    most = sums[-1], max(0, *(high for _, high in windows.values()))
    big = comb(asked.n + max(high for _, _, high in parts) - base, asked.n) >= 2**62
    tables = [_table(n, low - base, high - base, *most, big) for n, low, high in parts]
    *tables, last = sorted(tables, key=lambda table: sum(len(q) for q, _ in table.values()))
    first = {0: {0: 1}}
    for table in tables:
        first = joined(first, table, *most)
    return ways_within(first, last, windows, big)


def _table(n, low, high, most_sum, most_squares, big):
    """Ways of `n` values in low..high: {sum: (sums of squares, running total of ways)}.

    Works with values from 0 up; steps of 1 are filled in last, zeros take the places left, so
    that both cost nothing. The second index, half of (squares - sum), is whole: v(v - 1)/2.
    """
    room = most_sum - n * low
    if room < 0:
        return {}
    rest = max(0, (most_squares - n * low * low) // 2)  # squares of the values less `low`, halved
    width, deep = min(high - low, room), min(n, room // 2)
    ways = np.zeros((deep + 1, room + 1, rest + 1), object if big else np.int64)
    ways[0, 0, 0] = 1  # by number of values of 2 and more, sum, half of (squares - sum)
    for value in range(2, width + 1):
        step = value * (value - 1) // 2
        if step <= rest:
            for k in range(1, deep + 1):
                ways[k, value:, step:] += ways[k - 1, : room + 1 - value, : rest + 1 - step]
    ways = ways.cumsum(axis=0)  # at most so many values of 2 and more
    table = {}
    for total in range(room + 1):
        ones = np.arange(min(n, total) + 1 if width else 1)  # how many values are 1
        if not width and total:
            break
        row = ways[np.minimum(n - ones, deep), total - ones].sum(axis=0)
        halves = np.flatnonzero(row)
        if len(halves):
            squares = 2 * halves + total + 2 * low * total + n * low * low
            table[total + n * low] = squares, np.concatenate(([0], np.cumsum(row[halves])))
    return table


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

"""Columns of numbers with printed medians, quartiles and counts: how many are there, exactly?

A single order statistic within [a, b) says how many values lie below a and how many below b, and
so does a count on a side of a cut-off: such rows become *tallies*, numbers of patients below an
edge of their own. A median of an even group ties two order statistics: each pair of neighbors
that prints it is taken in turn. Between the edges all values of a patient are alike, so that a
column's number is a sum, over ways to put patients between edges, of products of interval lengths,
added up patient by patient in a table by tallies. Nothing is sampled or rounded.

Values are whole units of the last printed decimal; with `fine` = k, k units of that and printed
intervals with both ends: where no column exists with `fine` = 4, none exists in real numbers (the
rows bound single values and sums of two, and such systems have half-integral corners: printed
ends are whole halves of a unit).
"""

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

import numpy as np

from recohort.paper.rounding import decimals_of, printed_bounds
from recohort.paper.statistics import select
from recohort.survival.times import quantile_terms


class Tally(NamedTuple):
    """How many of some patients have a value below their own edge, from `least` to `most`."""

    edges: tuple  # of (position, edge): counted where value < edge
    least: int
    most: int


class Pair(NamedTuple):
    """Neighbors in the order of value + offset whose weighted sum lies in [low, high)."""

    offsets: tuple  # of (position, offset)
    rank: int  # of the lower one, counted from zero
    weights: tuple
    low: int
    high: int


class Ranks(NamedTuple):
    """What the rows of a column ask of it: `tops` bounds each patient's value (exclusive)."""

    tops: tuple
    tallies: tuple
    pairs: tuple


def ranks_of(rows, cohort, conventions, high=600, fine=1) -> Ranks:
    """Compile the rows about a column of the frame `cohort` (sorted by `time`).

    Values lie in 0..`high` (months) unless rows say more.
    Raises NotImplementedError for a mean or SD, and for groups that overlap in pairs.
    """
    printed = [decimals_of(r.printed) for r in rows if r.relation == "rounds to"]
    scale = fine * 10 ** max(printed, default=0)
    tallies, pairs = [], []
    for row in rows:
        if row.statistic == "count":
            tallies.append(_counted(row, cohort, scale))
            continue
        if row.statistic in ("mean", "sd"):
            raise NotImplementedError(f"{row.id}: no exact count with a {row.statistic} here")
        inside = np.flatnonzero(select(cohort, row.filters).to_numpy()).tolist()
        since = dict(row.options).get("since")
        times = cohort["time"] if since else [0] * len(cohort)
        offsets = tuple((i, int(Fraction(str(times[i])) * scale)) for i in inside)
        terms, divisor = quantile_terms(range(len(inside)), *_quantile(row, conventions))
        ends = [b * scale * divisor for b in printed_bounds(row.printed)]
        low, top = ceil(ends[0]), ceil(ends[1]) if fine == 1 else floor(ends[1]) + 1
        if len(terms) == 2:
            pairs.append(Pair(offsets, terms[0][0], tuple(w for _, w in terms), low, top))
        else:
            rank, n = terms[0][0], len(inside)
            tallies += [_below(offsets, low, 0, rank), _below(offsets, top, rank + 1, n)]
    taken = [i for pair in pairs for i, _ in pair.offsets]
    if len(taken) > len(set(taken)):
        raise NotImplementedError("medians of two even groups that share patients")
    return Ranks((high * scale + 1,) * len(cohort), tuple(tallies), tuple(pairs))


def count_ranks(column: Ranks) -> int:
    """The number of columns that print all rows."""
    total = _all(column, _blocks(column))
    good = _fits(column.tallies, len(column.tops))
    return sum(ways for tally, ways in total.items() if good(tally))


def intervals_of(column: Ranks, position: int) -> list[tuple]:
    """The values that a patient can have, as sorted intervals [low, high) in units."""
    (own,) = (block for block in _blocks(column) if position in block)
    total = _all(column, [block for block in _blocks(column) if block != own])
    good = cache(_fits(column.tallies, len(column.tops)))
    extends = cache(lambda tally: any(good(tally + other) for other in total))
    cells = {cell for tally, cell in _marked(column, own, position) if extends(tally)}
    merged = []
    for low, high in sorted(cells):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged


def _quantile(row, conventions):
    q = {"minimum": 0, "maximum": 1}.get(row.statistic, Fraction(1, 2))
    method = conventions["quantile"] if row.statistic == "quantile" else "inclusive"
    return Fraction(dict(row.options).get("q", q)), method


def _below(offsets, edge, least, most):
    """A tally of value + offset < edge."""
    return Tally(tuple((i, edge - offset) for i, offset in offsets), least, most)


def _counted(row, cohort, scale):
    """A stated count of values on one side of a cut-off as a tally."""
    (cut,) = [f for f in row.filters if f[1] in ("<", ">=")]
    rest = [f for f in row.filters if f is not cut]
    inside = np.flatnonzero(select(cohort, rest).to_numpy()).tolist()
    n, value = len(inside), int(row.printed)
    least, most = {"=": (value, value), "<=": (0, value), "<": (0, value - 1), ">=": (value, n)}[
        row.relation
    ]
    if cut[1] == ">=":
        least, most = n - most, n - least
    return _below([(i, 0) for i in inside], ceil(Fraction(cut[2]) * scale), least, most)


def _blocks(column):
    """Patients that a pair ties together, and each of the others alone."""
    tied = [tuple(i for i, _ in pair.offsets) for pair in column.pairs]
    rest = set(range(len(column.tops))) - {i for block in tied for i in block}
    return [*tied, *((i,) for i in sorted(rest))]


def _all(column, blocks):
    """Ways to fill several blocks, by tally; those beyond a tally's most are left out."""
    n, total = len(column.tops), {0: 1}
    kept = cache(_fits([t._replace(least=0) for t in column.tallies], n))
    for block in blocks:
        answer, ways = Counter(), _ways(column, block)
        for a, x in total.items():
            for b, y in ways.items():
                if kept(a + b):
                    answer[a + b] += x * y
        total = answer
    return total


def _fits(tallies, size):
    """A check of packed tallies: `size` patients at most, so many bits for each of them."""
    bits = size.bit_length()
    bounds = [(bits * k, t.least, t.most) for k, t in enumerate(tallies)]
    field = 2**bits - 1
    return lambda tally: all(low <= tally >> at & field <= high for at, low, high in bounds)


@cache
def _ways(column, block):
    """Ways to fill a block's values, by packed tally."""
    answer = Counter()
    for extra in _choices(column, block):
        for tally, ways in _laid(column, extra, {0: 1}, block).items():
            answer[tally] += ways
    return answer


def _marked(column, block, position):
    """Every (tally, interval of the patient at `position`) that a block's own rows allow."""
    rest = [i for i in block if i != position]
    for extra in _choices(column, block):
        for cell, marks in _cells(column, extra, position):
            for tally in _laid(column, extra, {marks: 1}, rest):
                yield tally, cell


def _laid(column, extra, ways, patients):
    """The table with more patients laid down, by tallies of the column alone at the end."""
    size = len(column.tops)
    shift = size.bit_length() * len(extra)
    own = 2**shift - 1  # the bits of the extra tallies
    for left, i in zip(range(len(patients))[::-1], patients, strict=True):
        cells = [(high - low, marks) for (low, high), marks in _cells(column, extra, i)]
        bounds = tuple((max(t.least - left, 0), t.most) for t in extra)
        more = {}
        for tally, n in ways.items():
            for length, marks in cells:
                more[tally + marks] = more.get(tally + marks, 0) + n * length
        ways = {t: n for t, n in more.items() if _within(t & own, bounds, size)}
    bounds, answer = tuple((t.least, t.most) for t in extra), Counter()
    for tally, n in ways.items():
        if _within(tally & own, bounds, size):
            answer[tally >> shift] += n
    return answer


@cache
def _within(tally, bounds, size):
    bits = size.bit_length()
    return all(
        low <= tally >> bits * k & 2**bits - 1 <= high for k, (low, high) in enumerate(bounds)
    )


def _cells(column, extra, i):
    """The patient's values between edges: ((low, high), packed marks: extra's, column's)."""
    bits, top = len(column.tops).bit_length(), column.tops[i]
    own = [
        (e, 1 << bits * k)
        for k, t in enumerate((*extra, *column.tallies)) for j, e in t.edges if i == j
    ]  # fmt: skip
    edges = sorted({0, top} | {e for e, _ in own if 0 < e < top})
    return [((low, high), sum(mark for e, mark in own if low < e)) for low, high in pairwise(edges)]


def _choices(column, block):
    """For each pair of neighbors that prints the block's median, the tallies that make it so."""
    pair = next((p for p in column.pairs if {i for i, _ in p.offsets} == set(block)), None)
    if pair is None:
        return [()]
    k, n, (first, second) = pair.rank, len(block), pair.weights
    top = max(column.tops[i] + offset for i, offset in pair.offsets)
    return [
        (
            _below(pair.offsets, a, 0, k),
            _below(pair.offsets, a + 1, k + 1, n),
            _below(pair.offsets, b, 0, k + 1),
            _below(pair.offsets, b + 1, k + 2, n),
        )
        for a in range(min(top, (pair.high - 1) // (first + second) + 1))
        for b in range(max(a, ceil((pair.low - first * a) / second)),
                       min(top, ceil((pair.high - first * a) / second)))
    ]  # fmt: skip

"""A table of pairs that fits every row: real numbers first, then decimals, judged exactly.

From seeded draws a least-squares descent brings each printed figure well inside its interval; the
table is then written to some decimals and put to the registry of statistics. What is found is a
witness. That nothing is found proves nothing.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import least_squares, linear_sum_assignment

from recohort.pairs.figures import splits_of, value_of
from recohort.paper.printed import printed_by
from recohort.paper.rows import Row

DECIMALS = 2
MARGIN = 0.2  # of half an interval: so far from its ends a figure is to lie, nearly
END_MARGIN = 0.4  # of an end of a range, which decimals move most
STEP = 1e-4  # of a derivative
PULL = 1e-2  # toward the start: so one end is the nearest, and the same on every machine
INSIDE = 0.02  # of a row's range, so that decimals cannot leave it
CLOSE = 0.02  # of half an interval: reached
TRIES = 60


def find_pairs(
    rows: list[Row],
    options: dict,
    bounds: dict,
    tables_of: Callable,
    tries: int = TRIES,
    start: pd.DataFrame | None = None,
) -> pd.DataFrame | None:
    """A table whose pairs fit all rows about it, or None where none was found (an open question).

    `options` are named conventions, `bounds` maps the two columns to the ends of their range.
    `tables_of(frame)` gives pairs to their owners; frames have both numbers and `flagged`. `start`
    is such a frame to begin at, before the draws. The same on every call.
    """
    splits = splits_of(rows, options, bounds)
    for k, split in product(range(tries), splits):
        near = start is not None and k == 0
        point = _in_order(start, split) if near else _drawn(split, np.random.default_rng(k))
        table = _descended(split, point)
        if table is None or not _varied(table):
            continue
        frame = pd.DataFrame(dict(zip(split.columns, table.round(DECIMALS), strict=True)))
        frame = frame.assign(flagged=split.flags)
        if all(printed_by(row, tables_of(frame), options) for row in rows):
            return frame
    return None


def _drawn(split, random):
    """First numbers anywhere in their range; second ones where a printed range of changes is."""
    first = random.uniform(split.low[0], split.high[0])
    low, high = split.low[1].copy(), split.high[1].copy()
    for f in split.figures:
        if f.quantity == (*split.columns, None) and f.scale == 1 and f.rows.all():
            if f.statistic == "minimum":
                high = np.minimum(high, first - f.low)
            elif f.statistic == "maximum":
                low = np.maximum(low, first - f.high)
    return np.stack([first, random.uniform(np.minimum(low, high), high)])


def _in_order(frame, split):
    """The pairs of a frame, each in the place of a split whose box it is in, or next to."""
    pairs = frame[list(split.columns)].to_numpy(float).T[:, None, :]
    away = np.maximum(split.low[:, :, None] - pairs, pairs - split.high[:, :, None])
    cost = np.maximum(away, 0).sum(axis=0)
    cost += 1e6 * (split.flags[:, None] != frame["flagged"].to_numpy(bool)[None, :])
    return pairs[:, 0, linear_sum_assignment(cost)[1]]


def _descended(split, table):
    """The table, moved until every figure is inside its interval by the margin; or None."""
    middle = np.array([(f.low + f.high) / 2 for f in split.figures])
    half = np.array([(f.high - f.low) / 2 for f in split.figures])
    ends = [f.statistic in ("minimum", "maximum") for f in split.figures]
    within = 1 - np.where(ends, END_MARGIN, MARGIN)

    def values(tables):
        return np.stack([value_of(split, f, tables) for f in split.figures], axis=-1)

    def excess(points):
        away = (values(points.reshape(-1, *split.low.shape)) - middle) / half
        beyond = np.sign(away) * np.maximum(np.abs(away) - within, 0)
        return np.hstack([beyond, PULL * (np.atleast_2d(points) - start)])

    def slope(point):
        steps = STEP * np.eye(point.size)
        return ((excess(point + steps) - excess(point - steps)) / (2 * STEP)).T

    low, high = split.low.ravel() + INSIDE, split.high.ravel() - INSIDE
    start = np.clip(table.ravel(), low + STEP, high - STEP)
    found = least_squares(lambda p: excess(p)[0], start, slope, bounds=(low, high), max_nfev=200)
    good = np.abs(found.fun[: len(split.figures)]).max() < CLOSE
    return found.x.reshape(split.low.shape) if good else None


def _varied(table):
    """Do no two rows share a number, even as it is printed with one decimal less?"""
    return all(len(np.unique(own.round(DECIMALS - 1))) == len(own) for own in table)

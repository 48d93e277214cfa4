"""Tables of pairs by descent: many points of a Halton sequence at once, in real numbers.

Stronger than `pairs.construct`, which mends one point on the grid at a time, and used where
that finds nothing. The nearest grid points of the best ends are mended. No chance in it.
"""

import numpy as np

from thirteen.pairs_search import Pairs, _halton, _limits, _mend, _misses, _quantity

AIM = 0.1  # of an interval's width: the descent aims inside
TRIED = 4  # of the ends of a problem's descents


def settle_by_descent(problem: Pairs, points=100, rounds=120) -> np.ndarray | None:
    """First and second numbers (2 x rows, in units) that print all figures, or None.

    None proves nothing.
    """
    low, high = _limits(problem)
    starts = np.array([low + (high - low) * _halton(k, len(low)) for k in range(1, points + 1)])
    ends, left = _descend_all(problem, starts, low, high, rounds)
    n = len(problem.boxes)
    for k in np.argsort(left, kind="stable")[:TRIED]:
        if left[k] > 0.1:
            break
        point, missed = _mend(problem, np.rint(ends[k]).astype(int), low, high)
        if not missed:
            return np.array([point[:n], point[:n] - point[n:]])
    return None


def _descend_all(problem, points, low, high, rounds):
    """Damped Gauss-Newton from each point at once (points x numbers), kept within the limits.

    Returns the ends, and the sum of the squared misses at each.
    """
    size = len(low)
    damping = np.ones(len(points))
    misses, slopes = _slopes(problem, points)
    left = (misses**2).sum(axis=1)
    for _ in range(rounds):
        downhill = (slopes.transpose(0, 2, 1) @ misses[:, :, None])[:, :, 0]
        held = ((points <= low) & (downhill > 0)) | ((points >= high) & (downhill < 0))
        square = slopes.transpose(0, 2, 1) @ slopes
        spread = np.einsum("mii->mi", square)
        square = square + (damping[:, None] * (1e-3 * spread + 1e-5))[:, :, None] * np.eye(size)
        square = np.where(held[:, :, None] | held[:, None, :], 0, square)
        square += held[:, :, None] * np.eye(size)
        step = np.linalg.solve(square, np.where(held, 0, -downhill)[:, :, None])[:, :, 0]
        trial = np.clip(points + step, low, high)
        there, slopes_there = _slopes(problem, trial)
        better = (there**2).sum(axis=1) < left
        points = np.where(better[:, None], trial, points)
        misses = np.where(better[:, None], there, misses)
        slopes = np.where(better[:, None, None], slopes_there, slopes)
        left = (misses**2).sum(axis=1)
        damping = np.where(better, damping / 3, np.minimum(damping * 4, 1e8))
    return points, left


def _slopes(problem, points):
    """What each point misses (points x figures), and its slopes by each number."""
    m, size = points.shape
    moved = points[:, None] + np.concatenate([np.zeros((1, size)), 0.01 * np.eye(size)])
    found = _every_miss(problem, moved.reshape(-1, size)).reshape(m, size + 1, -1)
    return found[:, 0], ((found[:, 1:] - found[:, :1]) / 0.01).transpose(0, 2, 1)


def _every_miss(problem, points):
    """`_misses`, and by how much each row is beyond each end of a range, in widths."""
    n, found = len(problem.boxes), [_misses(problem, points, AIM)]
    first = points[:, :n] / problem.scale
    second = first - points[:, n:] / problem.scale
    for f in (f for f in problem.figures if f.statistic in ("minimum", "maximum")):
        value = _quantity(problem, f.quantity, first, second)[:, f.rows]
        beyond = value - f.high if f.statistic == "maximum" else f.low - value
        found.append(np.maximum(0, beyond / (f.high - f.low) + AIM))
    return np.concatenate(found, axis=1)

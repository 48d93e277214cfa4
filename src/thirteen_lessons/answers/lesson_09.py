"""Lesson 9: before and after, kidney function in pairs."""

import numpy as np
from scipy import stats

from thirteen.data import changes, read_table


def answers(_patients) -> dict:
    """By exercise, from the cohort's table of kidney function."""
    renal = changes(read_table("renal_function"))
    before, after, change = (renal[c] for c in ("egfr_before", "egfr_after", "change"))
    return {
        "9.2": _times(before, after, change),
        "9.3": _signs(len(change), int((change < 0).sum())),
        "9.4": _without_largest(renal["percent"], before, change),
    }


def _times(before, after, change):
    n = len(change)
    strangers, pairs = np.sqrt((before.var() + after.var()) / n), change.std() / np.sqrt(n)
    return {
        "right": strangers / pairs,
        "turned": pairs / strangers,
        "variances": (strangers / pairs) ** 2,
        "strangers": strangers,
        "pairs": pairs,
        "spreads": before.std() / change.std(),
    }


def _signs(n, rose):
    return {
        "right": 2 * stats.binom.cdf(rose, n, 0.5),
        "one_side": stats.binom.cdf(rose, n, 0.5),
        "exactly": stats.binom.pmf(rose, n, 0.5),
        "exactly_both": 2 * stats.binom.pmf(rose, n, 0.5),
        "all_fell": 2 * 0.5**n,
        "rose": rose / n,
    }


def _without_largest(percent, before, change):
    keep = percent.drop(percent.idxmax()).index
    return {
        "right": percent[keep].mean(),
        "everybody": percent.mean(),
        "of_means": 100 * change[keep].sum() / before[keep].sum(),
        "by_all": percent[keep].sum() / len(percent),
        "milliliters": percent.drop(change.idxmax()).mean(),
    }

"""Lesson 9: before and after, kidney function in pairs."""

from functools import cache

import numpy as np
from scipy import stats

from thirteen.data import read_table
from thirteen.outcomes import changes
from thirteen_lessons.exercises import Task


def tasks(_patients) -> dict:
    """The exercises by name, from the cohort's table of kidney function."""
    return _tasks()


@cache
def _tasks():
    renal = changes(read_table("renal_function"))
    before, after, change = (renal[c] for c in ("egfr_before", "egfr_after", "change"))
    return {
        "9.1": _why_paired(),
        "9.2": _times(before, after, change),
        "9.3": _signs(change),
        "9.4": _without_largest(renal["percent"], before, change),
        "9.5": _diet(),
    }


def _why_paired():
    return Task(
        right="b",
        mistakes={
            "Both use the same numbers, once each.": "a",
            "The mean difference is the same; only the standard error differs.": "c",
            "It assumes that the pairs belong together. That is not less, it is true.": "d",
        },
        why="Same mean, smaller standard error.",
    )


def _times(before, after, change):
    n = len(change)
    strangers, pairs = np.sqrt((before.var() + after.var()) / n), change.std() / np.sqrt(n)
    return Task(
        right=strangers / pairs,
        mistakes={
            "The other way round: by how much is the one without pairs larger?": pairs / strangers,
            "You compared the variances: take the root.": (strangers / pairs) ** 2,
            "That is the standard error without pairs; divide it by the one in pairs.": strangers,
            "That is the standard error in pairs; divide the other one by it.": pairs,
            "That is the spread before against the spread of the changes. Without pairs, the "
            "variance after counts as well.": before.std() / change.std(),
        },
        why="Losing the pairs costs as much as losing most of the patients.",
        hint="Both standard errors stand in the cells above; divide.",
    )


def _signs(change):
    n, rose = len(change), int((change < 0).sum())
    return Task(
        right=2 * stats.binom.cdf(rose, n, 0.5),
        mistakes={
            "That is one direction; double it.": stats.binom.cdf(rose, n, 0.5),
            "That is the chance of exactly this split: add the splits that are more uneven.": (
                stats.binom.pmf(rose, n, 0.5)
            ),
            "That is the chance of exactly this split in either direction; more uneven ones "
            "belong to it.": 2 * stats.binom.pmf(rose, n, 0.5),
            "As if all had fallen: not all of them did.": 2 * 0.5**n,
            "That is the share of patients who rose.": rose / n,
        },
        why="The signs alone say nearly as much; their test throws the sizes away.",
        hint="stats.binom.cdf counts splits up to the one seen.",
        decimals=4,
    )


def _without_largest(percent, before, change):
    keep = percent.drop(percent.idxmax()).index
    return Task(
        right=percent[keep].mean(),
        mistakes={
            "That is the mean of all, nobody left out.": percent.mean(),
            "That is the percentage of the means; the mean of the percentages is asked for.": 100
            * change[keep].sum()
            / before[keep].sum(),
            "You divided by all patients; one fewer is left.": percent[keep].sum() / len(percent),
            "You left out the largest change in milliliters; the largest percentage is another "
            "patient's.": percent.drop(change.idxmax()).mean(),
        },
        why="One patient, who had little to lose, made up several points of the mean.",
        hint="idxmax names the row, drop leaves it out.",
    )


def _diet():
    return Task(
        right="c",
        mistakes={
            "The P says that the mean rose. It cannot say why, and here there is a reason without "
            "any diet.": "a",
            "They are pairs. The trouble is how people were chosen.": "b",
            "Perhaps; but first ask whether it is a change at all.": "d",
        },
        why="Chosen for a low value, people had bad luck that day, on average.",
    )

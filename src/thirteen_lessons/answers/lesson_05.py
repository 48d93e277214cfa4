"""Lesson 5: the log-rank test and all splits."""

from itertools import combinations
from math import comb, perm

import numpy as np

from recohort.paper.estimates import log_rank
from thirteen_lessons.exercises import Task


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `time`, `event`, tumor size, chemotherapy."""
    large = patients["tumor_2cm_or_larger"].astype(bool).to_numpy()
    treated = patients["prior_chemotherapy"].astype(bool).to_numpy()
    return {
        "5.1": _ways(len(patients), int(large.sum())),
        "5.2": _chi_squared(patients, large),
        "5.3": _exact(patients, treated),
        "5.4": _six_patients(),
    }


def _ways(n, chosen):
    return Task(
        right=comb(n, chosen),
        mistakes={
            "You count every order of the same patients anew. A group has no order: divide by "
            "the number of orders of its members.": perm(n, chosen),
            "That is one choice of each, not of a group: multiply on for each further patient, "
            "then divide by the orders.": n * chosen,
            "That is the number of all groups of any size.": 2**n,
        },
        why="So many splits there are, and an exact P is a fraction of them.",
        hint="math.comb(13, 5) counts groups without order.",
        decimals=0,
    )


def _chi_squared(patients, group):
    time, event = patients["time"].to_numpy(), patients["event"].to_numpy(bool)
    at_risk = time >= np.sort(time[event])[:, None]
    share = (at_risk & group).sum(axis=1) / at_risk.sum(axis=1)
    observed, expected = (group & event).sum(), share.sum()
    variance = (share * (1 - share)).sum()
    rest = event.sum() - expected
    return Task(
        right=(observed - expected) ** 2 / variance,
        mistakes={
            "That is the difference itself: square it, then divide by the variance.": observed
            - expected,
            "Square the difference before you divide by the variance.": (observed - expected)
            / variance,
            "You divided by the expected number. The variance, share times one minus share at "
            "each death, belongs below the line.": (observed - expected) ** 2 / expected,
            "That adds (O − E)²/E of both groups: an older approximation, too small. Divide by "
            "the variance instead.": (observed - expected) ** 2 * (1 / expected + 1 / rest),
            "That is P. Chi-squared is asked for, the step before.": log_rank(patients, group),
            "That is the square root; chi-squared is its square.": (observed - expected)
            / variance**0.5,
        },
        why="Observed minus expected, squared, in units of its variance.",
        hint="Put the new group where `lung` stood in the table of deaths.",
        decimals=2,
    )


def _exact(patients, group):
    time, event = patients["time"].to_numpy(), patients["event"].to_numpy(bool)
    months = np.sort(time[event])
    steps = 1 / (time >= months[:, None]).sum(axis=1)
    score = event - (months <= time[:, None]) @ steps
    sums = score[list(combinations(range(len(time)), int(group.sum())))].sum(axis=1)
    seen = score[group].sum()
    one_side = (sums >= seen - 1e-9) if seen > 0 else (sums <= seen + 1e-9)
    at_risk = time >= months[:, None]
    every = [np.isin(range(len(time)), who) for who in combinations(range(len(time)), group.sum())]
    share = np.array(every) @ at_risk.T / at_risk.sum(axis=1)
    chi = sums**2 / (share * (1 - share)).sum(axis=1)
    by_chi = chi >= chi[[(who == group).all() for who in every]] - 1e-9
    return Task(
        right=(np.abs(sums) >= abs(seen) - 1e-9).mean(),
        mistakes={
            "That is one side only: splits as far below zero count as well.": one_side.mean(),
            "That is one side, doubled: a usual definition, but the two sides differ here. Count "
            "the splits as far from zero on either side.": 2 * one_side.mean(),
            "You counted with > in place of >=: the study's own split is as far out as itself, and "
            "belongs to the count.": (np.abs(sums) > abs(seen) + 1e-9).mean(),
            "That is exact, by chi-squared; asked for is observed minus expected.": by_chi.mean(),
            "That is the formula's P; count the splits instead.": log_rank(patients, group),
            "That is the share that is less extreme: one minus it.": (
                np.abs(sums) < abs(seen) - 1e-9
            ).mean(),
        },
        why="By this ruler the count is about twice the formula's P.",
        hint="combinations(range(13), 4) lists the splits; add the scores in each.",
        decimals=3,
    )


def _six_patients():
    return Task(
        right="b",
        mistakes={
            "The number has gone in by a formula for large groups. Count the splits: six patients "
            "have no more than twenty.": "a",
            "It can be used; censoring is allowed, not required.": "c",
            "No rule says so. Multiplying is for several questions, and here one was asked.": "d",
        },
        why="No outcome of three against three can be below one in ten, both sides counted.",
    )

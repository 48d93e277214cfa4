"""Lesson 10: power and honesty."""

from functools import lru_cache
from math import ceil, floor

import numpy as np
from scipy.stats import norm

from thirteen_lessons.exercises import Task
from thirteen_lessons.power import hazard_ratios, log_rank_scores, simulate

EDGE, REACH = norm.isf(0.025), norm.ppf(0.80)  # two-sided 5%, power 80%
TRUTH, STUDIES, SEED = 1.5, 2000, 13
RATIO = 2  # worth finding


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `time`, `event`, tumor size, type of tumor."""
    deaths, n = int(patients["event"].sum()), len(patients)
    large = patients["tumor_2cm_or_larger"].astype(bool)
    rate = deaths / patients["time"].sum()
    return {
        "10.1": _which_study(),
        "10.2": _smallest(deaths, n, large.mean()),
        "10.3": _deaths_needed(_share(patients), n / deaths),
        "10.4": _exaggeration(tuple(large), rate),
        "10.5": _plan(),
    }


def _share(patients):
    """Share of patients with the tumor type whose members died soonest: the paper's own group."""
    typical = patients.groupby("pathology")["time"].median()
    return (patients["pathology"] == typical.idxmin()).mean()


def _which_study():
    return Task(
        right="b",
        mistakes={
            "Most patients, fewest deaths: the thousands who lived tell little about what "
            "kills.": "a",
            "More deaths than one of the others, but not the most. Only deaths count here.": "c",
            "The truth is the same, the chance to see it is not: the deaths differ.": "d",
        },
        why="Fifty deaths among sixty patients say more than fifteen among two thousand.",
    )


def _smallest(deaths, n, share):
    def ratio(d, reach=EDGE + REACH, mix=share * (1 - share)):
        return np.exp(reach / np.sqrt(d * mix))

    return Task(
        right=ratio(deaths),
        mistakes={
            "You counted the patients; those alive at the end carry no information here. Take the "
            "deaths.": ratio(n),
            "That ratio is found in half of the studies only: add the 80% (norm.ppf of it) to the "
            "edge.": ratio(deaths, EDGE),
            "That is on the log scale: take np.exp of it.": np.log(ratio(deaths)),
            "You left out the share in the group: q times (1 - q) belongs under the root.": ratio(
                deaths, mix=1
            ),
            "Under the root stands q (1 - q); you have q alone.": ratio(deaths, mix=share),
            "That holds for groups of equal size.": ratio(deaths, mix=1 / 4),
        },
        why="Not much less than for NSCLC: the deaths are the same nine.",
        hint="np.exp((edge + norm.ppf of 80%) times the standard error of this grouping).",
    )


def _deaths_needed(share, patients_per_death):
    mix = share * (1 - share)
    exact = ((EDGE + REACH) / np.log(RATIO)) ** 2 / mix
    return Task(
        right=ceil(exact),
        mistakes={
            "Round up: with one death fewer the power is below 80%.": floor(exact),
            "Take the logarithm of 2: the formula works on the log scale.": ceil(
                ((EDGE + REACH) / RATIO) ** 2 / mix
            ),
            "That would do for groups of equal size; so few NSCLC patients need more.": ceil(
                ((EDGE + REACH) / np.log(RATIO)) ** 2 * 4
            ),
            "That gives a power of one half only: the 80% are missing.": ceil(
                (EDGE / np.log(RATIO)) ** 2 / mix
            ),
            "Those are patients at the cohort's share of deaths; deaths are asked for.": ceil(
                exact * patients_per_death
            ),
            "Square it: twice the precision takes four times the deaths.": ceil(
                (EDGE + REACH) / np.log(RATIO) / np.sqrt(mix)
            ),
        },
        why="About ten times the deaths of this cohort, for a ratio that would matter.",
        hint="log 2 times the root of d q (1 - q) must be as large as `needed`.",
        decimals=2,
    )


@lru_cache
def _studies(large, rate):
    time, event = simulate(np.random.default_rng(SEED), STUDIES, large, TRUTH, rate)
    excess, variance = log_rank_scores(time, event, large)
    return excess / np.sqrt(variance), hazard_ratios(time, event, large)


def _exaggeration(large, rate):
    z, ratio = _studies(large, rate)
    up = z > EDGE
    return Task(
        right=np.median(ratio[up]) / TRUTH,
        mistakes={
            "That is the median itself: divide it by the truth.": np.median(ratio[up]),
            "Those are all studies; choose the significant ones first.": np.median(ratio) / TRUTH,
            "You divided on the log scale. Ratios are divided as they are.": np.log(
                np.median(ratio[up])
            )
            / np.log(TRUTH),
            "That is the share of studies which are significant and above 1, the power.": up.mean(),
            "Those are the studies that are not significant.": np.median(ratio[abs(z) <= EDGE])
            / TRUTH,
        },
        why="A reader who sees only these would believe an effect several times too large.",
        hint="z > edge picks the studies; np.median takes the middle of their ratios.",
        decimals=2,
    )


def _plan():
    return Task(
        right="c",
        mistakes={
            "It is most likely too large: with so few deaths only an exaggeration is "
            "significant.": "a",
            "That limit says how this study came out, not what matters; so close to 1 the new "
            "study would need thousands of deaths.": "b",
            "Significant in a study of low power is no proof, and says little about the size.": "d",
        },
        why="The next study should be able to see what matters, not what luck has shown.",
    )

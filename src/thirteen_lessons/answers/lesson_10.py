"""Lesson 10: power and honesty."""

from math import ceil, floor, log, sqrt

import numpy as np
from scipy.stats import norm

from thirteen_lessons.formulas import hazard_ratios, log_rank_scores, simulate

EDGE, REACH = norm.isf(0.025), norm.ppf(0.80)  # two-sided 5%, power 80%
TRUTH, STUDIES, SEED = 1.5, 2000, 13
RATIO = 2  # worth finding


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, tumor size, type of tumor."""
    deaths, n = int(patients["event"].sum()), len(patients)
    large = patients["tumor_2cm_or_larger"]
    lung = (patients["pathology"] == "nsclc").mean()
    return {
        "10.2": _smallest(deaths, n, large.mean()),
        "10.3": _deaths_needed(lung * (1 - lung), n / deaths),
        "10.4": _exaggeration(large.to_numpy(), deaths / patients["time"].sum()),
    }


def _smallest(deaths, n, share):
    def ratio(d, reach=EDGE + REACH, mix=share * (1 - share)):
        return np.exp(reach / np.sqrt(d * mix))

    return {
        "right": ratio(deaths),
        "patients": ratio(n),
        "half": ratio(deaths, EDGE),
        "log": np.log(ratio(deaths)),
        "no_share": ratio(deaths, mix=1),
        "share_alone": ratio(deaths, mix=share),
        "equal": ratio(deaths, mix=1 / 4),
    }


def _deaths_needed(mix, patients_per_death):
    exact = ((EDGE + REACH) / log(RATIO)) ** 2 / mix
    return {
        "right": ceil(exact),
        "exact": exact,
        "down": floor(exact),
        "unlogged": ceil(((EDGE + REACH) / RATIO) ** 2 / mix),
        "equal": ceil(exact * mix * 4),
        "half": ceil((EDGE / log(RATIO)) ** 2 / mix),
        "patients": ceil(exact * patients_per_death),
        "unsquared": ceil(sqrt(exact)),
    }


def _exaggeration(large, rate):
    time, event = simulate(np.random.default_rng(SEED), STUDIES, large, TRUTH, rate)
    excess, variance = log_rank_scores(time, event, large)
    z, ratio = excess / np.sqrt(variance), hazard_ratios(time, event, large)
    median = np.median(ratio[z > EDGE])
    return {
        "right": median / TRUTH,
        "median": median,
        "everybody": np.median(ratio) / TRUTH,
        "log": np.log(median) / np.log(TRUTH),
        "power": (z > EDGE).mean(),
        "others": np.median(ratio[abs(z) <= EDGE]) / TRUTH,
    }

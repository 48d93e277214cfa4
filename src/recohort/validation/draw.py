"""Cohorts of known truth: made-up patients drawn from a seed, each cohort from its own stream.

Cohort `number` of a seed is the same on one core, on eight, or alone: its random numbers come
from NumPy's `SeedSequence` of both numbers, not from whoever was drawn before.
"""

from itertools import product

import numpy as np
import pandas as pd

CENSORING = ("accrual", "dropout", "closing")
HAZARDS = ("constant", "falling", "rising")
GROUPS = ("alike", "unequal", "entangled")
SETTINGS = tuple(product(CENSORING, HAZARDS, GROUPS))
FACTORS = ("treated", "bulky", "older")  # each with the levels yes and no
SHAPES = {"constant": 1.0, "falling": 0.6, "rising": 2.0}  # of a Weibull distribution
SCALE, LONGEST = 45, 80  # months
RATIO = 4  # hazard ratio of the first factor where groups are not alike


def setting_of(number: int) -> dict:
    """Censoring, hazard and group structure of a cohort: all 27 in turn."""
    return dict(zip(("censoring", "hazard", "groups"), SETTINGS[number % len(SETTINGS)],
                    strict=True))  # fmt: skip


def draw_cohort(seed: int, number: int, size: int = 13) -> pd.DataFrame:
    """Cohort `number`: `time` (months, one decimal), `event` and a column a factor.

    Rows stand in order of time, deaths first. Drawn again, from the same stream, until three
    have died and every factor has a death at which both levels are watched.
    """
    random = np.random.default_rng(np.random.SeedSequence([seed, number]))
    setting = setting_of(number)
    while True:
        cohort = _draw(random, size, **setting)
        if cohort["event"].sum() >= 3 and all(_comparable(cohort, f) for f in FACTORS):
            return cohort


def _draw(random, size, censoring, hazard, groups):
    first = random.random(size) < random.uniform(0.3, 0.7)
    second = random.random(size) < random.uniform(0.3, 0.7)
    if groups == "entangled":  # three in four share both factors
        second = np.where(random.random(size) < 0.75, first, second)
    third = random.random(size) < random.uniform(0.3, 0.7)
    shape = SHAPES[hazard]
    ratio = np.where(first & (groups != "alike"), RATIO, 1)
    death = SCALE * random.weibull(shape, size) * ratio ** (-1 / shape)
    last_visit = {
        "accrual": lambda: random.uniform(3, LONGEST, size),
        "dropout": lambda: np.minimum(3 + random.exponential(40, size), LONGEST),
        "closing": lambda: random.uniform(60, LONGEST, size),
    }[censoring]()
    months = np.maximum(np.ceil(10 * np.minimum(death, last_visit)), 1) / 10
    cohort = pd.DataFrame({"time": months, "event": death <= last_visit})
    for name, inside in zip(FACTORS, (first, second, third), strict=True):
        cohort[name] = np.where(inside, "yes", "no")
    return cohort.sort_values(
        ["time", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )


def _comparable(cohort, factor):
    """Two patients a level, and both levels at risk at the first death."""
    first_death = cohort.loc[cohort["event"], "time"].min()
    watched = cohort.loc[cohort["time"] >= first_death, factor].value_counts()
    return len(watched) == 2 and cohort[factor].value_counts().min() >= 2

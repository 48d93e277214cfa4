"""Cohorts of known truth: made-up patients with times in whole days.

Each has a stream of random numbers of its own: it is the same on one core, on eight, or alone.
"""

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd

SIZES = tuple(range(5, 16))
MONTHS = {
    "30.4375": Fraction("30.4375"),
    "30.44": Fraction("30.44"),
    "30": Fraction(30),
    "365.25/12": Fraction("365.25") / 12,
}  # days in a month
CENSORING = ("accrual", "dropout", "closing")
GROUPS = ("alike", "unequal", "entangled")
SETTINGS = tuple(product(MONTHS, CENSORING, GROUPS))
FACTORS = ("treated", "bulky", "older", "male")  # each with the levels yes and no
IN_TURN = 3  # of the factors: cohorts of a seed have one to three
LEVELS = ("yes", "no")
SCALE, LONGEST = 1400, 2500  # days
RATIO = 4  # hazard ratio of the first factor where groups are not alike
TIED = 0.2  # of the cohorts have two patients with the same day


def setting_of(number: int) -> dict:
    """What a cohort is, all in turn: patients, days in a month, censoring, groups, factors."""
    setting = dict(
        zip(("month", "censoring", "groups"), SETTINGS[number // 6 % len(SETTINGS)], strict=True)
    )
    factors = 1 + number // len(SIZES) % IN_TURN
    return {"size": SIZES[number % len(SIZES)], "factors": factors, **setting}


def draw_cohort(seed: int, number: int, setting: dict | None = None) -> pd.DataFrame:
    """Cohort `number`: `days`, `time` (months, not rounded), `event` and a column a factor.

    What it is: `setting`, or that of its number. Rows stand in order of time, deaths first. Drawn
    again, from the same stream, until two have died and every factor has two patients a level and
    a death at which both levels are watched.
    """
    random = np.random.default_rng(np.random.SeedSequence([seed, number]))
    setting = setting or setting_of(number)
    factors = FACTORS[: setting["factors"]]
    while True:
        cohort = _draw(random, **setting)
        died = cohort["event"]
        watched = cohort[cohort["days"] >= cohort.loc[died, "days"].min()]
        if died.sum() >= 2 and all(
            watched[f].nunique() == 2 and cohort[f].value_counts().min() >= 2 for f in factors
        ):
            return cohort


def exactly(cohort: pd.DataFrame, month: str) -> pd.DataFrame:
    """A cohort with times as fractions of a month, one of `MONTHS`: halves of a digit are so."""
    return cohort.assign(time=[Fraction(int(day)) / MONTHS[month] for day in cohort["days"]])


def _draw(random, size, factors, month, censoring, groups):
    death = random.exponential(SCALE, size)
    columns = [random.random(size) < random.uniform(0.3, 0.7) for _ in range(factors)]
    if groups == "entangled" and factors > 1:  # three in four share both factors
        columns[1] = np.where(random.random(size) < 0.75, columns[0], columns[1])
    if groups != "alike":
        death = np.where(columns[0], death / RATIO, death)
    last_visit = {
        "accrual": lambda: random.uniform(90, LONGEST, size),
        "dropout": lambda: np.minimum(90 + random.exponential(1200, size), LONGEST),
        "closing": lambda: random.uniform(1500, LONGEST, size),
    }[censoring]()
    days = np.ceil(np.minimum(death, last_visit)).astype(int)
    if random.random() < TIED:
        one, other = random.choice(size, 2, replace=False)
        days[one] = days[other]
    cohort = pd.DataFrame({"days": days, "time": days / float(MONTHS[month])})
    cohort["event"] = death <= last_visit
    for name, inside in zip(FACTORS, columns, strict=False):
        cohort[name] = np.where(inside, *LEVELS)
    return cohort.sort_values(
        ["days", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )

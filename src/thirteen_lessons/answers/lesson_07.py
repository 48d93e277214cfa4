"""Lesson 7: proportional hazards and the restricted mean."""

import numpy as np
from scipy import stats

from recohort.paper.estimates import cox
from thirteen_lessons.exercises import Task

UNTIL = 48


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `time`, `event`, and both factors asked for."""
    large = patients["tumor_2cm_or_larger"].astype(bool)
    small = patients[~large]
    return {
        "7.1": _two_rectangles(12, 30, 0.5),
        "7.2": _mean(small, patients[large]),
        "7.3": _error(small),
        "7.4": _score_test(patients, large),
        "7.5": _crossing(),
    }


def _two_rectangles(first, until, level):
    return Task(
        right=first + (until - first) * level,
        mistakes={
            "You stopped at the step. The rectangle behind it belongs to the area as well.": first,
            "That is the second rectangle alone; the first twelve months count fully.": (
                until - first
            )
            * level,
            "That is the height at the end times all months. In the first twelve everybody was "
            "alive.": until * level,
            "That is the area with nobody dying: behind the step only half are left.": until,
        },
        why="Twelve months at full height and eighteen at half.",
        hint="Two rectangles: width times height of each.",
    )


def _mean(small, large):
    times = np.minimum(small["time"], UNTIL)
    return Task(
        right=_pieces(small)[0].sum(),
        mistakes={
            "That is the plain mean of times cut off at month 48. It treats who was last seen "
            "alive as dead; use the area under the curve.": times.mean(),
            "That is the large tumors; the small ones are asked for.": _pieces(large)[0].sum(),
            "That is the area up to the end of the longest time: stop at month 48.": _pieces(
                small, small["time"].max()
            )[0].sum(),
            "That is the mean of the dead alone.": times[small["event"].astype(bool)].mean(),
        },
        why="The area under the curve up to month 48.",
        hint="Level between the steps, times width, added up.",
        decimals=2,
    )


def _error(small):
    pieces, n = _pieces(small)
    left = pieces.sum() - pieces.cumsum()[:-1]
    variance = (left**2 / (n * (n - 1))).sum()
    times = np.minimum(small["time"], UNTIL)
    return Task(
        right=variance**0.5,
        mistakes={
            "That is the variance; take the square root.": variance,
            "That is the spread of the patients' times, not the uncertainty of their mean.": float(
                times.std()
            ),
            "That divides by n alone; Greenwood's weight is n (n − 1).": float(
                np.sqrt((left**2 / n**2).sum())
            ),
            "That is SD by the root of n, which treats the censored as dead.": float(
                times.std() / len(times) ** 0.5
            ),
        },
        why="Each death weighs by the area that was left.",
        hint="Area left after each death, squared, divided by n (n − 1); add up; square root.",
        decimals=2,
    )


def _pieces(cohort, until=UNTIL):
    """Areas between the curve's steps up to `until`, and the numbers at risk at the steps."""
    time, event = cohort["time"].to_numpy(), cohort["event"].to_numpy(bool)
    steps = np.sort(time[event & (time < until)])
    n = (time >= steps[:, None]).sum(axis=1)
    return np.append(1, np.cumprod(1 - 1 / n)) * np.diff([0, *steps, until]), n


def _score_test(patients, large):
    clock, residual, variance = _residuals(patients, large)
    slope, even = clock @ residual, clock - clock.mean()
    centred = clock - np.average(clock, weights=variance)
    right = slope**2 / (variance @ centred**2)
    other, of_age, weight = _residuals(patients, patients["age_55_or_older"].astype(bool))
    away = other - np.average(other, weights=weight)
    return Task(
        right=right,
        mistakes={
            "That is P; chi-squared is asked for.": float(stats.chi2.sf(right, 1)),
            "That is the older shortcut, with the mean variance at every death. In the exact "
            "test each death keeps its own.": slope**2 / (variance.mean() * even @ even),
            "The clock starts at zero there; measure it from its mean, weighted by the variance.": (
                slope**2 / (variance @ clock**2)
            ),
            "That is the slope divided by its spread; square it.": right**0.5,
            "That is age; the size of the tumor is asked for.": (
                (away @ of_age) ** 2 / (weight @ away**2)
            ),
        },
        why="Slope squared by its variance; each death with a variance of its own.",
        hint="Share of the large at each death, its variance, the clock from its weighted mean.",
        decimals=2,
    )


def _residuals(patients, group):
    """Months of the deaths; for each the residual of a model with `group`, and its variance."""
    time, event = patients["time"].to_numpy(), patients["event"].to_numpy(bool)
    order = np.flatnonzero(event)[np.argsort(time[event])]
    tickets = np.exp(cox(patients, group.to_frame("x")).at["x", "coefficient"] * group.to_numpy())
    there = time >= time[order][:, None]
    share = there @ (tickets * group.to_numpy()) / (there @ tickets)
    return time[order], group.to_numpy()[order] - share, share * (1 - share)


def _crossing():
    return Task(
        right="d",
        mistakes={
            "It is fair where one group is worse all along. Here it adds a plus and a minus.": "a",
            "Those deaths are the price of surgery. Without them any operation looks good.": "b",
            "The year that differs most will always differ. It has to be named beforehand.": "c",
        },
        why="A test that finds nothing may have looked for another kind of difference.",
    )

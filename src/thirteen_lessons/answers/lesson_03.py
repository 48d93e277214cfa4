"""Lesson 3: how sure?"""

import numpy as np

from recohort.paper.estimates import Z
from thirteen_lessons.exercises import Task
from thirteen_lessons.intervals import survival_limits

MONTH = 12


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `time`, `event`, tumor size."""
    large = patients[patients["tumor_2cm_or_larger"].astype(bool)]
    rate, greenwood = _greenwood(large)
    return {
        "3.1": _meaning(),
        "3.2": _error(rate, greenwood, len(large)),
        "3.3": _limits(rate, greenwood),
        "3.4": _no_width(),
    }


def _greenwood(group):
    """The rate at `MONTH` and Greenwood's sum."""
    time, event = group["time"], group["event"].astype(bool)
    n = np.array([(time >= t).sum() for t in time[event & (time <= MONTH)]])
    return float(np.prod((n - 1) / n)), float(np.sum(1 / (n * (n - 1))))


def _meaning():
    return Task(
        right="c",
        mistakes={
            "That would be about the spread of patients. The limits are about the rate, and "
            "get narrower with more patients.": "a",
            "A new study has errors of its own, so its rate strays further than that.": "b",
            "That is what one would like to say. The 95 percent belong to the recipe: it works "
            "in that share of studies, and nobody knows whether this is one of them.": "d",
        },
        why="A promise about the recipe, over many studies.",
    )


def _error(rate, greenwood, n):
    return Task(
        right=rate * np.sqrt(greenwood),
        mistakes={
            "That is the variance: take its square root.": rate**2 * greenwood,
            "That is the root of Greenwood's sum; multiply it by the rate.": np.sqrt(greenwood),
            "That is Greenwood's sum. Take its root, and multiply by the rate.": greenwood,
            "You divided by n - 1. Greenwood's error agrees with the one of a plain share, which "
            "divides by n, as long as nobody has left alive.": np.sqrt(rate * (1 - rate) / (n - 1)),
            "That is half the width of the 95% limits: one standard error is asked for.": Z
            * rate
            * np.sqrt(greenwood),
        },
        why="Nobody had left alive yet, so it is also the error of a plain share.",
        hint="At each death 1 / (n (n - 1)); add, take the root, multiply by the rate.",
        decimals=3,
    )


def _limits(rate, greenwood):
    error = rate * np.sqrt(greenwood)
    return Task(
        right=list(survival_limits(rate, greenwood, "linear")),
        mistakes={
            "Right, but a share below 0 does not exist: cut it at 0, as the paper does.": [
                rate - Z * error,
                rate + Z * error,
            ],
            "One standard error to each side covers about two thirds; 95% limits need 1.96.": [
                rate - error,
                rate + error,
            ],
            "Those are the log-log limits. The paper's are linear.": list(
                survival_limits(rate, greenwood, "log-log")
            ),
            "Those are the log limits, R's default. The paper's are linear.": list(
                survival_limits(rate, greenwood, "log")
            ),
            "Those are percentages; shares between 0 and 1 are asked for.": [
                100 * x for x in survival_limits(rate, greenwood, "linear")
            ],
        },
        why="As Table 3 prints them, in percent.",
        hint="The rate, less and plus 1.96 standard errors; cut at 0 and 1.",
        decimals=3,
    )


def _no_width():
    return Task(
        right="b",
        mistakes={
            "Eight patients cannot rule it out. With so few, even a true rate well below one "
            "would often show no death in the first year.": "a",
            "It is what the formula gives: the limits are rate plus and minus 1.96 times "
            "zero.": "c",
            "The log-log formula has no answer here either: it divides by the logarithm of "
            "one, which is zero.": "d",
        },
        why="No deaths, no Greenwood. An exact interval still answers.",
    )

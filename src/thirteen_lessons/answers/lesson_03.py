"""Lesson 3: how sure?"""

import numpy as np

from recohort.paper.estimates import Z, survival_at
from thirteen_lessons.formulas import survival_limits

MONTH = 12


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, tumor size."""
    large = patients[patients["tumor_2cm_or_larger"]]
    row = survival_at(large, MONTH)
    rate, error = row["survival"], row["standard_error"]
    return {
        "3.2": _error(rate, error, len(large)),
        "3.3": _limits(rate, error),
    }


def _error(rate, error, n):
    return {
        "right": error,
        "variance": error**2,
        "root": error / rate,
        "greenwood": (error / rate) ** 2,
        "less_one": np.sqrt(rate * (1 - rate) / (n - 1)),
        "half_width": Z * error,
    }


def _limits(rate, error):
    limits = {
        kind: list(survival_limits(rate, (error / rate) ** 2, kind))
        for kind in ("linear", "log", "log-log")
    }
    return {
        "right": limits["linear"],
        "uncut": [rate - Z * error, rate + Z * error],
        "one_error": [rate - error, rate + error],
        "loglog": limits["log-log"],
        "log": limits["log"],
    }

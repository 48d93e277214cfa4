"""Lesson 3: how sure?"""

import numpy as np

from recohort.paper.estimates import Z, survival_at
from thirteen_lessons.formulas import KINDS, survival_limits

MONTH = 12


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, tumor size."""
    large = patients[patients["tumor_2cm_or_larger"]]
    rate, error = survival_at(large, MONTH)[["survival", "standard_error"]]
    limits = {kind: list(survival_limits(rate, (error / rate) ** 2, kind)) for kind in KINDS}
    return {
        "3.2": {
            "right": error,
            "variance": error**2,
            "root": error / rate,
            "greenwood": (error / rate) ** 2,
            "less_one": np.sqrt(rate * (1 - rate) / (len(large) - 1)),
            "half_width": Z * error,
        },
        "3.3": {
            "right": limits["linear"],
            "uncut": [rate - Z * error, rate + Z * error],
            "one_error": [rate - error, rate + error],
            "loglog": limits["log-log"],
            "log": limits["log"],
        },
    }

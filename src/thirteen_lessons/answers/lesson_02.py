"""Lesson 2: Kaplan-Meier by hand."""

import numpy as np

from recohort.paper.estimates import survival_at
from thirteen_lessons.answers import risk_sets

MONTHS = (12, 36, 60)
STARTS = (0, 24, 48, 72)
FIFTH = 5


def answers(patients) -> dict:
    """By exercise; `patients` has `patient_id`, `time`, `event`, tumor size."""
    time, event = patients["time"], patients["event"]
    return {
        "2.1": _risk_set(patients),
        "2.2": _table_row(patients[~patients["tumor_2cm_or_larger"]]),
        "2.3": {
            "right": [int((time >= m).sum()) for m in STARTS],
            "dead_only": [int((~event | (time >= m)).sum()) for m in STARTS],
            "left": [int((time < m).sum()) for m in STARTS],
            "died_later": [int((event & (time >= m)).sum()) for m in STARTS],
        },
    }


def _risk_set(patients):
    names, time, event = patients["patient_id"], patients["time"], patients["event"]
    month = np.sort(time[event])[FIFTH - 1]
    return {
        "right": set(names[time >= month]),
        "after": set(names[time > month]),
        "dead": set(names[(time >= month) & event]),
        "left": set(names[time < month]),
        "ever": set(names[(time >= month) | ~event]),
    }


def _table_row(group):
    dead = np.array([(group["event"] & (group["time"] <= m)).sum() for m in MONTHS])
    left = np.array([(group["time"] >= m).sum() for m in MONTHS])
    at_risk = [risk_sets(group, m)[1].sum(axis=1) for m in MONTHS]
    return {
        "right": [survival_at(group, m)["survival"] for m in MONTHS],
        "alive": list(1 - dead / len(group)),
        "never": list(left / (left + dead)),
        "gone": list(left / len(group)),
        "late": [float(np.prod(1 - 1 / (n - 1))) for n in at_risk],  # without the one who dies
    }

"""Lesson 8: units, competing risks, landmarks."""

import numpy as np

from recohort.paper.estimates import survival_at
from thirteen.data import labels
from thirteen_lessons.answers import risk_sets

MONTHS, LANDMARK = 36, 12


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, its cause, multiple tumors."""
    first_cause = list(labels("cause_of_death"))[1]  # in the order of labels.csv
    several = patients["multiple_renal_tumors"]
    return {
        "8.1": {
            "right": len(patients),
            "tumors": len(patients) + int(several.sum()) + 1,
            "deaths": int(patients["event"].sum()),
            "single": int((~several).sum()),
        },
        "8.2": _incidence(patients, patients["cause_of_death"] == first_cause),
        "8.3": _landmark(patients, patients[~several]),
    }


def _incidence(patients, of_tumor):
    months, at_risk = risk_sets(patients, MONTHS)
    risk = at_risk.sum(axis=1)
    alive = np.cumprod(1 - 1 / risk)
    before = np.append(1, alive[:-1])
    hit = np.isin(months, patients.loc[of_tumor, "time"])
    return {
        "right": (before * hit / risk).sum(),
        "kaplan_meier": 1 - _rate(patients.assign(event=of_tumor)),
        "all_deaths": 1 - alive[-1],
        "share": hit.sum() / len(patients),
        "alive": alive[-1],
        "after": (alive * hit / risk).sum(),
    }


def _landmark(patients, single):
    there = single[single["time"] > LANDMARK]
    dead = there["event"] & (there["time"] <= MONTHS)
    return {
        "right": _rate(there),
        "from_start": _rate(single),
        "everybody": _rate(patients[patients["time"] > LANDMARK]),
        "share": 1 - dead.mean(),
        "died": 1 - _rate(there),
        "later": _rate(there, MONTHS + LANDMARK),
    }


def _rate(cohort, month=MONTHS):
    return survival_at(cohort, month)["survival"]

"""Lesson 8: units, competing risks, landmarks."""

import numpy as np

from recohort.paper.estimates import survival_at
from thirteen.data import labels
from thirteen_lessons.exercises import Task

MONTHS, LANDMARK = 36, 12


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `time`, `event`, its cause, multiple tumors."""
    first_cause = list(labels("cause_of_death"))[1]  # in the order of labels.csv
    of_tumor = patients["event"] & (patients["cause_of_death"] == first_cause)
    several = patients["multiple_renal_tumors"].astype(bool)
    return {
        "8.1": _units(patients, several),
        "8.2": _incidence(patients, of_tumor),
        "8.3": _landmark(patients, patients[~several]),
        "8.4": _cycles(),
    }


def _units(patients, several):
    return Task(
        right=len(patients),
        mistakes={
            "Those are the tumors. Two tumors of one patient cannot die on different days.": len(
                patients
            )
            + int(several.sum())
            + 1,
            "Those are the deaths. The patients alive at the end are units as well.": int(
                patients["event"].sum()
            ),
            "Those are the patients with a single tumor; the others count once each, too.": int(
                (~several).sum()
            ),
        },
        why="A patient dies once, however many tumors were ablated.",
        hint="Count the names, not the rows.",
        decimals=0,
    )


def _incidence(patients, of_tumor):
    time, event = patients["time"].to_numpy(), patients["event"].to_numpy(bool)
    months = np.sort(time[event & (time <= MONTHS)])
    risk = (time >= months[:, None]).sum(axis=1)
    alive = np.cumprod(1 - 1 / risk)
    before = np.append(1, alive[:-1])
    hit = np.isin(months, time[of_tumor])
    rival_out = patients.assign(event=of_tumor)
    return Task(
        right=(before * hit / risk).sum(),
        mistakes={
            "That is one minus Kaplan-Meier with the other death censored, as if that patient "
            "could still die of the tumor.": 1 - survival_at(rival_out, MONTHS)["survival"],
            "That counts all deaths; only the ones from the tumor are asked for.": 1 - alive[-1],
            "That is a plain share of all patients. Some left alive before month 36; weigh by "
            "who was at risk.": hit.sum() / len(time),
            "That is the share still alive.": alive[-1],
            "You used the curve just after each death; alive just *before* it counts.": (
                alive * hit / risk
            ).sum(),
        },
        why="Alive until then, and then this cause; added up.",
        hint="before * of_tumor / risk, added up over the deaths until month 36.",
        decimals=3,
    )


def _landmark(patients, single):
    there = single[single["time"] > LANDMARK]
    everybody = patients[patients["time"] > LANDMARK]
    dead = there["event"] & (there["time"] <= MONTHS)
    return Task(
        right=survival_at(there, MONTHS)["survival"],
        mistakes={
            "That starts at the first ablation: deaths in the first year do not belong "
            "here.": survival_at(single, MONTHS)["survival"],
            "That is everybody at the landmark; take the patients with a single tumor.": (
                survival_at(everybody, MONTHS)["survival"]
            ),
            "That is a plain share: two of them left alive before month 36. Use Kaplan-Meier.": 1
            - dead.mean(),
            "That is the share who died; the share alive is asked for.": 1
            - survival_at(there, MONTHS)["survival"],
            "That is month 36 after the landmark; month 36 after the ablation is asked "
            "for.": survival_at(there, MONTHS + LANDMARK)["survival"],
        },
        why="The first year is used to form the group, and no longer to count deaths.",
        hint="Choose the rows with time above 12, then Kaplan-Meier among them.",
        decimals=3,
    )


def _cycles():
    return Task(
        right="b",
        mistakes={
            "A bias does not go away with more patients: the larger the study, the smaller its P, "
            "and the error stays.": "a",
            "It may matter, but the grouping itself decides first who can be in which group.": "c",
            "Not chance: immortal time. Three cycles take their months, and one has to live "
            "through them.": "d",
        },
        why="Living long enough forms the group. Start after the third cycle, at a landmark.",
    )

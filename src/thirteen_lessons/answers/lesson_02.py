"""Lesson 2: Kaplan-Meier by hand."""

import numpy as np

from recohort.paper.estimates import survival_at
from thirteen_lessons.exercises import Task

MONTHS = (12, 36, 60)
STARTS = (0, 24, 48, 72)
FIFTH = 5


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `patient_id`, `time`, `event`, tumor size."""
    large = patients["tumor_2cm_or_larger"].astype(bool)
    return {
        "2.1": _risk_set(patients),
        "2.2": _table_row(patients[~large]),
        "2.3": _numbers_at_risk(patients),
        "2.4": _last_step(),
    }


def _risk_set(patients):
    names, time, event = patients["patient_id"], patients["time"], patients["event"].astype(bool)
    month = np.sort(time[event])[FIFTH - 1]
    return Task(
        right=set(names[time >= month]),
        mistakes={
            "Who dies in that month is at risk as well: the risk set is taken just before the "
            "death, so it is time >= month.": set(names[time > month]),
            "You left out those who are alive to the end. Whether somebody dies later plays no "
            "part; who is still followed is at risk.": set(names[(time >= month) & event]),
            "Those have left already, by death or alive. At risk are the others.": set(
                names[time < month]
            ),
            "Some of yours were last seen alive before that month. They cannot be seen to die "
            "any more, so they are not at risk.": set(names[(time >= month) | ~event]),
        },
        why="Everybody still followed just before that month, the one who dies included.",
        hint="Who was still followed, dead or alive later, just before the fifth death?",
    )


def _table_row(group):
    time, event = group["time"], group["event"].astype(bool)
    dead = [(event & (time <= m)).sum() for m in MONTHS]
    left = [(time >= m).sum() for m in MONTHS]
    return Task(
        right=[survival_at(group, m)["survival"] for m in MONTHS],
        mistakes={
            "As if everybody who is gone were still alive: those last seen before count as "
            "survivors here.": [1 - d / len(group) for d in dead],
            "As if those who are gone had never been there. They count in every risk set up to "
            "their last visit.": [n / (n + d) for n, d in zip(left, dead, strict=True)],
            "As if everybody who is gone had died: that is the share still followed.": [
                n / len(group) for n in left
            ],
            "Each factor is one step too low: the one who dies belongs to the number at risk.": [
                _product(time, event, m, strictly=True) for m in MONTHS
            ],
            "Those are percentages; shares between 0 and 1 are asked for.": [
                100 * survival_at(group, m)["survival"] for m in MONTHS
            ],
        },
        why="A whole row of Table 3 by hand: its printed rates are these, in percent.",
        hint="At each death: how many are at risk, and what share of them is left? Multiply.",
        decimals=3,
    )


def _product(time, event, month, strictly):
    """The product up to `month`; `strictly` forgets the dying patient among those at risk."""
    deaths = np.sort(time[event & (time <= month)])
    at_risk = [(time > t).sum() if strictly else (time >= t).sum() for t in deaths]
    return float(np.prod([1 - 1 / n for n in at_risk]))


def _numbers_at_risk(patients):
    time, event = patients["time"], patients["event"].astype(bool)
    return Task(
        right=[int((time >= m).sum()) for m in STARTS],
        mistakes={
            "You only took off the dead. Those last seen alive have left as well.": [
                int((~event | (time >= m)).sum()) for m in STARTS
            ],
            "Those are the patients who have left; at risk are the others.": [
                int((time < m).sum()) for m in STARTS
            ],
            "Those are the ones who died later. Who is alive at the end was at risk before, too.": [
                int((event & (time >= m)).sum()) for m in STARTS
            ],
        },
        why="Whoever has a time at least as long as the month, whatever came later.",
        hint="Count the patients whose time is at least as long as each month.",
        decimals=0,
    )


def _last_step():
    return Task(
        right="b",
        mistakes={
            "The curve says nothing about what is possible. It ends with one patient, and that "
            "one happened to die.": "a",
            "The estimate is computed correctly. It is the reading of it that goes too far.": "c",
            "They left alive earlier; nobody knows how long they have lived since. They are not "
            "counted as dead.": "d",
        },
        why="One at risk, one death: a factor of zero. The curve ends there, survival need not.",
    )

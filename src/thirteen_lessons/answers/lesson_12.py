"""Lesson 12: on to larger data, the patients with lung cancer that come with lifelines."""

from functools import cache

import numpy as np
from lifelines.datasets import load_lung

from recohort.paper.estimates import cox, median_survival
from thirteen_lessons.exercises import Task

MONTH = 365.25 / 12  # days


@cache
def tasks_of_the_lung():
    """The exercises by name."""
    lung = load_lung()
    lung = lung.assign(event=lung["status"] == 1, days=lung["time"], time=lung["time"] / MONTH)
    return {
        "12.1": _deaths(lung),
        "12.2": _median(lung),
        "12.3": _ratio(lung),
        "12.4": _stepwise(),
    }


def tasks(_patients) -> dict:
    """The exercises by name; the cohort is not needed here."""
    return tasks_of_the_lung()


def _deaths(lung):
    died = int(lung["event"].sum())
    return Task(
        right=died,
        mistakes={
            "Those are the ones coded 0, alive when last seen. More than six in ten died.": len(
                lung
            )
            - died,
            "Nobody is coded 2 here: lifelines has changed the codes. Count, then decide.": 0,
            "Those are all patients.": len(lung),
        },
        why="The larger group, as reported. In R's copy of the file the same people are coded 2.",
        hint="lung['status'].value_counts() shows both codes.",
    )


def _median(lung):
    women, men = (lung[lung["sex"] == sex] for sex in (2, 1))
    return Task(
        right=median_survival(women),
        mistakes={
            "Those are days: divide by the days of a month.": median_survival(women) * MONTH,
            "Those are the men: women have the code 2.": median_survival(men),
            "Those are all patients, men and women.": median_survival(lung),
            "That is the plain median of the women's times; the living count as dead in it.": women[
                "time"
            ].median(),
            "The event is the wrong way round: that is how long women were followed.": (
                median_survival(women.assign(event=~women["event"]))
            ),
            "That is a year of twelve months of 28 days each; a month has 365.25 / 12 days.": (
                median_survival(women) * MONTH / 28
            ),
        },
        why="Several months longer than the men.",
        hint="Time in months, event, women only; then median_survival.",
    )


def _ratio(lung):
    names = ["sex", "age", "ph.ecog"]

    def of(frame, columns=names):
        return cox(frame, frame[columns].astype(float), ties="efron")["hazard_ratio"]

    complete = lung.dropna(subset=names)
    whole = of(complete)
    raw = [column for column in lung if column not in ("days", "event")]
    return Task(
        right=whole["sex"],
        mistakes={
            "That is men against women; one divided by it is asked for.": 1 / whole["sex"],
            "That is the coefficient, on the log scale: np.exp of it.": np.log(whole["sex"]),
            "That is sex alone: age and performance status belong into the model.": of(
                lung, ["sex"]
            )["sex"],
            "You dropped every row with any empty cell. Only these columns matter.": of(
                lung.dropna(subset=raw)
            )["sex"],
            "That leaves the performance status out.": of(lung, ["sex", "age"])["sex"],
            "The event is the wrong way round.": of(complete.assign(event=~complete["event"]))[
                "sex"
            ],
            "That is the hazard ratio of performance status.": whole["ph.ecog"],
        },
        why="Women die at little more than half the rate of men of the same age and status.",
        hint="dropna(subset=...) on the columns of the model, then cox, then the row of sex.",
        decimals=2,
    )


def _stepwise():
    return Task(
        right="c",
        mistakes={
            "It is usual, and that is the trouble: the data choose, and then are tested.": "a",
            "Any level chooses, and what was chosen by its P has a P that is too small.": "b",
            "There are enough deaths for eight coefficients, about twenty for each.": "d",
        },
        why="Choosing by P and dropping rows in silence often go together.",
    )

"""Lesson 4: which median?"""

from recohort.paper.estimates import median_follow_up, median_survival, reverse_median_follow_up
from thirteen_lessons.exercises import Task


def tasks(patients) -> dict:
    """The exercises by name; `patients` has `patient_id`, `time`, `event`, metastases, tumors."""
    many = patients["six_or_more_metastases"].astype(bool)
    several = patients["multiple_renal_tumors"].astype(bool)
    return {
        "4.1": _who_halves(patients),
        "4.2": _two_groups(patients[~many], patients[many]),
        "4.3": _follow_up(patients[~several]),
        "4.4": _from_print_alone(),
    }


def _at(patients, month):
    """The names with this time."""
    return set(patients.loc[patients["time"] == month, "patient_id"])


def _who_halves(patients):
    return Task(
        right=_at(patients, median_survival(patients)),
        mistakes={
            "That row is in the middle of all times, alive or dead. The curve still stands above "
            "one half there.": _at(patients, median_follow_up(patients)),
            "That patient was last seen alive: no step of the survival curve. It is the reverse "
            "curve that reaches one half there.": _at(patients, reverse_median_follow_up(patients)),
        },
        why="The step that takes the curve from above one half to below it.",
        hint="Walk down the curve: which death brings it to one half or below?",
    )


def _two_groups(few, many):
    pair = (few, many)
    return Task(
        right=[median_survival(group) for group in pair],
        mistakes={
            "Those are the plain medians of the times, the ones that the paper prints.": [
                median_follow_up(group) for group in pair
            ],
            "The right two, in the wrong order: first those with five or fewer.": [
                median_survival(group) for group in reversed(pair)
            ],
            "Those are the medians of the dead alone. The living belong to the curve.": [
                group.loc[group["event"].astype(bool), "time"].median() for group in pair
            ],
        },
        why="By the plain medians patients with more metastases seem to live longer; by the "
        "curves they do not.",
        hint="For each group its own curve, and the first month with one half or less.",
    )


def _follow_up(group):
    alive = group.loc[~group["event"].astype(bool), "time"]
    return Task(
        right=reverse_median_follow_up(group),
        mistakes={
            "That is the plain median of the times: early deaths pull it down.": median_follow_up(
                group
            ),
            "That is the median survival: turn the event round, so that being last seen alive "
            "is what one waits for.": median_survival(group),
            "That is the median time of the living alone. The dead were watched, too, as long "
            "as they lived.": alive.median(),
            "That is the answer for those with several tumors, or for nobody: the curve does "
            "not stay above one half here.": float("inf"),
            "That is the mean time of the group.": group["time"].mean(),
        },
        why="So long would they typically have been watched, had nobody died.",
        hint="Kaplan-Meier again, with the event turned round (~event).",
    )


def _from_print_alone():
    return Task(
        right="d",
        mistakes={
            "Half of the patients dead at two years and more than half alive at three: a curve "
            "never climbs.": "a",
            "No model is needed. A curve that never climbs is all the argument there is.": "b",
            "Possible for one of the figures, but the abstract holds the reason: the two medians "
            "are the same number.": "c",
        },
        why="And the median follow-up beside it, the same number, tells where it comes from.",
    )

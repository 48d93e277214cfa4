"""Lesson 4: which median?"""

from recohort.paper.estimates import median_follow_up, median_survival, reverse_median_follow_up


def answers(patients) -> dict:
    """By exercise; `patients` has `patient_id`, `time`, `event`, metastases, tumors."""
    many, single = patients["six_or_more_metastases"], patients[~patients["multiple_renal_tumors"]]
    pair = (patients[~many], patients[many])
    return {
        "4.1": {
            "right": _at(patients, median_survival(patients)),
            "middle": _at(patients, median_follow_up(patients)),
            "reverse": _at(patients, reverse_median_follow_up(patients)),
        },
        "4.2": {
            "right": [median_survival(group) for group in pair],
            "plain": [median_follow_up(group) for group in pair],
            "turned": [median_survival(group) for group in reversed(pair)],
            "dead": [group.loc[group["event"], "time"].median() for group in pair],
        },
        "4.3": {
            "right": reverse_median_follow_up(single),
            "plain": median_follow_up(single),
            "survival": median_survival(single),
            "alive": single.loc[~single["event"], "time"].median(),
            "endless": float("inf"),
            "mean": single["time"].mean(),
        },
    }


def _at(patients, month):
    """The names with this time."""
    return set(patients.loc[patients["time"] == month, "patient_id"])

"""A short file searched, and its solutions as tables."""

from pathlib import Path

import pandas as pd

from recohort.own.found import level_at
from recohort.paper.short_file import read_own
from recohort.survival.cohorts import ties_of, times_for
from recohort.survival.found import Found
from recohort.survival.questions import question
from recohort.survival.reals import real_times, spans
from recohort.validation.rebuild import rebuild


def search_own(path: str | Path, conventions: dict | None = None) -> tuple[pd.DataFrame, Found]:
    """The file's numbers, and every order with groups consistent with them (within bounds).

    Without `conventions` each number may be formed in any named way.
    """
    published = read_own(path)
    return published, rebuild(published, conventions)


def solutions_frame(found) -> pd.DataFrame:
    """One row a patient of each solution, in order of time.

    `solution`, `patient`, `event`, a column a factor, `earliest` and `latest`: between which real
    numbers the patient's time lies (empty: no end), whatever the other times are.
    """
    rows = []
    for number, joint in enumerate(found.solutions, start=1):
        for i, (earliest, latest) in enumerate(_spans(found.problem, joint)):
            row: dict = {"solution": number, "patient": i + 1}
            row["event"] = level_at(found.problem, joint, "event", i)
            row["earliest"] = float(earliest)
            row["latest"] = "" if latest is None else float(latest)
            rows.append(row | _levels(found.problem, joint, i))
    return pd.DataFrame(rows)


def _levels(problem, joint, place):
    return {column: level_at(problem, joint, column, place) for column, _ in problem.columns}


def _spans(problem, joint):
    """The lowest and highest time of each place, under any ties that have times."""
    asked = (
        question(problem, joint.pattern, joint.counts, joint.masks, ties)
        for ties in ties_of(problem, joint)
    )
    return [end[:2] for end in spans(a for a in asked if real_times(a).status == "some")]


def first_cohort(found) -> pd.DataFrame:
    """The first solution with the first times that print everything: `patient_id`, `time`, ..."""
    joint, problem = found.solutions[0], found.problem
    answers = (times_for(problem, joint, ties) for ties in ties_of(problem, joint))
    times = next(a.witness for a in answers if a.status == "some")
    rows = [
        {
            "patient_id": f"P{i + 1:02d}",
            "time": float(time),
            "event": level_at(problem, joint, "event", i),
            **_levels(problem, joint, i),
        }
        for i, time in enumerate(times)
    ]
    return pd.DataFrame(rows)

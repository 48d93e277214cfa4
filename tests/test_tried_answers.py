"""What students try, frozen with what they are told: `reference/tried_answers.csv`, read by eye.

`kind` says what the answer is: right, near (rounded too early, or one slip), typical (a mistake
that students make), malformed. `answer` is Python; `right` and `wrong` are the task's own values,
where the numbers of a lesson may still change. `said` is how the reply begins.
"""

from collections import Counter
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

from test_lessons import EXERCISE, LESSONS, PATIENTS, tasks_of
from thirteen_lessons.exercises import check
from thirteen_lessons.judging import WANTED

FILE = Path(__file__).parent / "reference" / "tried_answers.csv"
TRIED = pd.read_csv(FILE, dtype=str)
TASKS = {name: task for page in LESSONS for name, task in tasks_of(page).items()}
COMPUTED = [name for name, task in TASKS.items() if not isinstance(task.right, str)]
NUMERIC = [
    name
    for name in COMPUTED
    if not isinstance(TASKS[name].right, set)
    and not isinstance(np.ravel(list(np.ravel(TASKS[name].right)))[0], np.bool_ | bool)
]


def value_of(name, answer):
    """The answer as the student would have it in the notebook."""
    known = {"np": np, "pd": pd, "patients": PATIENTS, "logrank_test": logrank_test,
             "CoxPHFitter": lifelines.CoxPHFitter,
             "KaplanMeierFitter": lifelines.KaplanMeierFitter,
             "right": TASKS[name].right, "wrong": TASKS[name].mistakes.values()}  # fmt: skip
    return eval(answer, known)  # our own file, not a student's


@pytest.mark.parametrize("name", TASKS)
def test_each_gets_the_reply_it_deserves(name):
    """Right is right, near is told to be near, the rest is told what it is."""
    for row in TRIED[TRIED["exercise"] == name].itertuples():
        verdict = check(name, value_of(name, row.answer))
        assert str(verdict).startswith(row.said), row.answer
        assert bool(verdict.right) == (row.kind == "right"), row.answer


def test_the_table_is_large_enough():
    """At least 300 answers, eight for each exercise that computes, of all four kinds."""
    assert len(TRIED) >= 300
    assert not TRIED.duplicated(["exercise", "answer"]).any()
    counts = Counter(TRIED["exercise"])
    assert set(counts) == set(TASKS)
    assert min(counts[name] for name in COMPUTED) >= 8
    assert set(TRIED["kind"]) == {"right", "near", "typical", "malformed"}


@pytest.mark.parametrize("name", NUMERIC)
def test_a_right_answer_rounded_is_never_called_a_mistake(name):
    """As the question shows: right. With fewer decimals: very near, in numbers and in lists."""
    task = TASKS[name]
    rounded = [
        np.round(np.asarray(task.right, float), places) for places in range(task.decimals + 1)
    ]
    assert check(name, rounded[-1].tolist()).right
    for fewer in rounded[1:-1]:
        if not np.allclose(fewer, np.asarray(task.right, float), rtol=0.15, atol=0):
            continue  # rounded to nothing, or to another number
        verdict = check(name, fewer.tolist())
        assert verdict.right or verdict.message.startswith("Very near"), fewer


@pytest.mark.parametrize("name", [n for n in NUMERIC if np.ravel(TASKS[n].right)[0] < 1])
def test_a_small_number_is_never_asked_to_be_a_percentage(name):
    """Whatever small P is tried where a P is asked for."""
    if isinstance(TASKS[name].right, float):
        for small in (0.5, 0.05, 0.004, 0.003, 0.0001, 1e-9):
            assert "percentage is asked" not in check(name, small).message


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_each_question_says_how_many_decimals(page):
    """And it is the number that `check` looks at."""
    parts = EXERCISE.split(page.read_text(encoding="utf-8"))
    for name, question in zip(parts[1::3], parts[3::3], strict=True):
        if name in NUMERIC:
            asked = question.partition("```")[0].lower()
            whole = np.all(np.ravel(TASKS[name].right) == np.round(np.ravel(TASKS[name].right)))
            wanted = WANTED[TASKS[name].decimals].removeprefix("a ")
            assert wanted in asked or (whole and "whole number" in asked), name

"""An exercise's right answer and the common mistakes: numbers and words, put together.

`answers/lesson_NN.py` computes what is right and what is wrong, each under a short name;
`answers/lesson_NN.csv` says in words what each of them means (`why` and `hint` for the right one).
A choice needs no number: there the right letter and its words stand in the table alone.
"""

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pandas as pd

ANSWERS = Path(__file__).with_name("answers")


class Task(NamedTuple):
    """An exercise's right answer and the common mistakes.

    `right` is a number, a list of numbers or truth values, a set of names, or one letter of a
    choice. `mistakes` gives for each message the wrong answer that it explains. A number is right
    when it agrees to `decimals`; `why` is said with a right answer, `hint` with an unknown one.
    """

    right: object
    mistakes: dict
    why: str = ""
    hint: str = ""
    decimals: int = 1


def lesson_tasks(lesson: int, patients: pd.DataFrame) -> dict:
    """The tasks of a lesson by the name of the exercise, in order; empty where there is no lesson.

    Raises ValueError where a wrong answer has no words, or words have no answer.
    """
    table = ANSWERS / f"lesson_{lesson:02}.csv"
    if not table.exists():
        return {}
    rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    computed = import_module(f"thirteen_lessons.answers.{table.stem}").answers(patients)
    tasks = {}
    for exercise, said in rows.groupby("exercise", sort=False)[["name", "words"]]:
        words, values = dict(said.to_numpy()), dict(computed.get(exercise, {}))
        why, hint = words.pop("why", ""), words.pop("hint", "")
        decimals, letter = int(words.pop("decimals", 1)), words.pop("right", None)
        right = values.pop("right", letter)
        if letter:
            values = {other: other for other in words}
        if set(values) != set(words):
            odd = ", ".join(sorted(set(values) ^ set(words)))
            raise ValueError(f"exercise {exercise}: {odd}: expected both a number and words")
        mistakes = {told: values[name] for name, told in words.items()}
        tasks[exercise] = Task(right, mistakes, why, hint, decimals)
    return tasks

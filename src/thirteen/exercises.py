"""What a student meets in a lesson: `check` judges an answer at once, `quiz` folds a question.

A lesson is `chapters/lessons/NN-name.md`; its answers are `thirteen/answers/lesson_NN.py`, whose
`tasks(patients)` gives a `Task` for each exercise, computed from the cohort. An exercise on a page
has a heading `### Exercise N.M (recall)`, `(calculate)` or `(judge)`, the question, a starter cell
that ends in ``check("N.M", ...)`` (which runs as it stands: three dots are "no answer yet"), and a
worked solution: cells tagged `hide-cell` with `jupyter: {source_hidden: true, outputs_hidden:
true}`, so that they are folded on the site and in JupyterLab, the last of which checks itself.
Each begins with the line ``%%solution``, a cell magic that folds what the cell shows as well:
JupyterLab unfolds the outputs of each cell that it runs, and "Run All" would give the answers away.
`tests/test_lessons.py` holds every lesson to that.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pandas as pd
from IPython import get_ipython
from IPython.display import HTML, display
from IPython.utils.capture import capture_output

from thirteen.alt import counted
from thirteen.cohort import read_patients

LETTERS = "abcdefgh"


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


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right (None: there is none yet), and what there is to say about it."""

    right: bool | None
    message: str

    def __str__(self):
        return {True: "✓ ", False: "✗ ", None: "○ "}[self.right] + self.message

    __repr__ = __str__

    def _repr_html_(self):
        kind = {True: "right", False: "wrong", None: "open"}[self.right]
        return f'<p class="verdict {kind}">{_set(str(self))}</p>'


class _Malformed(Exception):  # noqa: N818 - it carries a message to the student, not a fault
    """The answer is not of the kind that is asked for."""


def check(name: str, answer=...) -> Verdict:
    """Judge the answer to exercise `name`, ``"1.2"`` say. Never raises.

    A right answer is told so, a common mistake by its name, a malformed answer what is asked for.
    """
    name = str(name)
    known = _tasks_of(name)
    if name not in known:
        there = f" This lesson has {', '.join(known)}." if known else ""
        return Verdict(False, f"There is no exercise {name!r}.{there}")
    if answer is None or answer is ...:
        return Verdict(None, "No answer yet: put yours in place of the three dots.")
    try:
        return _judge(known[name], answer)
    except _Malformed as reason:
        return Verdict(False, str(reason))


def quiz(question: str, options: dict, right: str) -> HTML:
    """A question whose options unfold into their explanation, by mouse or keyboard, no script.

    `options` gives for each option, in order, what there is to say about it; `right` is the letter
    of the right one. Raises ValueError when that is none of them.
    """
    letters = LETTERS[: len(options)]
    if right not in tuple(letters):
        raise ValueError(f"quiz: right={right!r}, expected one of {', '.join(letters)}")
    rows = [
        f'<details class="option"><summary><b>{letter}</b> {_set(option)}</summary>'
        f'<p class="verdict {"right" if letter == right else "wrong"}">'
        f"{'✓ Right.' if letter == right else '✗ No.'} {_set(why)}</p></details>"
        for letter, (option, why) in zip(letters, options.items(), strict=True)
    ]
    return HTML(f'<div class="quiz"><p>{_set(question)}</p>{"".join(rows)}</div>')


def _set(words):
    """Words as HTML with a book's apostrophes; the quotation marks of code stay as typed."""
    return escape(re.sub(r"(?<=\w)'(?=\w)", "’", words))


def solution(_line: str, cell: str) -> None:
    """Cell magic ``%%solution``: run the cell, show what it shows folded. Raises what it raises."""
    with capture_output() as seen:
        result = get_ipython().run_cell(cell)
    result.raise_error()
    sys.stderr.write(seen.stderr)  # a warning stays one
    display(HTML(_folded(seen)))


def _folded(seen):
    """What a cell has printed and shown, as one fold of HTML."""
    shown = [output.data for output in seen.outputs]
    parts = [f"<pre>{escape(seen.stdout)}</pre>"] if seen.stdout else []
    parts += [d.get("text/html") or f"<pre>{escape(d.get('text/plain', ''))}</pre>" for d in shown]
    return f'<details class="worked"><summary>Its result</summary>{"".join(parts)}</details>'


if get_ipython():  # in a notebook; an import of this module is all a page should need
    get_ipython().register_magic_function(solution, "cell", "solution")


@cache
def _cohort():
    """The cohort, read once."""
    return read_patients()


@cache
def _tasks_of(name):
    """The tasks of the lesson that `name` begins with; none when there is no such lesson."""
    lesson = name.partition(".")[0]
    module = f"thirteen.answers.lesson_{lesson:0>2}"
    if not (lesson.isascii() and lesson.isdigit() and find_spec(module)):
        return {}
    return import_module(module).tasks(_cohort())


def _judge(task, answer):
    """Compare with the right answer, then with each known mistake."""
    read, same = _kind(task)
    given = read(answer, task)
    if same(given, task.right, task):
        return Verdict(True, " ".join(["Right.", task.why]).strip())
    for message, wrong in task.mistakes.items():
        if same(given, wrong, task):
            return Verdict(False, message)
    near = {_one_number: _near_number, _many: _near_list, _names: _near_names}.get(read)
    found = near(given, task) if near else "That is none of the letters."
    return Verdict(False, " ".join([found, task.hint]).strip())


def _kind(task):
    """How an answer of this task is read and compared, by the kind of the right one."""
    if isinstance(task.right, str):
        return _letter, lambda given, value, _: given == value
    if isinstance(task.right, set | frozenset):
        return _names, lambda given, value, _: given == set(value)
    if isinstance(task.right, Iterable):
        return _many, _same_list
    return _one_number, _same_number


def _same_number(given, value, task):
    """Equal to as many decimals as are asked for: a rounded answer will do."""
    value = float(value)  # infinite where a median is not reached
    return bool(given == value or abs(given - value) <= 0.5 * 10.0**-task.decimals + 1e-9)


def _same_list(given, value, task):
    value = list(value)
    return len(given) == len(value) and all(
        _same_number(g, v, task) for g, v in zip(given, value, strict=True)
    )


def _one_number(answer, task):
    """The answer as a float; a series or an array of one will do."""
    if isinstance(answer, str):
        hint = " without the quotation marks" if _is_number(answer) else ""
        raise _Malformed(f"That is text; a number is asked for{hint}.")
    if isinstance(answer, bool | np.bool_):
        raise _Malformed("That is a truth value (True or False); a number is asked for.")
    if callable(answer):
        raise _Malformed("That is a function, not its result: call it, with () after its name.")
    if isinstance(answer, Iterable):
        values = _values(answer)
        if len(values) != 1 or isinstance(values[0], Iterable) or isinstance(answer, dict):
            raise _Malformed(f"One number is asked for; that is {_described(answer)}.")
        return _one_number(values[0], task)
    try:
        value = float(answer)
    except (TypeError, ValueError):
        kind = type(answer).__name__
        raise _Malformed(f"A number is asked for; that is of the kind {kind!r}.") from None
    if np.isnan(value):
        raise _Malformed("That is NaN, “not a number”: some step before has no result.")
    return value


def _many(answer, task):
    """The answer as a list of floats, as many as are asked for."""
    wanted = len(list(task.right))
    if isinstance(answer, str | dict | pd.DataFrame) or not isinstance(answer, Iterable):
        raise _Malformed(f"A list of {wanted} values is asked for; that is {_described(answer)}.")
    values = _values(answer)
    if len(values) != wanted:
        raise _Malformed(f"A list of {wanted} values is asked for; yours has {len(values)}.")
    found = []
    for place, value in enumerate(values, 1):
        try:
            found.append(float(value) if isinstance(value, bool | np.bool_)
                         else _one_number(value, task))  # fmt: skip
        except _Malformed as reason:
            raise _Malformed(f"In place {place} of your list: {reason}") from None
    return found


def _names(answer, _task):
    """The answer as a set of names; the rows of a frame or a list in one text will do."""
    if isinstance(answer, pd.DataFrame) and "patient_id" in answer:
        answer = answer["patient_id"]
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if not isinstance(answer, Iterable) or isinstance(answer, pd.DataFrame | dict):
        raise _Malformed(f"A list of names is asked for, like [\"P01\"]; that is "
                         f"{_described(answer)}.")  # fmt: skip
    values = _values(answer)
    if not all(isinstance(value, str) for value in values):
        raise _Malformed("Names are asked for, in quotation marks: patients.loc[rows, "
                         "\"patient_id\"] names the rows for which something is True.")  # fmt: skip
    found = {value.strip().upper() for value in values}
    strangers = sorted(found - set(_cohort()["patient_id"]))
    if strangers:
        raise _Malformed(f"No row of the cohort has the name {strangers[0]!r}.")
    return found


def _values(answer):
    """What a collection holds, row by row where it is a table."""
    table = isinstance(answer, np.ndarray | pd.DataFrame)
    return np.asarray(answer).ravel().tolist() if table else list(answer)


def _letter(answer, task):
    """The answer as a small letter."""
    letters = [task.right, *task.mistakes.values()]
    if not isinstance(answer, str) or len(answer.strip(" ().'\"")) != 1:
        shown = ", ".join(f'"{letter}"' for letter in sorted(letters))
        raise _Malformed(f"Answer with one letter in quotation marks: {shown}.")
    return answer.strip(" ().'\"").lower()


def _near_number(given, task):
    """What can be told about a wrong number whatever the exercise is."""
    right = float(task.right)
    if not np.isfinite(right):
        return "Not yet: it is more than any number." if right > 0 else "Not yet."
    if right and _same_number(given / 100, right, task):
        return "That is a percentage; a share between 0 and 1 is asked for."
    if right and abs(given * 100 - right) <= 0.5 + 1e-9 and given != 0:
        return "That is a share between 0 and 1; a percentage is asked for."
    if right and _same_number(-given, right, task):
        return "The size is right, the sign is not."
    if right and abs(given - right) <= 0.02 * abs(right):
        return "Very near: keep all digits until the last step."
    return f"Not yet: it is {'less' if given > right else 'more'} than that."


def _near_list(given, task):
    """How many values are right, and where the first wrong one stands."""
    right = list(task.right)
    good = [_same_number(g, v, task) for g, v in zip(given, right, strict=True)]
    if not any(good):
        return "Not yet: none of the values is right."
    first = good.index(False) + 1
    return f"Not yet: {sum(good)} of {len(good)} values are right; number {first} is not."


def _near_names(given, task):
    """How many belong, are missing, or do not belong."""
    missing, added = len(task.right - given), len(given - task.right)
    return (
        f"Not yet: {counted(len(given & task.right), 'name')} of yours belong there, "
        f"{added} do not, {missing} are missing."
    )


def _described(answer):
    """What an answer is, in plain words."""
    if isinstance(answer, pd.DataFrame):
        return f"a table of {counted(len(answer), 'row')} and {counted(answer.shape[1], 'column')}"
    if isinstance(answer, str):
        return "text"
    if isinstance(answer, Iterable):
        return f"a collection of {counted(len(_values(answer)), 'value')}"
    return "a single value"


def _is_number(text):
    """Does the text, but for a percent sign, read as a number?"""
    try:
        float(text.strip().rstrip("%"))
    except ValueError:
        return False
    return True

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
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
from IPython import get_ipython
from IPython.display import HTML, display
from IPython.utils.capture import capture_output

from thirteen.data import read_patients
from thirteen_lessons.given import Malformed, read_letter, read_list, read_names, read_number

LETTERS = "abcdefgh"
WANTED = ["a whole number", "one decimal", "two decimals", "three decimals", "four decimals"]
EARLY = "Very near: rounded, the right answer looks like this. Give {}, or all digits."


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
    except Malformed as reason:
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
    module = f"thirteen_lessons.answers.lesson_{lesson:0>2}"
    if not (lesson.isascii() and lesson.isdigit() and find_spec(module)):
        return {}
    return import_module(module).tasks(_cohort())


def _judge(task, answer):
    """Compare with the right answer, then with each known mistake."""
    kind = _kind(task)
    given = kind.read(answer, task)
    if kind.same(given, task.right, task):
        return Verdict(True, " ".join(["Right.", task.why]).strip())
    early = kind.early(given, task)
    for message, wrong in task.mistakes.items():
        if kind.mistaken(given, wrong, task):
            return Verdict(
                False,
                f"{EARLY.format(early)} If you did not round: {message}" if early else message,
            )
    found = EARLY.format(early) if early else kind.near(given, task)
    return Verdict(False, found if early else " ".join([found, task.hint]).strip())


class _Kind(NamedTuple):
    """How answers to a task are read, compared with the right one and with mistakes, and told."""

    read: Callable
    same: Callable
    mistaken: Callable
    near: Callable
    early: Callable = lambda *_: ""


def _kind(task):
    """By the kind of the right answer."""
    if isinstance(task.right, str):
        letters = sorted({task.right, *task.mistakes.values()})
        return _Kind(
            lambda answer, _: read_letter(answer, letters),
            _equal,
            _equal,
            lambda *_: "That is none of the letters.",
        )
    if isinstance(task.right, set | frozenset):
        known = _cohort()["patient_id"]
        return _Kind(lambda answer, _: read_names(answer, known), _equal, _equal, _near_names)
    if isinstance(task.right, Iterable):
        return _Kind(_read_list, _same_list, _mistaken_list, _near_list, _early_list)
    return _Kind(_read_number, _same_number, _mistaken_number, _near_number, _early_number)


def _equal(given, value, _task):
    return given == (set(value) if isinstance(given, set) else value)


def _read_number(answer, task):
    return read_number(answer, lambda value: _same_number(value, task.right, task))


def _read_list(answer, task):
    right = list(task.right)
    return read_list(answer, len(right), truth=all(isinstance(x, bool | np.bool_) for x in right))


def _same_number(given, value, task):
    """Equal to as many decimals as are asked for: a rounded answer will do."""
    value = float(value)  # infinite where a median is not reached
    return bool(given == value or abs(given - value) <= 0.5 * 10.0**-task.decimals + 1e-9)


def _mistaken_number(given, value, task):
    """A mistake is told only from near: what is asked for in whole numbers has small relatives."""
    close = abs(given - value) <= 0.02 * abs(value) + 1e-9 or _rounded(given, float(value))
    return _same_number(given, value, task) and (given == value or close)


def _rounded(given, value):
    """Is this the value, rounded to the decimals that are given?"""
    decimals = len(f"{given:.9f}".rstrip("0").partition(".")[2])
    return abs(given - value) <= 0.5 * 10.0**-decimals + 1e-9


def _same_list(given, value, task):
    pairs = list(zip(given, value, strict=False))
    return len(given) == len(list(value)) and all(_same_number(g, v, task) for g, v in pairs)


def _mistaken_list(given, value, task):
    return len(given) == len(list(value)) and all(
        _mistaken_number(g, v, task) for g, v in zip(given, value, strict=True)
    )


def _early_number(given, task):
    """The decimals wanted, when this is the right number with fewer of them; else empty."""
    right = float(task.right)
    near = np.isfinite(right) and 0 < abs(given - right) <= 0.15 * abs(right)
    return WANTED[task.decimals] if task.decimals and near and _rounded(given, right) else ""


def _early_list(given, task):
    """The same for a list: each value right, or right with fewer decimals."""
    right = [float(x) for x in task.right]
    early = [_early_number(g, task._replace(right=r)) for g, r in zip(given, right, strict=True)]
    good = [_same_number(g, r, task) for g, r in zip(given, right, strict=True)]
    return max(early) if all(e or g for e, g in zip(early, good, strict=True)) else ""


def _near_number(given, task):
    """What can be told about a wrong number whatever the exercise is."""
    right = float(task.right)
    if not np.isfinite(right):
        return "Not yet: it is more than any number." if right > 0 else "Not yet."
    if 0 < right <= 1 < given and _is(given / 100, right, task):
        return "That is in percent; the number itself is asked for, between 0 and 1."
    if right > 1 >= given > 0 and _is(given * 100, right, task):
        return "That is a share between 0 and 1; a percentage is asked for."
    if right and _same_number(-given, right, task):
        return "The size is right, the sign is not."
    if right and abs(given - right) <= 0.02 * abs(right):
        return "Very near: keep all digits until the last step."
    return f"Not yet: it is {'less' if given > right else 'more'} than that."


def _is(given, right, task):
    """Right, or right with fewer decimals."""
    return bool(_mistaken_number(given, right, task) or _early_number(given, task))


def _near_list(given, task):
    """What all values have in common; else how many are right, and the first wrong one's place."""
    right = [float(x) for x in task.right]
    good = [_same_number(g, v, task) for g, v in zip(given, right, strict=True)]
    shares = all(0 <= r <= 1 for r in right) and max(given) > 1
    if shares and all(
        _is(g / 100, r, task._replace(right=r)) or g == r * 100
        for g, r in zip(given, right, strict=True)
    ):
        return "Those are percentages; shares between 0 and 1 are asked for."
    if _same_list(given[::-1], right, task):
        return "The values are right, their order is turned round."
    if all(abs(g - r) <= 0.02 * abs(r) for g, r in zip(given, right, strict=True)):
        return "Very near: keep all digits until the last step."
    if not any(good):
        return "Not yet: none of the values is right."
    first = good.index(False) + 1
    return f"Not yet: {sum(good)} of {len(good)} values are right; number {first} is not."


def _near_names(given, task):
    """How many belong, are missing, or do not belong."""
    belong, more, missing = (
        len(s) for s in (given & task.right, given - task.right, task.right - given)
    )
    return (
        f"Not yet: {belong} of your names {'belongs' if belong == 1 else 'belong'} there, "
        f"{more} {'does' if more == 1 else 'do'} not, {missing} "
        f"{'is' if missing == 1 else 'are'} missing."
    )

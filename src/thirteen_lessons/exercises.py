"""What a student meets in a lesson: `check` judges an answer at once, `quiz` folds a question.

A lesson is `chapters/lessons/NN-name.md`; its answers, computed from the cohort, and what is said
to each are `answers/lesson_NN.py` and `.csv` (see `thirteen_lessons.tasks`). An exercise on a page
has a heading `### Exercise N.M (recall)`, `(calculate)` or `(judge)`, the question, a starter cell
that ends in ``check("N.M", ...)`` (which runs as it stands: three dots are "no answer yet"), and a
worked solution: cells tagged `hide-cell` with `jupyter: {source_hidden: true, outputs_hidden:
true}`, so that they are folded on the site and in JupyterLab, the last of which checks itself.
Each begins with the line ``%%solution``, a cell magic that folds what the cell shows as well:
JupyterLab unfolds the outputs of each cell that it runs, and "Run All" would give the answers away.
`tests/test_lessons.py` holds every lesson to that.
"""

import sys
from functools import cache
from html import escape

from IPython import get_ipython
from IPython.display import HTML, display
from IPython.utils.capture import capture_output

from thirteen.data import read_patients
from thirteen_lessons.given import Malformed
from thirteen_lessons.judging import Verdict, as_html, judge
from thirteen_lessons.tasks import lesson_tasks

LETTERS = "abcdefgh"


def check(name: str, answer=...) -> Verdict:
    """Judge the answer to exercise `name`, ``"1.2"`` say. Never raises.

    A right answer is told so, a common mistake by its name, a malformed answer what is asked for.
    """
    name = str(name)
    known = known_tasks(name)
    if name not in known:
        there = f" This lesson has {', '.join(known)}." if known else ""
        return Verdict(False, f"There is no exercise {name!r}.{there}")
    if answer is None or answer is ...:
        return Verdict(None, "No answer yet: put yours in place of the three dots.")
    try:
        return judge(known[name], answer, _cohort()["patient_id"])
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
        f'<details class="option"><summary><b>{letter}</b> {as_html(option)}</summary>'
        f'<p class="verdict {"right" if letter == right else "wrong"}">'
        f"{'✓ Right.' if letter == right else '✗ No.'} {as_html(why)}</p></details>"
        for letter, (option, why) in zip(letters, options.items(), strict=True)
    ]
    return HTML(f'<div class="quiz"><p>{as_html(question)}</p>{"".join(rows)}</div>')


def solution(_line: str, cell: str) -> None:
    """Cell magic ``%%solution``: run the cell, show what it shows folded. Raises what it raises."""
    with capture_output() as seen:
        result = get_ipython().run_cell(cell)
    result.raise_error()
    sys.stderr.write(seen.stderr)  # a warning stays one
    shown = [output.data for output in seen.outputs]
    parts = [f"<pre>{escape(seen.stdout)}</pre>"] if seen.stdout else []
    parts += [d.get("text/html") or f"<pre>{escape(d.get('text/plain', ''))}</pre>" for d in shown]
    display(
        HTML(f'<details class="worked"><summary>Its result</summary>{"".join(parts)}</details>')
    )


if get_ipython():  # in a notebook; an import of this module is all a page should need
    get_ipython().register_magic_function(solution, "cell", "solution")


@cache
def _cohort():
    """The cohort, read once."""
    return read_patients()


@cache
def known_tasks(exercise: str) -> dict:
    """The tasks of the lesson that `exercise` begins with; empty when there is no such lesson."""
    lesson = exercise.partition(".")[0]
    whole = lesson.isascii() and lesson.isdigit()
    return lesson_tasks(int(lesson), _cohort()) if whole else {}

"""A student's answer beside the right one and the known mistakes: what there is to say about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from thirteen.text import escaped
from thirteen_lessons.given import read_letter, read_list, read_names, read_number
from thirteen_lessons.tasks import Task

WANTED = ["a whole number", "one decimal", "two decimals", "three decimals", "four decimals"]
NEAR = "Very near: keep all digits until the last step."
EARLY = "Very near: rounded, the right answer looks like this. Give {}, or all digits."


def as_html(words: str) -> str:
    """Words as HTML with a book's apostrophes; the quotation marks of code stay as typed."""
    return escaped(re.sub(r"(?<=\w)'(?=\w)", "’", words))


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
        return f'<p class="verdict {kind}">{as_html(str(self))}</p>'


def judge(task: Task, answer, names) -> Verdict:
    """Compare with the right answer, then with each known mistake.

    `names` are the patients'. Raises `Malformed` for what is not of the kind that is asked for.
    """
    if isinstance(task.right, str):
        given = read_letter(answer, {task.right, *task.mistakes.values()})
        return _judge_same(task, given, "That is none of the letters.")
    if isinstance(task.right, set | frozenset):
        given = read_names(answer, names)
        return _judge_same(task, given, f"{_near_names(given, task.right)} {task.hint}")
    return _judge_values(task, _read_values(answer, task))


def _judge_same(task, given, otherwise):
    """A letter or names: the same or not."""
    if given == task.right:
        return Verdict(True, f"Right. {task.why}".strip())
    told = [message for message, wrong in task.mistakes.items() if given == wrong]
    return Verdict(False, (told or [otherwise.strip()])[0])


def _judge_values(task, given):
    """One number or several, to the decimals that are asked for."""
    right, decimals = _values(task.right), task.decimals
    if _all(_same, given, right, decimals):
        return Verdict(True, f"Right. {task.why}".strip())
    early = EARLY.format(WANTED[decimals]) if _all(_early, given, right, decimals) else ""
    for message, wrong in task.mistakes.items():
        if _all(_mistaken, given, _values(wrong), decimals):
            return Verdict(False, f"{early} If you did not round: {message}" if early else message)
    near = _near_list if isinstance(task.right, Iterable) else _near_number
    return Verdict(False, early or f"{near(given, right, decimals)} {task.hint}".strip())


def _values(answer):
    """One or several values as floats; infinite where a median is not reached."""
    return [float(x) for x in (answer if isinstance(answer, Iterable) else [answer])]


def _read_values(answer, task):
    if not isinstance(task.right, Iterable):
        right = float(task.right)
        return [read_number(answer, lambda value: _same(value, right, task.decimals))]
    right = list(task.right)
    return read_list(answer, len(right), truth=all(isinstance(x, bool | np.bool_) for x in right))


def _all(holds, given, values, decimals):
    """As many as there should be, and each of them so."""
    pairs = zip(given, values, strict=False)
    return len(given) == len(values) and all(holds(g, v, decimals) for g, v in pairs)


def _same(given, value, decimals):
    """Equal to as many decimals as are asked for: a rounded answer will do."""
    return bool(given == value or abs(given - value) <= 0.5 * 10.0**-decimals + 1e-9)


def _mistaken(given, value, decimals):
    """A mistake is told only from near: what is asked for in whole numbers has small relatives."""
    close = abs(given - value) <= 0.02 * abs(value) + 1e-9 or _rounded(given, value)
    return _same(given, value, decimals) and (given == value or close)


def _rounded(given, value):
    """Is this the value, rounded to the decimals that are given?"""
    decimals = len(f"{given:.9f}".rstrip("0").partition(".")[2])
    return abs(given - value) <= 0.5 * 10.0**-decimals + 1e-9


def _fewer(given, right, decimals):
    """Right, but with fewer decimals than are asked for."""
    near = np.isfinite(right) and 0 < abs(given - right) <= 0.15 * abs(right)
    return bool(decimals and near and _rounded(given, right))


def _early(given, right, decimals):
    return _same(given, right, decimals) or _fewer(given, right, decimals)


def _meant(given, right, decimals):
    """Right on this scale, were it not for another one."""
    return _mistaken(given, right, decimals) or _fewer(given, right, decimals)


def _near_number(given, right, decimals):
    """What can be told about a wrong number whatever the exercise is."""
    (given,), (right,) = given, right
    if not np.isfinite(right):
        return "Not yet: it is more than any number." if right > 0 else "Not yet."
    if 0 < right <= 1 < given and _meant(given / 100, right, decimals):
        return "That is in percent; the number itself is asked for, between 0 and 1."
    if right > 1 >= given > 0 and _meant(given * 100, right, decimals):
        return "That is a share between 0 and 1; a percentage is asked for."
    if right and _same(-given, right, decimals):
        return "The size is right, the sign is not."
    if right and abs(given - right) <= 0.02 * abs(right):
        whole = decimals == 0 and right == round(right)
        return "Very near, but a count is exact: count again." if whole else NEAR
    return f"Not yet: it is {'less' if given > right else 'more'} than that."


def _near_list(given, right, decimals):
    """What all values have in common; else how many are right, and the first wrong one's place."""
    pairs = list(zip(given, right, strict=True))
    shares = all(0 <= r <= 1 for r in right) and max(given) > 1
    if shares and all(_meant(g / 100, r, decimals) for g, r in pairs):
        return "Those are percentages; shares between 0 and 1 are asked for."
    if _all(_same, given[::-1], right, decimals):
        return "The values are right, their order is turned round."
    if all(abs(g - r) <= 0.02 * abs(r) for g, r in pairs):
        return NEAR
    if shares:
        return "Shares between 0 and 1 are asked for; divide percentages by 100, and check again."
    good = [_same(g, r, decimals) for g, r in pairs]
    if not any(good):
        return "Not yet: none of the values is right."
    first, right_ones = good.index(False) + 1, sum(good)
    are = "is" if right_ones == 1 else "are"
    return f"Not yet: {right_ones} of {len(good)} values {are} right; number {first} is not."


def _near_names(given, right):
    """How many belong, are missing, or do not belong."""
    belong, more, missing = len(given & right), len(given - right), len(right - given)
    return (
        f"Not yet: {belong} of your names {'belongs' if belong == 1 else 'belong'} there, "
        f"{more} {'does' if more == 1 else 'do'} not, {missing} "
        f"{'is' if missing == 1 else 'are'} missing."
    )

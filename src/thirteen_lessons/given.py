"""What a student gave, read as what is asked for; `Malformed` says in words why it cannot be."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

import numpy as np
import pandas as pd

from thirteen.text import counted, listed

TRUE_TEXT = (
    "That is text. “True” in quotation marks is a word, and even the word “False” counts as true. "
    'Write True without them; a column of words is compared: column == "True".'
)
PARTS = (
    "test_statistic",
    "p_value",
    "statistic",
    "pvalue",
    "hazard_ratios_",
    "params_",
    "median_survival_time_",
    "low",
    "high",
)


class Malformed(Exception):  # noqa: N818 - it carries a message to the student, not a fault
    """The answer is not of the kind that is asked for."""


def read_number(answer, wanted=None) -> float:
    """The answer as a float; a series or an array of one will do.

    `wanted` tells for a value whether it is the one asked for: of a library's result object the
    attribute that holds it is named.
    """
    if isinstance(answer, str):
        raise Malformed(_about_text(answer))
    if isinstance(answer, bool | np.bool_):
        raise Malformed("That is a truth value (True or False); a number is asked for.")
    if parts := _parts(answer, wanted):
        kind = type(answer).__name__
        raise Malformed(f"That is a whole result ({kind}); take one number out of it: {parts}.")
    if callable(answer):
        raise Malformed("That is a function, not its result: call it, with () after its name.")
    if isinstance(answer, Iterable):
        answer = list(answer) if isinstance(answer, Iterator) else answer  # it can be read once
        values = flat(answer)
        if len(values) != 1 or isinstance(values[0], Iterable) or isinstance(answer, dict):
            raise Malformed(f"One number is asked for; that is {_described(answer)}.")
        return read_number(values[0], wanted)
    try:
        value = float(answer)
    except (TypeError, ValueError):
        kind = type(answer).__name__
        raise Malformed(f"A number is asked for; that is of the kind {kind!r}.") from None
    if np.isnan(value):
        raise Malformed("That is NaN, “not a number”: some step before has no result.")
    return value


def _about_text(answer):
    """Why text is no number."""
    if answer.strip() in ("True", "False"):
        return TRUE_TEXT
    number = re.fullmatch(r"[-+.]?\d[-+\d.,/e %]*", answer.strip())
    return f"That is text; a number is asked for{' without the quotation marks' if number else ''}."


def _parts(answer, wanted):
    """Attributes of a library's result that hold a number, the right one alone if it is there."""
    found = {}
    for name in PARTS if not isinstance(answer, type | np.generic | np.ndarray) else ():
        with suppress(Exception):  # a property may refuse
            value = np.ravel(getattr(answer, name))
            found |= {name: value[0]} if value.size == 1 and np.isfinite(value[0]) else {}
    right = [name for name, value in found.items() if wanted and wanted(value)]
    return listed(f".{name}" for name in right or found) if found else ""


def read_list(answer, length: int, truth: bool = False) -> list:
    """The answer as a list of `length` floats (`truth`: of truth values, as 0.0 and 1.0)."""
    if isinstance(answer, pd.DataFrame) and answer.shape[1] == 1:
        answer = answer.iloc[:, 0]
    if isinstance(answer, str | dict | pd.DataFrame) or not isinstance(answer, Iterable):
        more = ": take one column, frame[name]" if isinstance(answer, pd.DataFrame) else ""
        raise Malformed(
            f"A list of {length} values is asked for; that is {_described(answer)}{more}."
        )
    values = flat(answer)
    if len(values) != length:
        raise Malformed(f"A list of {length} values is asked for; yours has {len(values)}.")
    found = []
    for place, value in enumerate(values, 1):
        try:
            yes_or_no = isinstance(value, bool | np.bool_)
            found.append(float(value) if yes_or_no else read_number(value))
        except Malformed as reason:
            said = str(reason)
            if truth:
                said = re.sub("[Aa] number is", "True or False is", said)
            raise Malformed(f"In place {place} of your list: {said}") from None
    return found


def read_names(answer, known) -> set:
    """The answer as a set of names out of `known`; rows of a frame, or a list in one text, will do.

    In capitals, however they were written.
    """
    if isinstance(answer, pd.DataFrame) and "patient_id" in answer:
        answer = answer["patient_id"]
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if not isinstance(answer, Iterable) or isinstance(answer, pd.DataFrame | dict):
        raise Malformed(
            f'A list of names is asked for, like ["P01"]; that is {_described(answer)}.'
        )
    values = flat(answer)
    if not all(isinstance(value, str) for value in values):
        raise Malformed(
            'Names are asked for, in quotation marks: patients.loc[rows, "patient_id"] '
            "names the rows for which something is True."
        )
    found = {value.strip().upper() for value in values}
    if strangers := sorted(found - set(known)):
        raise Malformed(f"No row of the cohort has the name {strangers[0]!r}. One is {min(known)}.")
    return found


def read_letter(answer, letters) -> str:
    """The answer as a small letter."""
    answer = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
    if not isinstance(answer, str) or len(answer.strip(" ().'\"")) != 1:
        shown = ", ".join(f'"{letter}"' for letter in sorted(letters))
        raise Malformed(f"Answer with one letter in quotation marks: {shown}.")
    return answer.strip(" ().'\"").lower()


def flat(answer) -> list:
    """What a collection holds, row by row where it is a table."""
    table = isinstance(answer, np.ndarray | pd.DataFrame)
    return np.asarray(answer).ravel().tolist() if table else list(answer)


def _described(answer):
    """What an answer is, in plain words."""
    if isinstance(answer, pd.DataFrame):
        return f"a table of {counted(len(answer), 'row')} and {counted(answer.shape[1], 'column')}"
    if isinstance(answer, str):
        return "text"
    if isinstance(answer, tuple) and [type(x) for x in answer] == [int, int]:  # 62,1
        return "a collection of 2 values (a decimal number has a point, not a comma)"
    if isinstance(answer, Iterable):
        kind = "dictionary" if isinstance(answer, dict) else "collection"
        return f"a {kind} of {counted(len(flat(answer)), 'value')}"
    return "a single value"

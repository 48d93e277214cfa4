"""Lesson 11: reading a paper critically."""

from functools import cache

import numpy as np
from scipy.stats import norm

from recohort.paper.reading import number_of
from recohort.paper.rounding import round_to
from thirteen.data import read_data
from thirteen.text import number
from thirteen_lessons.exercises import Task

CELL = "table3.metastases.six_or_more.percent"
RATIO = "results.hazard_ratio.nsclc"
LINES = {  # what is shown: the place of the count, of its denominator, of the result, and words
    "Table 1: left kidney, {} of {} tumors ({}%)": (
        "table1.tumors.left.n",
        "table1.tumors.n",
        "table1.tumors.left.percent",
        100,
    ),
    "Table 1: right kidney, {} of {} tumors ({}%)": (
        "table1.tumors.right.n",
        "table1.tumors.n",
        "table1.tumors.right.percent",
        100,
    ),
    "Methods: {} tumors in {} patients ({} tumors per patient)": (
        "table1.tumors.n",
        "methods.n",
        "methods.tumors_per_patient",
        1,
    ),
    "Results: {} tumors in {} sessions ({} tumors per session)": (
        "results.tumors.n",
        "results.sessions.n",
        "results.tumors_per_session",
        1,
    ),
    "Results: minor complications in {} of {} sessions ({}%)": (
        "results.minor.numerator",
        "results.minor.denominator",
        "results.minor.percent",
        100,
    ),
    "Results: hydrodissection in {} sessions ({}%, {}/{})": None,
    "Discussion, another study: {} of {} patients alive without disease ({}%)": (
        "discussion.other_study.alive.numerator",
        "discussion.other_study.alive.denominator",
        "discussion.other_study.alive.percent",
        100,
    ),
    "Methods: {} of {} patients treated in the institution are in the study ({}%)": (
        "methods.institution.numerator",
        "methods.institution.denominator",
        "methods.institution.percent",
        100,
    ),
}


def tasks(_patients) -> dict:
    """The exercises by name, from the paper's printed numbers."""
    value = _printed()
    return {
        "11.1": _grim(),
        "11.2": _smallest_n(value),
        "11.3": _p_value(*(float(value[f"{RATIO}{end}"]) for end in ("", ".lower", ".upper"))),
        "11.4": _page(value),
        "11.5": _cut(),
    }


def page_of_slips(published) -> list:
    """The lines of exercise 11.4, filled with printed numbers."""
    value = published.set_index("id")["printed"].map(number_of)
    return [line.format(*_parts(value, places)) for line, places in LINES.items()]


def _parts(value, places):
    if places is None:
        ends = ("numerator", "percent", "numerator", "denominator")
        return [value[f"results.hydrodissection.{end}"] for end in ends]
    return [value[place] for place in places[:3]]


@cache
def _printed():
    return read_data()[0].set_index("id")["printed"].map(number_of)


def _grim():
    return Task(
        right="b",
        mistakes={
            "How likely a mean is plays no part; whether it is possible does.": "a",
            "A mean beyond the range would be a slip, but that is an easier check.": "c",
            "Mean and median need not agree.": "d",
        },
        why="Between the means that n whole numbers can have there are gaps.",
    )


def _smallest_n(value):
    cell = value[CELL]
    fits = [n for n in range(1, 200) if any(number(100 * k / n) == cell for k in range(n + 1))]
    nearest = [
        n
        for n in range(1, 200)
        if any(round(100 * k / n) == round(float(cell)) for k in range(n + 1))
    ]
    return Task(
        right=fits[0],
        mistakes={
            "Possible, but not the smallest.": fits[1],
            "That is the group's own n: no count of so many patients prints it.": int(
                value["table3.n"]
            ),
            "That comes near, but prints another digit. All digits count.": nearest[0],
            "That is the count; n is asked for, the number below the line.": int(
                value["table3.metastases.six_or_more.n"]
            ),
        },
        why="The number of tumors: a share of tumors explains it, and so does a mistyped digit.",
        hint="Two loops: for each n, for each k up to n, compare the printed text.",
    )


def _p_value(ratio, lower, upper):
    width = np.log(upper) - np.log(lower)
    error = width / (2 * norm.isf(0.025))
    z = np.log(ratio) / error
    return Task(
        right=2 * norm.sf(z),
        mistakes={
            "That is one side; P counts deviations in both directions: twice that.": norm.sf(z),
            "That is z, the log ratio in standard errors; norm.sf makes a P of it.": z,
            "You forgot the logarithms: limits of a ratio are even on the log scale.": 2
            * norm.sf((ratio - 1) / ((upper - lower) / (2 * norm.isf(0.025)))),
            "The interval is two times 1.96 standard errors wide, not one time.": 2
            * norm.sf(np.log(ratio) * norm.isf(0.025) / width),
        },
        why="It prints as in the paper with two decimals. Estimate, limits and P agree.",
        hint="z is log(ratio) divided by its standard error; the limits give the error.",
        decimals=3,
    )


def _page(value):
    right = [
        places is not None and _fits(*_parts(value, places), places[3]) for places in LINES.values()
    ]
    arithmetic = [
        places is None or fits for places, fits in zip(LINES.values(), right, strict=True)
    ]
    cut = right.copy()
    cut[
        list(LINES).index(
            "Discussion, another study: {} of {} patients alive without disease ({}%)"
        )
    ] = True
    return Task(
        right=right,
        mistakes={
            "As arithmetic all of it is right. But in one line the count is of sessions, and what "
            "stands below it are tumors.": arithmetic,
            "One that you let pass was cut off, not rounded: look at the third decimal.": cut,
            "The other way round: True means that it can be right.": [not fits for fits in right],
        },
        why="Half of these lines were chosen because they fail; in the paper they are few.",
        hint="Divide, round to the printed decimals, compare; then ask what is counted.",
    )


def _fits(k, n, printed, factor):
    decimals = len(printed.partition(".")[2])
    return str(round_to(factor * int(k) / int(n), decimals)) == printed


def _cut():
    return Task(
        right="b",
        mistakes={
            "They are, until the upper one meets 100. There is no survival above that.": "a",
            "The formula does give 104, and nobody would print it.": "c",
            "The lower limit and the rate say a good deal: their distance is two standard "
            "errors.": "d",
        },
        why="A formula that has to be cut is a weak one; Lesson 3 has better ones.",
    )

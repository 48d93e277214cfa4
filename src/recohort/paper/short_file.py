"""The printed numbers of a paper of your own: a short CSV, checked before anything is searched.

Every fault is a sentence: file, row, column, what stands there, what should. A number that the
search would not look at is a fault too, so that none is read and then silently left out.
"""

import re
from fractions import Fraction
from pathlib import Path

import pandas as pd

from recohort.paper.files import PublishedError, fault, is_number, read_lines, require
from recohort.paper.line import checked_line
from recohort.paper.options import NAMED, TEXTBOOK, read_options
from recohort.paper.reading import PUBLISHED_COLUMNS, parse_arguments
from recohort.paper.statistics import DASHES, PATIENTS

NEEDED = ("statistic", "arguments", "printed")
LARGEST = 30  # patients: a set of them is one number of 64 bits, and orders are many
LONGEST, DIGITS = 200, 20  # signs in a cell, and in a printed number
TAKEN = {"solution", "patient", "patient_id", "place", "earliest", "latest", "time", "event"}
ENDED = {"died", "dead", "death", "deaths", "alive", "censored"}
MEDIANS = ("median_survival", "median_survival_lower", "median_survival_upper")
SPSS = (
    "no limits if these are SPSS's, 1.96 of its standard errors to either side: enter the median, "
    "leave its limits out; if not SPSS's, name the scale in both lines: interval_scale=log"
)


def read_own(path: str | Path) -> pd.DataFrame:
    """The printed numbers of a short file (`statistic`, `arguments`, `printed`), checked.

    Returns the rows of `published.csv`. A column that a filter names is a factor, the values
    that filters give it are its levels. Raises PublishedError with the row, the column, what
    stands there and what should, at the first fault.
    """
    lines = list(_lines(path))
    size = _size(path, lines)
    frame = pd.DataFrame(
        [checked_line(path, *line, size) for line in lines], columns=PUBLISHED_COLUMNS, dtype=str
    )
    parsed = [(line, name, *parse_arguments(text), printed) for line, name, text, printed in lines]
    _check_levels(path, parsed)
    _check_compared(path, parsed, size)
    _check_patients(path, lines, size)
    _check_medians(path, parsed)
    _check_copies(path, parsed)
    return frame


def read_conventions(path: str | Path) -> dict[str, str]:
    """A file with the columns `convention`, `option` and perhaps `meaning`, over a textbook's.

    Lines for a single `block` of this paper say nothing about another one.
    """
    return read_options(path, TEXTBOOK, NAMED, loose=True)[""]


def _lines(path):
    """Each line's number with its statistic, arguments and printed number."""
    for line, row in read_lines(path, NEEDED, ["note"], loose=True):
        for name in NEEDED:
            most = DIGITS if name == "printed" else LONGEST
            if len(row[name]) > most:
                found, expected = f"{len(row[name])} signs", f"{most} at the most"
                raise PublishedError(fault(path, line, name, found, expected))
        yield line, *(row[name] for name in NEEDED)


def _size(path, lines):
    """The number of all patients, which bounds all other counts."""
    own = [(line, printed) for line, *asked, printed in lines if asked == ["count", ""]]
    if not own:
        expected = "a row with the number of all patients: count,,13"
        raise PublishedError(fault(path, 2, "statistic", "no such row", expected))
    line, printed = own[0]
    good = re.fullmatch("[0-9]+", printed) and 2 <= int(printed) <= LARGEST
    expected = f"2 to {LARGEST} patients: beyond these, cohorts are too many to tell apart"
    require(good, path, line, "printed", printed, expected)
    return int(printed)


def _check_levels(path, lines):
    """A factor has one name, none of the columns of the answer; each of its levels is counted."""
    groups, counted, first = [], set(), {}
    for line, statistic, filters, options, _ in lines:
        named = [(column, value) for column, _, value in filters]
        groups += [(line, *group) for group in named if group[0] not in ("time", "event")]
        if "adjusted_for" in dict(options):
            column, _, value = dict(options)["adjusted_for"].partition("=")
            groups.append((line, column, value))
        if statistic == "count" and len(named) == 1:
            counted |= {*named}
    for line, column, _ in groups:
        expected = f"another name for the factor: {column} is a column of the answer"
        require(column.lower() not in TAKEN, path, line, "arguments", column, expected)
        expected = "event=True for the dead, event=False for the others"
        require(column.lower() not in ENDED, path, line, "arguments", column, expected)
        before = first.setdefault(column.lower(), column)
        expected = f"{before}, as in the rows above"
        require(column == before, path, line, "arguments", column, expected)
    for line, column, value in groups:
        if (column, value) not in counted:
            expected = f"a row that counts it: count,{column}={value},... (or another spelling)"
            raise PublishedError(fault(path, line, "arguments", f"{column}={value}", expected))


def _check_compared(path, lines, size):
    """Groups that are compared together are counted, and are all patients."""
    counts = {f[0]: n for _, name, f, _, n in lines if name == "count" and len(f) == 1}
    for line, _, _, options, _ in lines:
        column = dict(options).get("by")
        if column:
            of_column = [n for (*name, _), n in counts.items() if name == [column, "="]]
            own = [int(n) for n in of_column if n.isdecimal()]
            found = f"by={column}, of which {len(own)} groups with {sum(own)} patients are counted"
            expected = f"a count of each of its groups, {size} patients together"
            if len(own) < 2 or sum(own) != size:
                raise PublishedError(fault(path, line, "arguments", found, expected))


def _check_patients(path, lines, size):
    """Single patients are no more than all, and what is said of one does not change."""
    known = {}
    for line, statistic, arguments, _ in lines:
        if statistic in PATIENTS:
            filters, options = parse_arguments(arguments)
            own = known.setdefault(dict(options)["id"], {})
            good = len(known) <= size
            require(good, path, line, "arguments", arguments, f"one of {size} patients")
            for column, operator, value in filters:
                before, other = own.setdefault((column, operator), (line, value))
                expected = f"{column}{operator}{other}, as in row {before}, of the same patient"
                good = value == other or operator != "="
                require(good, path, line, "arguments", f"{column}={value}", expected)


def _check_medians(path, lines):
    """Limits as far below a median as above it are SPSS's, unless a scale is named."""
    medians = {}
    for line, statistic, filters, options, printed in lines:
        if statistic in MEDIANS and is_number(printed) and "interval_scale" not in dict(options):
            medians.setdefault(filters, {})[statistic] = line, printed
    for own in (own for own in medians.values() if len(own) == len(MEDIANS)):
        (_, middle), (line, low), (_, high) = (own[name] for name in MEDIANS)
        decimals = min(len(text.partition(".")[2]) for text in (middle, low, high))
        apart = abs(Fraction(low) + Fraction(high) - 2 * Fraction(middle))
        good = low == high or apart > Fraction(2, 10**decimals)
        found = f"{low} to {high}, with {middle} in the middle"
        require(good, path, line, "printed", found, SPSS)


def _check_copies(path, lines):
    """A number that is printed twice is the same; with other decimals it may look different."""
    first = {}
    for line, statistic, filters, options, printed in lines:
        sign = re.match("[<>≤≥=]*", printed)[0]  # a bound beside a number is another one
        decimals = len(printed.partition(".")[2])
        key = statistic, frozenset(filters + options)
        before, other = first.setdefault((*key, sign, decimals), (line, printed))
        good = statistic in DASHES + PATIENTS or other == printed
        expected = f"{other}, as in row {before}; keep the one that is right, or try each"
        require(good, path, line, "printed", printed, expected)

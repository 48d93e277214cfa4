"""The printed figures of a paper of your own: a short CSV, checked before anything is searched.

Every fault is a sentence: file, row, column, what stands there, what should. A figure that the
search would not look at is a fault too, so that none is read and then silently left out.
"""

import csv
import re
from pathlib import Path

import pandas as pd

from recohort.paper.reading import (
    DASHES,
    PUBLISHED_COLUMNS,
    PublishedError,
    fault,
    parse_arguments,
)
from recohort.paper.statistics import CONVENTIONS, REGISTRY
from recohort.survival.problem import COUNTS, RATES, TESTS, TIMES
from recohort.validation.printers import TEXTBOOK

NEEDED = ("statistic", "arguments", "printed")
ALLOWED = (*NEEDED, "note")  # a note is for the reader; the search does not look at it
EXAMPLES = {"at": "at=12", "q": "q=0.25", "column": "column=time"}
LARGEST = 15  # patients: the search lists every pattern of deaths
NUMBERS_OF = COUNTS[:2]  # count and percent
USED = (*NUMBERS_OF, *RATES, *TESTS, *TIMES)
SHARES = ("percent", *RATES)
P_VALUES = ("p_value", "hazard_ratio_p")
OPTIONS_USED = ("at", "q", "column", "adjusted_for")
COMPARED = ("<", "<=", ">", ">=")  # of times
FIGURE = (
    "one number as printed, such as 83.3 or 0.08: digits and a point, no sign and no %; "
    "54.0 is not 54, and a figure printed with < or > is left out"
)


def read_own(path) -> pd.DataFrame:
    """The printed figures of a short file (`statistic`, `arguments`, `printed`), checked.

    Returns the rows of `published.csv`. A column that a filter names is a factor, the values
    that filters give it are its levels. Raises PublishedError with the row, the column, what
    stands there and what should, at the first fault.
    """
    lines = list(_lines(path, NEEDED, ALLOWED))
    size = _size(path, lines)
    frame = pd.DataFrame([_row(path, *line, size) for line in lines],
                         columns=PUBLISHED_COLUMNS, dtype=str)  # fmt: skip
    _check_levels(path, lines)
    _check_copies(path, lines)
    return frame


def read_conventions(path) -> dict:
    """A file with the columns `convention`, `option` and perhaps `meaning`, over a textbook's.

    Lines for a single `block` of this paper say nothing about another one.
    """
    chosen, needed = {}, ("convention", "option")
    for line, name, option, block in _lines(path, needed, (*needed, "meaning"), ("block",)):
        if block:
            continue
        if name not in CONVENTIONS:
            expected = "one of " + ", ".join(CONVENTIONS)
            raise PublishedError(fault(path, line, "convention", repr(name), expected))
        known = CONVENTIONS[name]
        if option not in known:
            raise PublishedError(fault(path, line, "option", repr(option), _one_of(known)))
        chosen[name] = option
    return TEXTBOOK | chosen


def _one_of(names):
    return names[0] if len(names) == 1 else "one of " + ", ".join(names)


def _text(path):
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = f"the byte {error.object[error.start]:#x}"
        expected = "text in UTF-8; save it as CSV UTF-8"
        raise PublishedError(fault(path, line, "any", found, expected)) from None


def _lines(path, needed, allowed=None, more=()):
    """Each line's number with the cells of the `needed` columns; empty lines are passed over.

    Then those of `more` columns, which a file need not have.
    """
    allowed = (*(allowed or needed), *more)
    table = [(n, [cell.strip() for cell in row])
             for n, row in enumerate(csv.reader(_text(path).splitlines()), start=1)]  # fmt: skip
    (first, header), *rows = [(n, row) for n, row in table if any(row)] or [(1, [])]
    header = [name.lower() for name in header]
    for column in needed:
        if header.count(column) != 1:
            found = ", ".join(header) or "nothing"
            expected = f"a first line that names {', '.join(needed)}, with commas between them"
            raise PublishedError(fault(path, first, column, found, expected))
    for column in header:
        if column not in allowed:
            expected = "only " + ", ".join(allowed)
            raise PublishedError(fault(path, first, column, repr(column), expected))
    for line, row in rows:
        if len(row) != len(header):
            expected = f'{len(header)}; a cell with a comma in it needs "quotes"'
            raise PublishedError(fault(path, line, header[0], f"{len(row)} cells", expected))
        cells = dict(zip(header, row, strict=True))
        yield line, *(cells[name] for name in needed), *(cells.get(name, "") for name in more)


def _size(path, lines):
    """The number of all patients, which bounds all other counts."""
    line, printed = next(
        ((n, p) for n, statistic, arguments, p in lines if (statistic, arguments) == ("count", "")),
        (2, None),
    )
    if printed is None:
        expected = "a row with the number of all patients: count,,13"
        raise PublishedError(fault(path, line, "statistic", "no such row", expected))
    if not re.fullmatch("[0-9]+", printed) or not 2 <= int(printed) <= LARGEST:
        expected = f"2 to {LARGEST} patients: every pattern of deaths is listed"
        raise PublishedError(fault(path, line, "printed", repr(printed), expected))
    return int(printed)


def _row(path, line, statistic, arguments, printed, size):
    """One checked row of `published.csv`."""
    if statistic not in USED:
        raise PublishedError(fault(path, line, "statistic", repr(statistic), _one_of(USED)))
    dash = printed in ("-", "–", "—")
    if dash != (statistic in DASHES):
        expected = ("curve_at_zero or follow_up_ended for a dash" if dash else
                    "a dash (-) in the column printed")  # fmt: skip
        raise PublishedError(fault(path, line, "statistic", repr(statistic), expected))
    expected = None if dash else _wrong_figure(statistic, printed, size)
    if expected:
        raise PublishedError(fault(path, line, "printed", repr(printed), expected))
    try:
        filters, options = parse_arguments(arguments)
    except ValueError as error:
        expected = "pieces such as at=12; sex=male (a name is one word)"
        raise PublishedError(fault(path, line, "arguments", f"{error}", expected)) from None
    found, expected = _wrong_options(statistic, options) or _wrong_groups(statistic, filters)
    if expected:
        raise PublishedError(fault(path, line, "arguments", repr(found or arguments), expected))
    fact = ".".join((statistic.removesuffix("_lower").removesuffix("_upper"), arguments))
    kind = "dash" if dash else "number"
    return [f"row_{line}", fact, "", "", "", kind, printed, "", statistic, arguments, ""]


def _wrong_figure(statistic, printed, size):
    """What should stand in place of a printed figure that cannot be; None if it can."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", printed):
        return FIGURE
    if statistic == "count" and not (printed.isdigit() and int(printed) <= size):
        return f"a whole number, {size} at the most: there are {size} patients"
    if statistic in SHARES and float(printed) > 100:
        return "a percentage, 0 to 100"
    if statistic in P_VALUES and float(printed) > 1:
        return "a P value, 0 to 1"
    return None


def _wrong_options(statistic, options):
    """An option that cannot be, with what should stand there; empty where all is well."""
    named = dict(options)
    for name in sorted(REGISTRY[statistic].required - set(named)):
        return "", f"{name}=..., for instance {EXAMPLES[name]}"
    takes = REGISTRY[statistic].required | REGISTRY[statistic].optional
    for name, value in options:
        if name not in OPTIONS_USED or name not in takes or len(named) < len(options):
            taken = [o for o in OPTIONS_USED if o in takes]
            return f"{name}={value}", (
                f"once each, of options, only {', '.join(taken)}" if taken else "groups only"
            )
    if "at" in named and not _number(named["at"], above=0):
        return f"at={named['at']}", "a time above 0 in the unit of the paper's times: at=12"
    if "q" in named and not (_number(named["q"], above=0) and float(named["q"]) < 1):
        return f"q={named['q']}", "a share between 0 and 1: q=0.25"
    if named.get("column", "time") != "time":
        return f"column={named['column']}", (
            "column=time; of other columns than follow-up the search uses only groups"
        )
    return ()


def _wrong_groups(statistic, filters):
    """A filter that the search would not use, with what should stand there; two empty texts."""
    groups = [f for f in filters if f[0] not in ("time", "event")]
    for column, operator, value in filters:
        piece = f"{column}{operator}{value}"
        if column in ("time", "event") and statistic not in NUMBERS_OF:
            return piece, "time and event in counts and percentages only"
        if column == "time" and not (operator in COMPARED and _number(value)):
            return piece, "a number: time>=12"
        if column == "event" and (operator != "=" or value not in ("True", "False")):
            return piece, "event=True for the dead, event=False for the others"
        if column not in ("time", "event") and operator not in ("=", "!="):
            return piece, f"a group by its name, such as {column}=yes or {column}!=yes"
    if statistic in TESTS and not groups:
        return "", "the group that is compared with all others, such as sex=male"
    if len(groups) > 1 and statistic not in NUMBERS_OF:
        return "", "one group at a time; only counts and percentages may name several"
    return "", ""


def _number(text, above=-1):
    return re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) is not None and float(text) > above


def _groups(arguments):
    """The levels that a row's arguments name, as (column, value)."""
    filters, options = parse_arguments(arguments)
    other = dict(options).get("adjusted_for", "").partition("=")
    named = [(column, value) for column, _, value in filters if column not in ("time", "event")]
    return named + ([(other[0], other[2])] if other[1] else [])


def _check_levels(path, lines):
    """Each level has a count of its own: a misspelled one has none."""
    counts = [arguments for _, statistic, arguments, _ in lines if statistic == "count"]
    counted = {_groups(a)[0] for a in counts if len(parse_arguments(a)[0]) == 1 and _groups(a)}
    for line, _, arguments, _ in lines:
        for column, value in _groups(arguments):
            if (column, value) not in counted:
                expected = f"a row that counts it: count,{column}={value},... (or another spelling)"
                raise PublishedError(fault(path, line, "arguments", f"{column}={value}", expected))


def _check_copies(path, lines):
    """A figure that is printed twice is the same; with other decimals it may look different."""
    first = {}
    for line, statistic, arguments, printed in lines:
        decimals = len(printed.partition(".")[2])
        key = statistic, frozenset(parse_arguments(arguments)[0] + parse_arguments(arguments)[1])
        before, other = first.setdefault((*key, decimals), (line, printed))
        if statistic not in DASHES and other != printed:
            expected = f"{other}, as in row {before}; keep the one that is right, or try each"
            raise PublishedError(fault(path, line, "printed", repr(printed), expected))

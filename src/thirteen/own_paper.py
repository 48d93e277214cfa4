"""A paper of your own: a short CSV of printed figures in, all cohorts that print them out."""

import csv
import re
from pathlib import Path

import pandas as pd
from lifelines.datasets import load_g3

from thirteen.cohort import NOTICE
from thirteen.published import (
    DASHES,
    PUBLISHED_COLUMNS,
    PublishedError,
    fault,
    parse_arguments,
)
from thirteen.registry import CONVENTIONS, REGISTRY
from thirteen.search.cohorts import timed
from thirteen.search.problem import COUNTS, RATES, TESTS, TIMES
from thirteen.search.times import STEP, scale_of
from thirteen.validation.rebuild import Rebuilt, rebuild
from thirteen.validation.template import TEXTBOOK, Template, print_paper

NEEDED = ("statistic", "arguments", "printed")
ALLOWED = (*NEEDED, "note")  # a note is for the reader; the search does not look at it
EXAMPLES = {"at": "at=12", "q": "q=0.25", "column": "column=time"}
LARGEST = 15  # patients: the search lists every pattern of deaths
USED = (*COUNTS[:2], *RATES, *TESTS, *TIMES)


def read_own(path) -> pd.DataFrame:
    """The printed figures of a short file (`statistic`, `arguments`, `printed`), checked.

    Returns the rows of `published.csv`. A column that a filter names is a factor, the values
    that filters give it are its levels. Raises PublishedError with the row, the column, what
    stands there and what should, at the first fault.
    """
    rows = _cells(path)
    frame = pd.DataFrame([_row(path, number + 2, *cells) for number, cells in enumerate(rows)],
                         columns=PUBLISHED_COLUMNS, dtype=str)  # fmt: skip
    _check_levels(path, frame)
    _check_size(path, frame)
    return frame


def search_own(path, conventions: dict | None = None) -> tuple[pd.DataFrame, Rebuilt]:
    """The file's figures, and every order with groups that prints them (within bounds).

    `conventions` are those of a textbook if not given.
    """
    published = read_own(path)
    return published, rebuild(published, conventions or TEXTBOOK)


def read_conventions(path) -> dict:
    """A file with the columns `convention` and `option`, over those of a textbook."""
    table = pd.read_csv(path, dtype=str)
    for line, row in enumerate(table.itertuples(), start=2):
        known = CONVENTIONS.get(row.convention)
        if known is None:
            expected = "one of " + ", ".join(CONVENTIONS)
            raise PublishedError(fault(path, line, "convention", repr(row.convention), expected))
        if row.option not in known:
            expected = "one of " + ", ".join(known)
            raise PublishedError(fault(path, line, "option", repr(row.option), expected))
    return TEXTBOOK | dict(zip(table["convention"], table["option"], strict=True))


def solutions_frame(found: Rebuilt) -> pd.DataFrame:
    """One row a patient of each solution, in order of time.

    `solution`, `patient`, `event`, a column a factor, `earliest` and `latest` (months; bounds of
    each time alone).
    """
    scale = scale_of([r for r in found.problem.rows if r.statistic in TIMES])
    rows = []
    for number, joint in enumerate(found.solutions, start=1):
        for i in range(found.problem.size):
            row = {"solution": number, "patient": i + 1, "event": bool(joint.pattern >> i & 1)}
            row |= {c: _level(found, joint, c, i) for c, _ in found.problem.columns}
            low, high = -(-joint.low[i] // STEP) * STEP, joint.high[i] // STEP * STEP
            rows.append(row | {"earliest": float(low) / scale, "latest": float(high) / scale})
    return pd.DataFrame(rows)


def first_cohort(found: Rebuilt) -> pd.DataFrame:
    """The first solution with the first times that print everything: `patient_id`, `time`, ..."""
    joint = found.solutions[0]
    scale = scale_of([r for r in found.problem.rows if r.statistic in TIMES])
    cohort = next(timed(found.problem, joint, scale))
    places = range(found.problem.size)
    frame = pd.DataFrame({"patient_id": [f"P{i + 1:02d}" for i in places], "time": cohort.times})
    frame["event"] = [bool(joint.pattern >> i & 1) for i in places]
    for column, _ in found.problem.columns:
        frame[column] = [_level(found, joint, column, i) for i in places]
    return frame


def write_own(path, out, conventions=None) -> str:
    """Search and write `patients.csv`, `solutions.csv` and a note; returns a sentence to say."""
    published, found = search_own(path, conventions)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    said = verdict(found)
    if found.solutions:
        first_cohort(found).to_csv(out / "patients.csv", index=False, lineterminator="\n")
        solutions_frame(found).to_csv(out / "solutions.csv", index=False, lineterminator="\n")
    (out / "README.md").write_text(f"**{NOTICE}**\n\n{said}\n", encoding="utf8")
    return f"{len(published)} printed figures read. {said}"


def verdict(found: Rebuilt) -> str:
    """What the search says, and what to try next."""
    if found.status == "many solutions":
        return (f"More than {len(found.solutions)} orders with groups print these figures; so many "
                "are written. Add figures: limits, medians, quartiles.")  # fmt: skip
    if found.status != "complete":
        return (f"Stopped: {found.status} print the rates. Add figures that narrow them down: "
                "limits, the number of deaths, medians, quartiles.")  # fmt: skip
    if found.solutions:
        one = len(found.solutions) == 1
        return f"{len(found.solutions)} order{'' if one else 's'} with groups print all figures."
    return (
        "No cohort prints all these figures. Look for a slip of the pen, here or in the paper; "
        "then try other conventions (--conventions): how limits, medians, standard deviations "
        "and P values are formed."
    )


def _level(found, joint, column, i):
    levels = found.problem.levels[column]
    named = {v: m for (c, v), m in joint.masks.items() if c == column}
    rest = levels[1] if len(levels) == 2 and levels[1] is not None else "other"
    return next((level for level, mask in named.items() if mask >> i & 1), rest)


def _cells(path):
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    for column in NEEDED:
        if column not in header:
            found = ", ".join(header) or "nothing"
            expected = "a first line that names " + ", ".join(NEEDED)
            raise PublishedError(fault(path, 1, column, found, expected))
    for column in header:
        if column not in ALLOWED:
            expected = "only " + ", ".join(ALLOWED)
            raise PublishedError(fault(path, 1, column, repr(column), expected))
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            expected = f'{len(header)}; a cell with a comma in it needs "quotes"'
            raise PublishedError(fault(path, line, header[0], f"{len(row)} cells", expected))
    return [[row[header.index(name)].strip() for name in NEEDED] for row in rows]


def _row(path, line, statistic, arguments, printed):
    """One checked row of `published.csv`."""
    if statistic not in USED:
        raise PublishedError(
            fault(path, line, "statistic", repr(statistic), "one of " + ", ".join(USED))
        )
    dash = printed in ("-", "–", "—")
    if dash != (statistic in DASHES):
        expected = ("curve_at_zero or follow_up_ended for a dash" if dash else
                    "a dash (-) in the column printed")  # fmt: skip
        raise PublishedError(fault(path, line, "statistic", repr(statistic), expected))
    if not dash and not re.fullmatch(r"[-−]?\d+(\.\d+)?", printed):
        expected = "one number as printed, such as 83.3, without a % sign; 54.0 is not 54"
        raise PublishedError(fault(path, line, "printed", repr(printed), expected))
    try:
        filters, options = parse_arguments(arguments)
    except ValueError as error:
        expected = "pieces such as at=12; sex=male"
        raise PublishedError(fault(path, line, "arguments", f"{error}", expected)) from None
    missing = sorted(REGISTRY[statistic].required - {name for name, _ in options})
    if missing:
        expected = f"{missing[0]}=..., for instance {EXAMPLES[missing[0]]}"
        raise PublishedError(fault(path, line, "arguments", repr(arguments), expected))
    fact = ".".join((statistic.removesuffix("_lower").removesuffix("_upper"), arguments))
    kind = "dash" if dash else "number"
    groups = [f for f in filters if f[0] not in ("time", "event")]
    if len(groups) > 1 and statistic not in COUNTS:
        expected = "one group at a time; only counts may name several"
        raise PublishedError(fault(path, line, "arguments", repr(arguments), expected))
    return [f"row_{line}", fact, "", "", "", kind, printed, "", statistic, arguments, ""]


def _check_levels(path, frame):
    """Each level has a count of its own: a misspelled one has none."""
    counted = {
        filters[0][::2]
        for filters in (parse_arguments(a)[0] for a in
                        frame.loc[frame["statistic"] == "count", "arguments"])
        if len(filters) == 1
    }  # fmt: skip
    for line, arguments in enumerate(frame["arguments"], start=2):
        for column, _, value in parse_arguments(arguments)[0]:
            if column not in ("time", "event") and (column, value) not in counted:
                expected = f"a row that counts it: count,{column}={value},... (or another spelling)"
                raise PublishedError(fault(path, line, "arguments", f"{column}={value}", expected))


def _check_size(path, frame):
    whole = frame[(frame["statistic"] == "count") & (frame["arguments"] == "")]
    if whole.empty:
        expected = "a row with the number of all patients: count,,13"
        raise PublishedError(fault(path, 2, "statistic", "no such row", expected))
    line, size = int(whole.index[0]) + 2, whole["printed"].iloc[0]
    if not size.isdigit() or not 2 <= int(size) <= LARGEST:
        expected = f"2 to {LARGEST} patients: every pattern of deaths is listed"
        raise PublishedError(fault(path, line, "printed", repr(size), expected))


def example() -> pd.DataFrame:
    """Thirteen patients with glioma, from a public data set that comes with lifelines.

    Grana and others (2002), grade III: radioimmunotherapy or not. The patients numbered up to
    seven in each arm. Columns `time` (whole months), `event`, `group`, `sex`; in order of time,
    deaths first.
    """
    everyone = load_g3()
    chosen = everyone.loc[everyone["no."] <= 7, ["time", "event", "group", "sex"]]
    return chosen.sort_values(
        ["time", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )


def print_example() -> pd.DataFrame:
    """The example as a paper would print it: what `data/template.csv` holds."""
    factors = {"group": ("RIT", "Control"), "sex": ("Female", "Male")}
    template = Template(landmarks=(12, 24, 48), time_decimals=0)
    return print_paper(example(), factors, TEXTBOOK, template)[list(NEEDED)]

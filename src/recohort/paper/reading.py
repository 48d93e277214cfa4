"""Reading `published.csv` and `statements.csv`; every fault names file, row and column."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from recohort.paper.files import PublishedError, fault, is_number, one_of, read_lines, require
from recohort.paper.options import NAMED
from recohort.paper.rounding import COMPARED
from recohort.paper.rows import FILTER, NEVER, ROUNDED, Row, filter_of, of_related
from recohort.paper.statistics import DASHES, PATIENTS, REGISTRY, switches_of

PUBLISHED_COLUMNS = (
    "id fact location position quantity kind printed unit statistic arguments reason".split()
)
STATEMENT_COLUMNS = "id location statement statistic arguments relation value".split()
KINDS = ("number", "bound", "word", "dash")
REASONS = "dose device criterion calendar institution other_study experience".split()
DICTIONARY_COLUMNS = (
    "table column type unit values description block key lowest highest empty rule".split()
)
TYPES = ("text", "category", "boolean", "integer", "number")
RELATIONS = tuple(c for c in COMPARED if c != "!=")
DASH = ("-", "–", "—")
SIGNS = {"≤": "<=", "≥": ">=", "<": "<", ">": ">"}  # of a printed bound
RULE = re.compile(r"(\w+)( only)? where (.+)")  # in the dictionary: see `recohort.paper.tables`
SENTENCE = "statement."  # the facts of sentences begin so
ARGUMENTS = frozenset().union(*(s.takes for s in REGISTRY.values()))
NUMBERS = ("at", "q", "scale", "numerator", "denominator", "level", "to")  # that hold a number
COLUMNS = ("column", "since", "minus", "relative", "time_column", "event_column", "multiple", "by")
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()


def parse_arguments(text: str) -> tuple[tuple, tuple]:
    """Split ``"at=12; sex=male"`` into filters and options; what sets a switch is an option.

    Raises ValueError for a piece that has no operator between a name and a value.
    """
    filters, options = [], []
    for piece in filter(None, (p.strip() for p in text.split(";"))):
        name, operator, value = filter_of(piece)
        if operator == "=" and (name in ARGUMENTS or value in NAMED.get(name, ())):
            options.append((name, value))
        else:
            filters.append((name, operator, value))
    return tuple(filters), tuple(options)


def number_of(printed: str) -> str:
    """The number that a printed one, or a number word, stands for, as digits."""
    word = printed.lower()
    return str(_WORDS.index(word)) if word in _WORDS else printed.lstrip("≤≥<>= ").replace("−", "-")


def read_cells(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """A CSV file as it is written, every cell a string; PublishedError where it is ragged."""
    rows = [row for _, row in read_lines(path, columns)]
    return pd.DataFrame(rows, columns=None if rows else list(columns), dtype=str)


def read_dictionary(path: str | Path) -> pd.DataFrame:
    """Every column of every file, checked; those with a `block` are columns of a cohort's tables.

    Raises PublishedError at the first malformed row.
    """
    frame = read_cells(path, DICTIONARY_COLUMNS)
    require((frame["block"] != "").any(), path, 2, "block", "", "a column of a cohort's tables")
    for line, row in _lines(frame):
        require(row["type"] in TYPES, path, line, "type", row["type"], one_of(TYPES))
        good = all(RULE.fullmatch(text) for text in row["rule"].split(" | ") if row["rule"])
        require(good, path, line, "rule", row["rule"], "value where filters, | between two")
        good = row["lowest"] or "filled " not in row["rule"]
        require(good, path, line, "lowest", "", "a number: the rule asks for cells that are filled")
    return frame


def read_published(path: str | Path) -> pd.DataFrame:
    """The printed numbers, checked; one row an occurrence, every cell a string.

    Tables, columns and values that a row names have to stand in the dictionary beside the file.
    Raises PublishedError at the first malformed row.
    """
    frame = read_cells(path, PUBLISHED_COLUMNS)
    for line, row in _lines_of_facts(path, frame, {"kind": KINDS, "statistic": [*REGISTRY, ""]}):
        _check_printed(path, line, row)
        allowed = [""] if row["statistic"] else REASONS
        require(row["reason"] in allowed, path, line, "reason", row["reason"], one_of(allowed))
    return frame


def read_statements(path: str | Path) -> pd.DataFrame:
    """The facts stated in words, checked as `read_published` does."""
    frame = read_cells(path, STATEMENT_COLUMNS)
    allowed = {"statistic": REGISTRY, "relation": RELATIONS}
    for line, row in _lines_of_facts(path, frame, allowed):
        require(is_number(row["value"]), path, line, "value", row["value"], "a number")
    return frame


def rows_of(published: pd.DataFrame, statements: pd.DataFrame | None = None) -> list[Row]:
    """Both files as one list of rows, each with its arguments parsed."""
    rows = []
    for r in published[published["statistic"] != ""].to_dict("records"):
        if r["statistic"] in PATIENTS:
            relation, number = ">=", "1"
        elif r["printed"] == NEVER:
            relation, number = NEVER, NEVER
        else:
            relation = SIGNS[r["printed"][0]] if r["kind"] == "bound" else ROUNDED
            number = number_of(r["printed"])
        rows.append(_row(r, r["fact"], relation, number))
    stated = [] if statements is None else statements.to_dict("records")
    return rows + [_row(r, SENTENCE + r["id"], r["relation"], r["value"]) for r in stated]


def _row(r, fact, relation, printed):
    filters, given = parse_arguments(r["arguments"])
    names = switches_of(r["statistic"])
    options = tuple(o for o in given if o[0] not in names)
    switches = tuple(o for o in given if o[0] in names)
    return Row(r["id"], fact, r["statistic"], filters, options, relation, printed, switches)


def columns_of(row: Row) -> set[tuple[str, str]]:
    """What a row looks at, as (table, column); `rows` stands for the rows of a table as such."""
    row = of_related(row)
    options = dict(row.options)
    home = options.get("table", "patients")
    names = [column for column, _, _ in row.filters]
    names += [filter_of(v)[0] for k, v in row.options if k in ("within", "adjusted_for")]
    names += [options[name] for name in COLUMNS if name in options]
    allowed = REGISTRY[row.statistic].takes
    if "time_column" in allowed:
        names += [n for n in ("time", "event") if f"{n}_column" not in options]
    found = {(table or home, name) for table, _, name in (n.rpartition(".") for n in names)}
    if found and home not in {table for table, _ in found}:
        found.add((home, "rows"))
    if options.get("of", "0").isdigit():
        return found or ({(home, "rows")} if "table" in allowed else set())
    return found | {(home, "rows"), (options["of"], "rows")}


def homes_of(dictionary: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The block of each (table, column); a table's rows as such are of its first column's."""
    homes = {}
    for table, column, block in dictionary[["table", "column", "block"]].itertuples(index=False):
        if block:
            homes.setdefault((table, "rows"), block)
            homes[table, column] = block
    return homes


def blocks_of(row: Row, homes: dict) -> set[str]:
    """The blocks of the columns that a row looks at; `homes` as `homes_of` has them."""
    return {homes[place] for place in columns_of(row)}


def levels_in(dictionary: pd.DataFrame) -> dict[str, set[str]]:
    """The levels of each column of patients; none of a column of numbers."""
    own = dictionary[dictionary["table"] == "patients"]
    return {column: set(text.split()) for column, text in own[["column", "values"]].to_numpy()}


def _lines(frame):
    """Rows with the line they stand on in the file (the header is line 1)."""
    return enumerate(frame.to_dict("records"), 2)


def _lines_of_facts(path, frame, allowed):
    """`_lines` for checks of one's own; their names, arguments and ids are checked here."""
    dictionary, tables, first = read_dictionary(Path(path).with_name("dictionary.csv")), {}, {}
    for _, row in dictionary[dictionary["block"] != ""].iterrows():
        tables.setdefault(row["table"], {})[row["column"]] = row["type"], row["values"].split()
    for line, row in _lines(frame):
        for column, names in allowed.items():
            require(row[column] in names, path, line, column, row[column], one_of(names))
        yield line, row
        if row["statistic"]:
            _check_arguments(path, line, row, tables)
    for line, row in _lines(frame):
        require(row["id"], path, line, "id", row["id"], "a name for the row")
        before = first.setdefault(row["id"], line)
        expected = f"an id of its own (row {before} has this one)"
        require(before == line, path, line, "id", row["id"], expected)


def _check_printed(path, line, row):
    printed = row["printed"]
    good, expected = {
        "number": (is_number(printed.replace("−", "-")), "a number"),
        "bound": (
            printed[:1] in tuple(SIGNS) and is_number(number_of(printed)),
            "<, >, ≤ or ≥ and a number",
        ),
        "dash": (printed in DASH, "a dash"),
        "word": (printed.lower() in _WORDS, "a number in words, zero to twenty"),
    }[row["kind"]]
    require(good, path, line, "printed", printed, expected)
    if row["statistic"]:
        good = (row["kind"] == "dash") == (row["statistic"] in DASHES)
        expected = one_of(DASHES) if row["kind"] == "dash" else "kind 'dash' for this statistic"
        require(good, path, line, "statistic", row["statistic"], expected)


def _check_arguments(path, line, row, tables):
    try:
        filters, options = parse_arguments(row["arguments"])
    except ValueError as error:
        expected = "filters and options like column=value"
        raise PublishedError(fault(path, line, "arguments", f"{error}", expected)) from None

    def check(good, found, expected):
        require(good, path, line, "arguments", found, expected)

    home = _check_options(check, row, dict(options), tables)
    for name, value in options:
        if name in ("within", "adjusted_for"):
            inner = FILTER.fullmatch(value)
            good = inner and (inner[2] == "=" or name == "within")
            check(good, row["arguments"], f"{name}=column=value")
            filters = (*filters, inner.groups())
    for column, operator, value in filters:
        _check_filter(check, home, column, operator, value, tables)


def _check_options(check, row, given, tables):
    """Are they all there, known, and of a form that can be used? Returns the row's table."""
    allowed, named = REGISTRY[row["statistic"]].takes, ", ".join(tables)
    for name in sorted(REGISTRY[row["statistic"]].required - set(given)):
        check(False, row["arguments"], f"{name}=...")
    expected = f"filters, or one of the options {', '.join(sorted(allowed)) or 'filters alone'}"
    for name in given:
        check(name in allowed or name in switches_of(row["statistic"]), name, expected)
    for name in [name for name in NUMBERS if name in given]:
        good = re.fullmatch(r"\d+([./]\d+)?", given[name]) is not None
        check(good, f"{name}={given[name]}", "a number")
    home, other = given.get("table", "patients"), given.get("of", "1")
    check(home in tables, home, "a table of the dictionary: " + named)
    good = other in tables or (other.isdigit() and int(other))
    check(good, f"of={other}", "a whole number or a table: " + named)
    expected = f"a column of {home}: " + ", ".join(tables[home])
    for name in [name for name in COLUMNS if name in given]:
        check(given[name] in tables[home], given[name], expected)
    return home


def _check_filter(check, home, column, operator, value, tables):
    other, _, name = column.rpartition(".")
    other, text = other or home, f"{column}{operator}{value}"
    check(other in tables, other, "a table of the dictionary: " + ", ".join(tables))
    if name == "rows" and other != home:
        check(is_number(value), text, f"a number after {operator}")
        return
    check(name in tables[other], column, f"a column of {other}: " + ", ".join(tables[other]))
    kind, known = tables[other][name]
    if kind in ("integer", "number"):
        check(is_number(value), text, f"a number after {operator}")
        return
    check(operator in ("=", "!="), text, "= or != before a word")
    expected = f"a value of {name} in the dictionary: " + ", ".join(sorted(known))
    check(value in known or kind == "text", text, expected)

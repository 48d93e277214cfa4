"""A section of the paper as tables: its printed figures, its words, and how far they reach.

`rows` are rows of `layout.merged`, `words` rows of `statements.csv`, each for one section.
"""

from html import escape

import pandas as pd

from recohort.paper.reading import columns_of, rows_of
from thirteen.data import DATA, labels
from thirteen.layout import framed, plain_table
from thirteen.ledger import differs
from thirteen.paper_tables import WHY
from thirteen.text import Html, sentence, typeset

__all__ = [
    "cells_table",
    "columns_in",
    "figures_table",
    "section_of",
    "words_table",
]

FIXED = "How many cells of each column are determined, bounded or chosen."
PLAIN = ("patients", "tumors", "sessions", "percent", "")  # units that need no word of their own


def section_of(frame: pd.DataFrame, location: str) -> pd.DataFrame:
    """The rows of one section; ValueError where there is none, so that no table is empty."""
    found = frame[frame["location"] == location]
    if found.empty:
        raise ValueError(f"section_of: nothing is printed in {location!r}")
    return found


def figures_table(rows: pd.DataFrame, caption: str = "Figures printed in this section.") -> Html:
    """One line a fact: what it is, what the paper prints, what comes out here and from which cells.

    A line that differs carries the class `differs`; one that nothing recomputes names its reason.
    """
    heads = '<th>What</th><th class="num">Printed</th><th>Here</th><th>Read from</th>'
    body = ""
    for _, fact in rows.groupby("fact", sort=False):
        records = fact.to_dict("records")
        printed, (here, unlike) = _together(records, "printed"), _here(records)
        mark = ' class="differs"' if unlike else ""
        cells = [escape(sentence(_what(records))), escape(printed), here, _sources(fact)]
        body += f'<tr><td>{cells[0]}</td><td class="num">{cells[1]}</td><td{mark}>{here}</td>'
        body += f"<td>{cells[3]}</td></tr>\n"
    return framed(heads, body, caption, ' class="facts"')


def _what(records):
    """The quantity of a fact: of its first row that is no part of a fraction."""
    whole = [r for r in records if "ator)" not in r["quantity"]] or records
    return whole[0]["quantity"].replace(" (numerator)", "").split(", from")[0]


def _together(records, column):
    """The figures of one fact as a sentence would give them: ``seven (53.8%, 7/13)``."""
    plain, shares, parts = [], [], {}
    for row in records:
        value, tail = typeset(row[column]), row["id"].rsplit(".", 1)[-1]
        if tail in ("numerator", "denominator"):
            parts[tail] = value
        elif row["unit"] == "percent":
            shares.append(value + "%")
        else:
            plain.append(value)
    if len(parts) == 2:
        shares.append(f"{parts['numerator']}/{parts['denominator']}")
    plain, shares = (list(dict.fromkeys(texts)) for texts in (plain, shares))
    units = {row["unit"] for row in records}.difference(PLAIN)
    unit = f" {units.pop()}" if len(units) == 1 else ""
    unit = unit.removesuffix("s") if plain == ["1"] else unit
    if not plain:
        plain, shares = shares[:1], shares[1:]
    return " to ".join(plain) + unit + (f" ({', '.join(shares)})" if shares else "")


def _here(records):
    """What comes out here in words, and whether it differs."""
    if not any(row["statistic"] for row in records):
        return escape(labels("reason")[records[0]["reason"]]), False
    told = [row for row in records if row["statistic"]]
    if not all(row["recomputed"] for row in told):
        return "not rebuilt yet", False
    unlike = [row for row in told if differs(row)]
    if not unlike:
        return "the same", False
    why = WHY.get(unlike[0]["status"], "")
    shown = [row | {"recomputed": row["recomputed"] or row["printed"]} for row in records]
    return escape(_together(shown, "recomputed") + (f": {why}" if why else "")), True


def columns_in(rows: pd.DataFrame, words: pd.DataFrame | None = None) -> list[tuple[str, str]]:
    """The cells that printed figures and statements look at, as (table, column), in order."""
    asked = [*rows_of(rows), *([] if words is None else rows_of(rows.iloc[:0], words))]
    found = [pair for row in asked for pair in sorted(columns_of(row)) if pair[1] != "rows"]
    return list(dict.fromkeys(found))


def _sources(rows):
    """The cells of `columns_in` as code."""
    found = columns_in(rows)
    if not found:
        counted = [pair for row in rows_of(rows) for pair in sorted(columns_of(row))]
        return _rows_of(table for table, _ in counted)
    return ",<br>".join(_code(*pair) for pair in found)


def _rows_of(tables):
    """Tables of which only the rows are counted."""
    return ",<br>".join(dict.fromkeys(f"the rows of {_code(table)}" for table in tables))


def _code(table, column=""):
    """A column's name as code that may break behind its dot and its underscores."""
    name = f"{table}.{column}" if column else table
    return "<code>" + name.replace(".", ".<wbr>").replace("_", "_<wbr>") + "</code>"


def words_table(words: pd.DataFrame, caption: str = "What the section's words add.") -> Html:
    """One line a statement, in this edition's words, with the cells that it binds."""
    cells = [
        ",<br>".join(_code(t, c) for t, c in sorted(columns_of(row)) if c != "rows")
        or _rows_of(t for t, _ in sorted(columns_of(row)))
        for row in rows_of(words.iloc[:0], words)
    ]
    shown = words[["statement"]].assign(cells=cells).set_axis(["Constraint", "Binds"], axis=1)
    return plain_table(shown, caption, html=("Binds",), kind="facts words")


def cells_table(cells: pd.DataFrame, columns, caption: str = FIXED) -> Html:
    """How many cells of each column are determined, bounded or chosen.

    `cells` is `identifiability.csv`, `columns` are pairs of `columns_in`; columns that are not
    rebuilt are left out. Their meaning comes from the dictionary.
    """
    meaning = pd.read_csv(DATA / "dictionary.csv", keep_default_na=False)
    meaning = meaning.set_index(["table", "column"])["description"]
    counts = cells.groupby(["table", "column"])["status"].value_counts().unstack(fill_value=0)
    lines = []
    for pair in columns:
        if pair in counts.index:
            numbers = [counts.loc[pair].get(s, 0) for s in ("determined", "bounded", "chosen")]
            lines.append((_code(*pair), meaning[pair], *numbers))
    if not lines:
        return Html("<p>The cells behind this section are not rebuilt yet.</p>")
    heads = ["Column", "Meaning", "Determined", "Bounded", "Chosen"]
    return plain_table(pd.DataFrame(lines, columns=heads), caption, ("Column",), "facts")

"""The ledger's slice for a page: published beside recomputed, and where they stand.

What is recomputed comes from the cohort's files as they are now, so that a changed row is seen at
once; status and role are the search's, as `ledger.csv` has them.
"""

from decimal import Decimal
from html import escape
from urllib.parse import urlencode

import pandas as pd

from recohort.audit.ledger import METHODS, rebuilt
from recohort.paper.printed import form_of
from recohort.paper.reading import number_of, rows_of
from recohort.paper.rows import SHARE
from thirteen.data import labels, read_data, read_table, read_tables
from thirteen.layout import framed, table
from thirteen.text import Html, escaped, inside, number, typeset, words


def read_ledger(*locations: str) -> pd.DataFrame:
    """`ledger.csv` with each row's place and quantity, its number recomputed from the cohort now.

    Of the given locations of the paper ("Table 3"), or of all. Raises KeyError for a location
    at which nothing is published.
    """
    published = read_data()[0]
    unknown = set(locations) - set(published["location"])
    if unknown:
        raise KeyError(f"read_ledger: nothing is published at {sorted(unknown)}")
    chosen = published[published["location"].isin(locations)] if locations else published
    rows, tables = merged(chosen, read_table("ledger")), read_tables()
    conventions, shown = rows.set_index("id")["convention"], rows.set_index("id")["recomputed"]
    for row in rows_of(chosen):
        if rebuilt(row, tables):
            named = dict(text.split("=") for text in conventions[row.id].split("; ") if text)
            asked = row._replace(switches=tuple(x for x in named.items() if x[0] == SHARE))
            shown[row.id] = form_of(asked, tables, METHODS | named)
    return rows.assign(recomputed=shown.to_numpy())


def merged(published: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger with each row's place, quantity, arguments and reason from `published.csv`."""
    more = published["id location quantity kind unit statistic arguments reason".split()]
    return more.merge(ledger, on="id", validate="1:1")


def differs(row) -> bool:
    """Does the recomputed number differ from the printed one, in value rather than in form?"""
    if not row["recomputed"]:
        return False
    try:
        return Decimal(row["recomputed"]) != Decimal(number_of(row["printed"]))
    except ArithmeticError:  # a dash on either side
        return row["recomputed"] != row["printed"]


def compare(rows: dict, caption: str = "Published and recomputed.") -> Html:
    """What was published beside what comes out here: the box at the head of a page.

    `rows` gives for each line of the box the id of a published number and the recomputed value,
    as a number in the published unit or as text. A number gets the published decimals. The
    caption ends in how many differ.
    """
    published = read_data()[0].set_index("id")
    lines = []
    for what, (name, value) in rows.items():
        printed = published.at[name, "printed"]
        unit = "%" if published.at[name, "unit"] == "percent" else ""
        decimals = len(printed.partition(".")[2])
        here = value if isinstance(value, str) else number(value, decimals) + unit
        lines.append((what, printed + unit, here))
    frame = pd.DataFrame(lines, columns=["", "Published", "Recomputed"])
    unlike = int((frame["Published"] != frame["Recomputed"]).sum())
    found = f"{words(unlike)} differ{'s' * (unlike == 1)}" if unlike else "all agree"
    return table(frame, f"{caption.rstrip('.')}: {found}.", kind="compare")


def against(rows: str, ledger: str = "../reference/ledger.html") -> Html:
    """One line at the end of a page: how its published numbers stand, with a link to them.

    `rows` is a location of the paper ("Table 1"), or a regular expression with which facts begin.
    The link leads to these rows on the page `ledger`, as seen from this one. Raises KeyError where
    there are none.
    """
    every = merged(read_data()[0], read_table("ledger"))
    if rows in set(every["location"]):
        view, rows = {"location": rows}, every[every["location"] == rows]
    else:
        view, rows = {"fact": rows}, every[every["fact"].str.match(rows)]
    if rows.empty:
        raise KeyError(f"against: nothing is published at or begins with {[*view.values()]}")
    counts, words = rows["status"].value_counts(), labels("status")
    parts = [f"{inside(words[s])}: {counts[s]}" for s in words if counts.get(s, 0)]
    if len(counts) == 1:
        parts = [f"all {inside(words[counts.index[0]])}"]
    return Html(
        f'<p class="against"><a href="{ledger}?{urlencode(view)}">In the ledger</a>, {len(rows)} '
        f"published numbers belong to this page ({escape('; '.join(parts))}).</p>"
    )


LEDGER = {  # heading: column of `merged`; those with a list to choose from come with data-filter
    "Location": "location",
    "What": "quantity",
    "Published": "printed",
    "Recomputed": "recomputed",
    "Status": "status",
    "Lowest": "lowest",
    "Highest": "highest",
    "Role": "role",
    "Convention": "convention",
}
FILTERED = ("Location", "Status", "Role")
NUMBERS = ("Published", "Recomputed", "Lowest", "Highest")


def ledger_table(rows: pd.DataFrame, caption: str) -> Html:
    """Every row of `read_ledger`, for the script that sorts and filters."""
    words = labels("convention")
    number, chosen = ' class="num"', " data-filter"
    heads = "".join(
        f"<th{number * (h in NUMBERS)}{chosen * (h in FILTERED)}>{h}</th>" for h in LEDGER
    )
    body = "".join(
        f'<tr data-fact="{escape(row["fact"])}">'
        f"{''.join(_ledger_cell(row, h, words) for h in LEDGER)}</tr>\n"
        for row in rows.to_dict("records")
    )
    return framed(heads, body, caption, ' class="ledger"')


def _ledger_cell(row, head, words):
    value = str(row[LEDGER[head]])
    if head == "Status":
        return f'<td><span class="status-{value}">{value.replace("_", " ")}</span></td>'
    if head == "Convention":
        value = "; ".join(words[name] for name in value.split("; ") if name)
    marked = " differs" if head == "Recomputed" and differs(row) else ""
    place = f' class="num{marked}"' if head in NUMBERS else ""
    return f"<td{place}>{escaped(typeset(value))}</td>"

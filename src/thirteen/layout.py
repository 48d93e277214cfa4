"""Tables as HTML: a paper's table with every cell computed, and the ledger.

Which rows and columns a table has comes from `published.csv`, their names from `labels.csv`.
"""

from decimal import Decimal
from html import escape
from pathlib import Path
from string import ascii_lowercase

import pandas as pd
from IPython.display import HTML

from recohort.audit.role_proofs import RULE
from recohort.cells.rules import read_rules
from recohort.paper.reading import SENTENCE, number_of, parse_arguments
from thirteen.data import DATA
from thirteen.text import labels, typeset

__all__ = [
    "differs", "exceptions", "fact_names", "footnote", "framed", "inside", "ledger_table",
    "members_in_words", "merged", "paper_table", "plain_table", "sentence", "status_counts",
    "ways_to_mend",
]  # fmt: skip

LONG = 40  # letters of a cell that would be a tall one in a narrow column
BRIEF = 18  # letters at the most of cells that need no second line
WHY = {  # a footnote's last words, by status
    "contradicted": "all the paper's other numbers together leave no other value",
    "disputed": "one of several published figures that do not all fit as this edition forms them",
    "underdetermined": "some other consistent cohort prints something else",
}


def merged(published: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger with each row's place, quantity, arguments and reason from `published.csv`."""
    more = published["id location quantity kind unit statistic arguments reason".split()]
    return ledger.merge(more, on="id", validate="1:1")


def differs(row) -> bool:
    """Does the recomputed figure differ from the printed one, in value rather than in form?"""
    if not row["recomputed"]:
        return False
    try:
        return Decimal(row["recomputed"]) != Decimal(number_of(row["printed"]))
    except ArithmeticError:  # a dash on either side
        return row["recomputed"] != row["printed"]


def status_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """How many printed figures, and how many facts behind them, have each status."""
    words = labels("status")
    counts = rows.groupby("status").agg(figures=("id", "size"), facts=("fact", "nunique"))
    counts = counts.loc[[status for status in words if status in counts.index]].reset_index()
    counts["status"] = counts["status"].map(words)
    return counts.rename(columns={"status": "Status", "figures": "Figures", "facts": "Facts"})


def exceptions(rows: pd.DataFrame) -> pd.DataFrame:
    """Of rows of `merged` those that are not simply reproduced, with their status in words."""
    words = labels("status")
    plain = ("reproduced", "reproduced_under", "not_recomputable", "")
    chosen = rows[~rows["status"].isin(plain)]
    return pd.DataFrame({
        "Where": chosen["location"], "What": chosen["quantity"].map(sentence),
        "Printed": chosen["printed"], "Here": chosen["recomputed"],
        "Status": chosen["status"].map(words),
    })  # fmt: skip


def fact_names(published: pd.DataFrame, statements: pd.DataFrame) -> dict:
    """Each fact in plain words with what is printed of it; a statement in its own words."""
    printed = published.drop_duplicates("fact").set_index("fact")["printed"]
    return {fact: f"{words}: {typeset(printed[fact])}" if fact in printed else words
            for fact, words in fact_words(published, statements).items()}  # fmt: skip


def fact_words(published: pd.DataFrame, statements: pd.DataFrame) -> dict:
    """What each fact is about in plain words, no figure; a statement in its own words."""
    first = published.drop_duplicates("fact").set_index("fact")["quantity"].map(sentence)
    said = zip(SENTENCE + statements["id"], statements["statement"], strict=True)
    return first.to_dict() | dict(said)


def ways_to_mend(corrections: pd.DataFrame, names: dict) -> pd.DataFrame:
    """The smallest corrections of one block, a row each; `names` as from `fact_names`."""
    ways = corrections.assign(words=corrections["fact"].map(names)).groupby("correction")["words"]
    facts = ways.agg(lambda words: "; ".join(word.rstrip(".") for word in words))
    return pd.DataFrame({"": [f"{i}." for i in range(1, len(facts) + 1)],
                         "Give up together": facts.to_numpy()})  # fmt: skip


def sentence(text: str) -> str:
    """The same words with a capital at the front."""
    return text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """The same words within a sentence: a small letter at the front, unless as in CT or eGFR."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def members_in_words(proofs, words, folder=DATA) -> pd.Series:
    """By fact, what it follows from in a line, a part a member.

    `words` say what a fact is. A rule of `rules.csv` has its own words; a rule of the dictionary
    is called by the label of its column.
    """
    rules = {r.id: r.meaning for r in read_rules(Path(folder) / "rules.csv")}

    def said(member):
        if member in words:
            return words[member]
        column = labels(member.rpartition(".")[2])[""] if member[len(RULE) :] not in rules else ""
        if member.startswith(RULE):
            return rules.get(member[len(RULE) :], f"the meaning of “{column}”")
        return f"“{column}” of each patient"

    parts = proofs["member"].map(said).str.rstrip(".").map(inside)
    return parts.groupby(proofs["fact"], sort=False).agg("; ".join).map(sentence)


def plain_table(frame: pd.DataFrame, caption: str = "", html=(), kind: str = "") -> HTML:
    """A frame as a table without an index; columns named in `html` are taken as they are."""
    kinds = {c: _kind(frame[c]) for c in frame}
    names = {c: escape(str(c)).replace(" − ", "&nbsp;−&nbsp;") for c in frame}
    heads = "".join(f"<th{kinds[c]}>{names[c]}</th>" for c in frame)
    body = ""
    for _, row in frame.iterrows():
        cells = [
            f"<td{kinds[c]}>{row[c] if c in html else escape(typeset(row[c]))}</td>" for c in frame
        ]
        body += f"<tr>{''.join(cells)}</tr>\n"
    return framed(heads, body, caption, f' class="{kind}"' if kind else "")


def _kind(column):
    """Numbers stand at the right; long words keep some width on a phone, a few stay on a line."""
    words = column.astype(str).str.replace(r"<[^>]*>", "", regex=True)
    plain = words.str.replace(r",(?=\d{3})|%$| × 10[⁰¹²³⁴⁵⁶⁷⁸⁹]+$", "", regex=True)
    if pd.to_numeric(plain.replace("", None), errors="coerce").notna().any():
        return ' class="num"'
    most = words.str.len().max()
    return ' class="long"' if most > LONG else ' class="brief"' if most <= BRIEF else ""


def framed(heads: str, body: str, caption: str, kind: str = "", after: str = "") -> HTML:
    """Rows as HTML in a table that scrolls by itself, with a caption and what stands below it.

    The frame takes the focus, so that a wide table can be scrolled without a mouse.
    """
    title = f"<caption>{escape(typeset(caption))}</caption>" if caption else ""
    focus = f'tabindex="0" role="region" aria-label="{escape(typeset(caption)) or "Table"}"'
    return HTML(
        f'<div class="table-wrap" {focus}><table{kind}>{title}<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>{after}"
    )


def paper_table(rows: pd.DataFrame, caption: str) -> HTML:
    """One table of the paper from its rows of `merged`: same groups, same columns, recomputed.

    A cell that differs from the paper carries the class `differs`; it, and a cell whose fact is
    disputed, has a footnote that names the printed figure.
    """
    table, notes = _Cells(rows), []
    names = [f'<th class="num">{_head(figure)}</th>' for figure in table.figures]
    heads = "<th>Group</th>" + "".join(names)
    body, before = "", None
    for group in table.groups:
        column = group[0][0] if group else None
        if table.headed and column and column != before:
            title = f'<th colspan="{len(table.figures) + 1}">{escape(labels(column)[""])}</th>'
            body += f'<tr class="group">{title}</tr>\n'
        first = column != before
        sub = ' class="sub"' if table.headed and column else ""
        cells = [table.cell(group, f, first, notes) for f in table.figures]
        body += f"<tr><th{sub}>{escape(_name(group))}</th>{''.join(cells)}</tr>\n"
        before = column
    after = f'<div class="table-notes">{"".join(notes)}</div>'
    return framed(heads, body, caption, ' class="paper"', after)


class _Cells:
    """A table's rows by group of patients and by figure, in the paper's order."""

    def __init__(self, rows):
        self.by_place = {}
        for row in rows.to_dict("records"):
            group, options = parse_arguments(row["arguments"])
            key = _figure(row["statistic"], dict(options))
            group = group if key != ("p",) else group[0][0]
            self.by_place.setdefault((group, key), []).append(row)
        places = list(self.by_place)
        self.groups = list(dict.fromkeys(g for g, f in places if f == ("n",)))
        self.groups.sort(key=lambda group: not group)  # the total comes last
        self.figures = sorted({f for _, f in places}, key=_order)
        self.headed = len({g[0][0] for g in self.groups if g}) > 1

    def cell(self, group, figure, first, notes):
        """One cell; P values stand beside the first group of their factor."""
        key = group if figure != ("p",) else (group[0][0] if group and first else None)
        parts = self.by_place.get((key, figure), [])
        unlike = [row for row in parts if differs(row)]
        marked = unlike or [row for row in parts if row["status"] in ("disputed", "contradicted")]
        text = _text([row["recomputed"] for row in parts], figure)
        for row in marked:
            letter = ascii_lowercase[len(notes)]
            text += f"<sup>{letter}</sup>"
            notes.append(footnote(letter, row))
        kind = "num differs" if unlike else "num"
        return f'<td class="{kind}">{text}</td>'


def _figure(statistic, options):
    if statistic in ("count", "percent"):
        return ("n",)
    if statistic == "median_survival":
        return ("median", options.get("since", ""))
    return ("p",) if statistic == "p_value" else ("at", int(options["at"]))


def _order(figure):
    return ("n", "at", "median", "p").index(figure[0]), *figure[1:]


def _head(figure):
    kind, detail = figure[0], figure[-1]
    if kind == "median":
        return escape(labels(detail)[""]) if detail else "Median of times"
    named = {"n": "Patients", "p": "<i>P</i>"}
    years = f"{detail // 12} year{'s' if detail > 12 else ''}" if kind == "at" else ""
    return named.get(kind) or years


def _text(values, figure):
    values = [escape(value.replace("-", "–")) for value in values]
    if figure[0] == "n" and len(values) > 1:
        return f"{values[0]} ({values[1]}%)"
    return values[0] + (f" ({'–'.join(values[1:])})" if values[1:] else "") if values else ""


def footnote(letter: str, row: dict) -> str:
    """What the paper prints in a cell that differs or is disputed, and why, under a letter."""
    unit = "%" if row["unit"] == "percent" else ""
    said = f"The paper prints {row['printed']}{unit}"
    if differs(row):
        said += f"; here {row['recomputed']}{unit}"
    why = WHY.get(row["status"], "")
    text = escape(f"{sentence(row['quantity'])}. {said}: {why}.")
    return f"<p><sup>{letter}</sup> {text}</p>"


def _name(group):
    """The label of a group of patients."""
    if not group:
        return "All patients"
    column, operator, value = group[0]
    return labels(column)[value] if operator == "=" else "All others"


LEDGER = {  # heading: column of `merged`; those with a list to choose from come with data-filter
    "Location": "location", "What": "quantity", "Printed": "printed",
    "Recomputed": "recomputed", "Status": "status", "Lowest": "lowest", "Highest": "highest",
    "Role": "role", "Convention": "convention",
}  # fmt: skip
FILTERED = ("Location", "Status", "Role")
NUMBERS = ("Printed", "Recomputed", "Lowest", "Highest")


def ledger_table(rows: pd.DataFrame, caption: str) -> HTML:
    """Every row of `merged`, for the script that sorts and filters."""
    words = labels("convention")
    number, chosen = ' class="num"', " data-filter"
    heads = "".join(
        f"<th{number * (h in NUMBERS)}{chosen * (h in FILTERED)}>{h}</th>" for h in LEDGER
    )
    body = "".join(
        f"<tr>{''.join(_ledger_cell(row, h, words) for h in LEDGER)}</tr>\n"
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
    return f"<td{place}>{escape(typeset(value))}</td>"

"""The paper's tables as it lays them out, each cell recomputed; differing cells have footnotes."""

from html import escape
from string import ascii_lowercase

from recohort.paper.reading import parse_arguments
from thirteen.data import labels
from thirteen.layout import framed
from thirteen.ledger import differs, read_ledger
from thirteen.text import Html, sentence

WHY = {  # a footnote's last words, by status
    "contradicted": "all the paper's other numbers together leave no other value",
    "disputed": "one of several published figures that do not all fit as this edition forms them",
    "underdetermined": "some other consistent cohort prints something else",
}


def paper_table(rows, caption: str) -> Html:
    """One table of the paper, by its name ("Table 3") or from rows of `read_ledger`.

    Same groups and same columns as in the paper, each cell recomputed.
    A cell that differs from the paper carries the class `differs`; it, and a cell whose fact is
    disputed, has a footnote that names the printed figure.
    """
    rows = read_ledger(rows) if isinstance(rows, str) else rows
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

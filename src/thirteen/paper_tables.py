"""The paper's three tables as it lays them out, each cell recomputed; differing cells are noted.

Which lines there are comes from `published.csv`, their names from `labels.csv`.
"""

from html import escape
from string import ascii_lowercase

import pandas as pd

from recohort.paper.estimates import survival_at
from recohort.paper.reading import parse_arguments
from thirteen.data import labels, read_patients
from thirteen.layout import framed
from thirteen.ledger import differs, read_ledger
from thirteen.text import Html, listed, number, sentence

WHY = {  # a footnote's last words, by status
    "contradicted": "no consistent cohort gives the published value",
    "disputed": "one of several published numbers that do not all fit together",
    "underdetermined": "other consistent cohorts give the published value",
}
RESULTS = "Results, Tumor progression and survival"
SUMMARIES = {"mean": "Mean ± SD", "sd": "Mean ± SD", "minimum": "Range", "maximum": "Range"}
ORDER = ("n", "at", "median", "p")  # of the columns of Tables 2 and 3
JOINTS = {"Mean ± SD": " ± ", "Range": " – "}


def paper_table(name, caption: str) -> Html:
    """One table of the paper, by its name ("Table 1"), or from rows of `read_ledger`.

    Same groups and same columns as in the paper, each cell recomputed. A cell that differs from
    the paper carries the class `differs`; it, and a cell whose fact is disputed, has a footnote.
    Table 3 has the survival of all patients in its last row.
    """
    if name == "Table 1":
        sites = read_patients().groupby("pathology")["origin"].unique()
        words = {kind: listed(labels("origin")[o].lower() for o in o) for kind, o in sites.items()}
        return characteristics(read_ledger(name), caption, words)
    rows = read_ledger(name) if isinstance(name, str) else name
    if name == "Table 3":  # all patients: one and three years as in Results, five not published
        every = read_ledger(RESULTS)
        every = every[every["fact"].str.startswith(("os.all", "mst.all"))]
        later = every[every["arguments"] == "at=36"].assign(arguments="at=60")
        five = survival_at(read_patients(), 60)[["survival", "ci_lower", "ci_upper"]]
        texts = [number(100 * value) if value else "0" for value in five]
        rows = pd.concat([rows, every, later.assign(printed=texts, recomputed=texts)])
    return _grouped(rows, caption)


def _grouped(rows, caption):
    """Tables 2 and 3: a line a group of patients, a column a statistic."""
    table, notes = _Cells(rows), []
    names = [f'<th class="num">{_head(figure)}</th>' for figure in table.figures]
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
    heads = "<th>Group</th>" + "".join(names)
    return framed(heads, body, caption, ' class="paper"', _footnotes(notes))


class _Cells:
    """A table's rows by group of patients and by statistic, in the paper's order."""

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
        self.figures = sorted({f for _, f in places}, key=lambda f: (ORDER.index(f[0]), *f[1:]))
        self.headed = len({g[0][0] for g in self.groups if g}) > 1

    def cell(self, group, figure, first, notes):
        """One cell; P values stand beside the first group of their factor."""
        key = group if figure != ("p",) else (group[0][0] if group and first else None)
        parts = self.by_place.get((key, figure), [])
        first_one, *more = [escape(row["recomputed"].replace("-", "–")) for row in parts] or [""]
        inside = f"{more[0]}%" if more and figure == ("n",) else "–".join(more)
        text = first_one + (f" ({inside})" if more else "")
        text += "".join(_noted(row, notes) for row in parts)
        kind = "num differs" if any(map(differs, parts)) else "num"
        return f'<td class="{kind}">{text}</td>'


def _figure(statistic, options):
    if statistic in ("count", "percent"):
        return ("n",)
    if statistic == "median_survival":
        return ("median", options.get("since", ""))
    return ("p",) if statistic == "p_value" else ("at", int(options["at"]))


def _head(figure):
    kind, detail = figure[0], figure[-1]
    if kind == "median":
        return escape(labels(detail)[""]) if detail else "Median of times"
    named = {"n": "Patients", "p": "<i>P</i>"}
    years = f"{detail // 12} year{'s' if detail > 12 else ''}" if kind == "at" else ""
    return named.get(kind) or years


def _name(group):
    """The label of a group of patients."""
    if not group:
        return "All patients"
    column, operator, value = group[0]
    return labels(column)[value] if operator == "=" else "All others"


def characteristics(rows: pd.DataFrame, caption: str, sites: dict) -> Html:
    """Table 1: one column, in groups of lines; `sites` adds the primary's site to its type."""
    notes, body, before = [], "", None
    for (table, column, name), figures in _lines(rows).items():
        text = _value(name, figures, notes)
        kind = ' class="num differs"' if any(map(differs, figures)) else ' class="num"'
        if not column:
            body += f'<tr class="group"><th>{escape(table.capitalize())}</th>'
            body += f"<td{kind}>n = {text}</td></tr>\n"
            before = None
            continue
        title = "Age (years)" if column.startswith("age_") else labels(column)[""]
        if title != before:
            body += f'<tr class="group"><th colspan="2">{escape(title)}</th></tr>\n'
        label = name if name in JOINTS else labels(column)[name]
        label += f" ({sites[name]})" if name in sites else ""
        body += f'<tr><th class="sub">{escape(label)}</th><td{kind}>{text}</td></tr>\n'
        before = title
    heads = '<th>Characteristic</th><th class="num">n (%), or as named</th>'
    return framed(heads, body, caption, ' class="paper"', _footnotes(notes))


def _lines(rows):
    """The rows of each line, in the paper's order: by table, column, and value or summary."""
    lines = {}
    for row in rows.to_dict("records"):
        filters, options = parse_arguments(row["arguments"])
        options = dict(options)
        table, key = options.get("table", "patients"), ("", "")
        if row["statistic"] in SUMMARIES:
            key = options["column"], SUMMARIES[row["statistic"]]
        elif filters:
            column, operator, value = filters[0]
            key = column.rpartition(".")[2], value if operator == "=" else operator + value
        lines.setdefault((table, *key), []).append(row)
    return lines


def _value(name, figures, notes):
    """A line's numbers as text, each that has a footnote with its letter."""
    texts = []
    for row in figures:
        text = escape((row["recomputed"] or "–").replace("-", "–"))
        text += "%" if row["unit"] == "percent" else ""
        texts.append(text + _noted(row, notes))
    if name in JOINTS:
        return JOINTS[name].join(texts)
    return texts[0] + (f" ({texts[1]})" if len(texts) > 1 else "")


def _noted(row, notes):
    """A letter where a row differs from the paper or is disputed; the row goes to the notes."""
    if not (differs(row) or row["status"] in ("disputed", "contradicted")):
        return ""
    notes.append(row)
    return f"<sup>{_letter(len(notes) - 1)}</sup>"


def _letter(place):
    """A to z, then aa, ab, ...: an edited cohort may differ in many cells."""
    before, last = divmod(place, len(ascii_lowercase))
    return (_letter(before - 1) if before else "") + ascii_lowercase[last]


def _footnotes(notes: list) -> str:
    """A line under its letter for each number that differs, one for all that are disputed."""
    lettered = [(_letter(place), row) for place, row in enumerate(notes)]
    lines, alike = [], {}
    for letter, row in lettered:
        why, unit = WHY.get(row["status"], ""), "%" if row["unit"] == "percent" else ""
        if differs(row):
            said = f"published {row['printed']}{unit}, recomputed {row['recomputed']}{unit}"
            text = escape(f"{sentence(row['quantity'])}: {said}; {why}.")
            lines.append(f"<p><sup>{letter}</sup> {text}</p>")
        else:
            alike.setdefault(why, []).append(letter)
    lines += [
        f"<p><sup>{', '.join(letters)}</sup> {escape(sentence(why))}.</p>"
        for why, letters in alike.items()
    ]
    return f'<div class="table-notes">{"".join(lines)}</div>'

"""A table of characteristics as papers print it first: one column of figures, in groups of lines.

Which lines there are comes from `published.csv`, their names from `labels.csv`.
"""

from html import escape
from string import ascii_lowercase

import pandas as pd

from recohort.paper.reading import parse_arguments
from thirteen.data import labels
from thirteen.layout import framed
from thirteen.ledger import differs
from thirteen.paper_tables import footnote
from thirteen.text import Html

__all__ = ["characteristics_table"]

SUMMARIES = {"mean": "Mean ± SD", "sd": "Mean ± SD", "minimum": "Range", "maximum": "Range"}
JOINTS = {"Mean ± SD": " ± ", "Range": " – "}


def characteristics_table(rows: pd.DataFrame, caption: str, beside=None, titles=None) -> Html:
    """The lines of a table of characteristics, each recomputed, from its rows of `merged`.

    `beside` gives words to add to a line's name by (column, value), `titles` a group's heading by
    column, by default the column's label. A figure that differs from the paper carries the class
    `differs` and a footnote.
    """
    lines, notes, before = _lines(rows), [], None
    body = ""
    for (table, column, name), figures in lines.items():
        text, unlike = _cell(name, figures, notes)
        kind = ' class="num differs"' if unlike else ' class="num"'
        if not column:
            body += f'<tr class="group"><th>{escape(table.capitalize())}</th>'
            body += f"<td{kind}>n = {text}</td></tr>\n"
            before = None
            continue
        title = (titles or {}).get(column) or labels(column)[""]
        if title != before:
            body += f'<tr class="group"><th colspan="2">{escape(title)}</th></tr>\n'
        extra = (beside or {}).get((column, name))
        label = SUMMARIES.get(name) or (name if name in JOINTS else labels(column)[name])
        label += f" ({extra})" if extra else ""
        body += f'<tr><th class="sub">{escape(label)}</th><td{kind}>{text}</td></tr>\n'
        before = title
    after = f'<div class="table-notes">{"".join(notes)}</div>'
    heads = '<th>Characteristic</th><th class="num">Value</th>'
    return framed(heads, body, caption, ' class="paper"', after)


def _lines(rows):
    """The rows of each line, in the paper's order: by table, column, and value or summary."""
    lines = {}
    for row in rows.to_dict("records"):
        filters, options = parse_arguments(row["arguments"])
        table, options = dict(options).get("table", "patients"), dict(options)
        if row["statistic"] in SUMMARIES:
            key = table, options["column"], SUMMARIES[row["statistic"]]
        elif filters:
            column, operator, value = filters[0]
            key = table, column.rpartition(".")[2], value if operator == "=" else operator + value
        else:
            key = table, "", ""
        lines.setdefault(key, []).append(row)
    return lines


def _cell(name, figures, notes):
    """A line's figures as text, with a letter for each that differs; does any differ?"""
    texts, unlike = [], False
    for row in figures:
        text = escape((row["recomputed"] or "–").replace("-", "–"))
        text += "%" if row["unit"] == "percent" else ""
        if differs(row) or row["status"] in ("disputed", "contradicted"):
            letter = ascii_lowercase[len(notes)]
            notes.append(footnote(letter, row))
            text += f"<sup>{letter}</sup>"
        unlike |= differs(row)
        texts.append(text)
    if name in JOINTS:
        return JOINTS[name].join(texts), unlike
    return texts[0] + (f" ({texts[1]})" if len(texts) > 1 else ""), unlike

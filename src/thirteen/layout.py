"""Tables as HTML, set for reading: numbers at the right, wide ones scroll by themselves."""

from html import escape

import pandas as pd

from thirteen.text import Html, escaped, typeset

LONG = 40  # letters of a cell that would be a tall one in a narrow column
BRIEF = 18  # letters at the most of cells that need no second line


def table(frame: pd.DataFrame, caption: str = "", kind: str = "") -> Html:
    """A frame as a table without an index."""
    kinds = {c: _kind(frame[c]) for c in frame}
    names = {c: escaped(c).replace(" − ", "&nbsp;−&nbsp;") for c in frame}
    heads = "".join(f"<th{kinds[c]}>{names[c]}</th>" for c in frame)
    body = ""
    for _, row in frame.iterrows():
        cells = [f"<td{kinds[c]}>{escaped(typeset(row[c]))}</td>" for c in frame]
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


def framed(heads: str, body: str, caption: str, kind: str = "", after: str = "") -> Html:
    """Rows as HTML in a table that scrolls by itself, with a caption and what stands below it.

    The frame takes the focus, so that a wide table can be scrolled without a mouse.
    """
    title = f"<caption>{escaped(typeset(caption))}</caption>" if caption else ""
    focus = f'tabindex="0" role="region" aria-label="{escape(typeset(caption)) or "Table"}"'
    return Html(
        f'<div class="table-wrap" {focus}><table{kind}>{title}<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>{after}"
    )

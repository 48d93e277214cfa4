"""Small helpers for chapters: numbers as text, plain-word labels, figures with alternative text."""

import re
from base64 import b64encode
from html import escape

import numpy as np
import pandas as pd
from IPython.display import HTML
from myst_nb import glue

from thirteen.alt import number
from thirteen.data import DATA
from thirteen.drawing import to_svg

__all__ = ["groups", "labels", "number", "percent", "say", "show", "table", "typeset"]


def percent(share: float, decimals: int = 1) -> str:
    """A share of one as a percentage, halves up: ``percent(10 / 13)`` is ``"76.9%"``."""
    return number(100 * share, decimals) + "%"


def say(**values) -> None:
    """Glue each value under its name, for ``{glue:text}`` in the prose of the same page."""
    for name, value in values.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        glue(name, f"{value:,}" if whole else str(value), display=False)


def labels(column: str) -> dict:
    """Plain words for a column's values, from `data/labels.csv`; its own name under ``""``."""
    table = pd.read_csv(DATA / "labels.csv", dtype=str, keep_default_na=False)
    rows = table[table["column"] == column]
    if rows.empty:
        raise KeyError(f"labels.csv has no column {column!r}")
    return dict(zip(rows["value"], rows["label"], strict=True))


def typeset(text) -> str:
    """Text as a book sets it: minus signs, apostrophes, and a dash where nothing is printed."""
    words = re.sub(r"(?<![\w.)])-(?=[\d.])", "−", str(text)).replace("'", "’")
    return "–" if words == "-" else words


def groups(cohort: pd.DataFrame, column: str) -> dict:
    """For each labelled value of a column, its label and who has it, as a boolean series."""
    cells = cohort[column].astype(str)
    return {label: cells == value for value, label in labels(column).items() if value}


def show(figure, alt: str, caption: str = "") -> HTML:
    """The figure as SVG in the page, with its alternative text and, where given, a caption."""
    source = b64encode(to_svg(figure).encode()).decode()
    image = f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(alt)}">'
    words = f"<figcaption>{escape(typeset(caption))}</figcaption>" if caption else ""
    return HTML(f'<figure class="align-default">{image}{words}</figure>')


def table(frame: pd.DataFrame) -> HTML:
    """A frame as an HTML table without its index; empty cells stay empty."""
    return HTML(frame.to_html(index=False, border=0, na_rep="", justify="left"))

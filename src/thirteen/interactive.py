"""Figures to touch: the data and the static picture that the page's script builds upon."""

import json
from base64 import b64encode
from html import escape

import pandas as pd
from IPython.display import HTML

from thirteen.alt import describe_swimmers
from thirteen.drawing import NOTICE, to_svg
from thirteen.figures import figure_swimmers
from thirteen.text import groups, labels

__all__ = ["bench", "bench_data"]


def bench_data(cohort: pd.DataFrame, factors) -> dict:
    """What the bench starts from: ids, times, events and, for each factor, who is inside.

    `factors` are labelled columns with two values; the first that `labels.csv` names is inside.
    Raises ValueError for a column with more values.
    """
    data = {
        "id": cohort["patient_id"].tolist(),
        "time": cohort["time"].tolist(),
        "event": cohort["event"].tolist(),
        "factors": {},
    }
    for factor in factors:
        sides = groups(cohort, factor)
        if len(sides) != 2:
            raise ValueError(f"bench: {factor} has {len(sides)} values, expected 2")
        (yes, inside), (no, _) = sides.items()
        label = labels(factor)[""]
        data["factors"][factor] = {
            "label": label, "yes": yes, "no": no, "inside": inside.tolist(),
        }  # fmt: skip
    return data


def bench(cohort: pd.DataFrame, factors, kinds: pd.Series) -> HTML:
    """The Kaplan-Meier bench: the swimmer plot, which the script replaces by one to touch."""
    picture = b64encode(to_svg(figure_swimmers(cohort, kinds)).encode()).decode()
    alt = escape(describe_swimmers(cohort, kinds))
    data = json.dumps(bench_data(cohort, factors)).replace("<", "\\u003c")
    return HTML(
        '<figure class="bench align-default">'
        f'<img class="bench-static" src="data:image/svg+xml;base64,{picture}" alt="{alt}">'
        f"<figcaption>{escape(NOTICE)}</figcaption>"
        f'<script type="application/json">{data}</script></figure>'
    )

"""Pictures of the evidence: how many facts the others lead to."""

import pandas as pd
from matplotlib.figure import Figure

from thirteen.alt import listed
from thirteen.drawing import BLUE, GREY, INK, in_house_style, new_figure

A_ROW = 26  # squares in a row


@in_house_style
def figure_roles(facts: pd.DataFrame) -> Figure:
    """One square a fact, filled where it is confirmed: a band for each `kind`.

    `facts` has the columns `kind` (text, in the order of the bands) and `role` ("confirmed" or
    "input").
    """
    kinds = list(dict.fromkeys(facts["kind"]))
    sizes = {kind: -(-int((facts["kind"] == kind).sum()) // A_ROW) for kind in kinds}
    height = 0.2 * sum(sizes.values()) + 0.34 * len(kinds) + 0.7
    figure, axes = new_figure(height, note="Filled: all other figures lead to it. Open: needed.")
    top = 0.0
    for kind in kinds:
        filled = facts.loc[facts["kind"] == kind, "role"].eq("confirmed").sort_values()[::-1]
        axes.text(-0.5, -top, f"{kind}: {filled.sum()} of {len(filled)}", color=INK, va="center")
        for i, good in enumerate(filled):
            place = i % A_ROW, -top - 1.1 - i // A_ROW
            axes.plot(
                *place, "s", ms=7.5, mec=BLUE if good else GREY, mfc=BLUE if good else "white"
            )
        top += sizes[kind] + 1.7
    axes.set(xlim=(-0.8, A_ROW), ylim=(-top, 0.8))
    axes.set_axis_off()
    return figure


def describe_roles(facts: pd.DataFrame) -> str:
    """`figure_roles` in words."""
    good = facts["role"].eq("confirmed").groupby(facts["kind"], sort=False)
    parts = [f"{kind.lower()}: {found.sum()} of {len(found)}" for kind, found in good]
    return "One square for each printed fact, filled where all others lead to it: " + (
        listed(parts) + "."
    )

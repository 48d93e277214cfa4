"""Figures of the lesson on reading a paper, and their texts in words (`describe_`)."""

import pandas as pd
from matplotlib.figure import Figure

from thirteen.style import BLUE, GREY, ORANGE, PALE, SMALL, in_house_style, new_figure
from thirteen.text import counted, listed, number


@in_house_style
def figure_fractions(rows: pd.DataFrame) -> Figure:
    """Printed percentage minus the one of its own fraction, a dot each, over the latter.

    `rows` as from `thirteen_lessons.reading.fractions`. Those that do not fit are named.
    """
    figure, axes = new_figure(3.8, "Dots above one another are several places with one share.")
    off = rows["printed"].astype(float) - rows["computed"]
    axes.axhline(0, color=PALE, lw=6, zorder=0)
    for fits, color, size in ((True, BLUE, 5), (False, ORANGE, 8)):
        chosen = rows["fits"] == fits
        axes.plot(rows.loc[chosen, "computed"], off[chosen], "o", color=color, ms=size, alpha=0.75)
    for row in rows[~rows["fits"]].itertuples():
        gap = off[row.Index]
        words, beside = f"{row.k} of {row.n}: {row.printed}%", (8, -4 if abs(gap) > 1 else -20)
        place = {"xytext": beside, "textcoords": "offset points"}
        axes.annotate(words, (row.computed, gap), **place, fontsize=SMALL, color=GREY)
    axes.set(xlim=(-3, 103), ylim=(-3, 6), xlabel="Percentage computed from the printed fraction")
    axes.set_title("Printed minus computed (percentage points)")
    return figure


def describe_fractions(rows: pd.DataFrame) -> str:
    """Alternative text of `figure_fractions`, with the same argument."""
    off = [
        f"{row.k} of {row.n} printed as {row.printed}% instead of {number(row.computed)}%"
        for row in rows[~rows["fits"]].itertuples()
    ]
    return (
        f"{counted(len(rows), 'dot')}, one a printed percentage, by how far each lies from the "
        f"share of its own fraction. {int(rows['fits'].sum())} lie at zero, but for rounding; "
        f"{len(off)} do not: {listed(off)}."
    )

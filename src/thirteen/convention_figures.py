"""The picture of conventions: how many printed intervals each of them gives."""

import pandas as pd

from thirteen.style import BLUE, GREY, new_figure, picture


@picture
def figure_conventions(counts: pd.DataFrame, most: int) -> tuple:
    """Of `most` intervals, how many are `given` by each convention: `formula`, `path`, `clip`."""
    figure, axes = new_figure(0.42 * len(counts) + 1.2)
    best = counts["given"].max()
    for y, row in enumerate(counts.itertuples()):
        axes.barh(y, row.given, height=0.6, color=BLUE if row.given == best else GREY)
        place = {"textcoords": "offset points", "va": "center"}
        axes.annotate(str(row.given), (row.given, y), (4, 0), **place, fontweight="bold")
    names = [f"{row.formula}, {row.path}, {row.clip}" for row in counts.itertuples()]
    axes.set(yticks=range(len(counts)), yticklabels=names, ylim=(len(counts) - 0.4, -0.6))
    axes.set(xlim=(0, most), title=f"Published intervals that agree, of {most}")
    return figure, describe_conventions(counts, most)


def describe_conventions(counts: pd.DataFrame, most: int) -> str:
    """`figure_conventions` in words."""
    rows = [f"{row.formula}, {row.path}, {row.clip}: {row.given}" for row in counts.itertuples()]
    return f"Bars: how many of {most} printed intervals a convention gives. {'; '.join(rows)}."

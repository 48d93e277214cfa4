"""Figures of the lessons on groups, models and units, and their texts in words (`describe_`)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from thirteen.alt import counted, large, listed, number
from thirteen.drawing import BLUE, GREY, INK, ORANGE, SMALL, in_house_style, new_figure


@in_house_style
def figure_splits(sums, seen: float, variance: float) -> Figure:
    """Histogram of a statistic over all splits, those as far out as `seen` in orange.

    The grey line is the normal curve around zero with `variance`, which the formula's P relies on.
    """
    figure, axes = new_figure(3.8)
    sums, far = np.asarray(sums), _as_far(sums, seen)
    width = 0.25
    edges = np.arange(np.floor(sums.min()) - width / 2, np.ceil(sums.max()) + width, width)
    axes.hist([sums[~far], sums[far]], edges, stacked=True, color=[BLUE, ORANGE], rwidth=0.9)
    x = np.linspace(edges[0], edges[-1], 300)
    heights = np.exp(-(x**2) / 2 / variance) / np.sqrt(2 * np.pi * variance)
    axes.plot(x, len(sums) * width * heights, color=GREY, lw=1.6, label="what the formula expects")
    axes.axvline(seen, color=INK, lw=1.4, ls=(0, (3, 1.2)), label="the split of the study")
    axes.legend(frameon=False, fontsize=SMALL, loc="upper left", borderaxespad=0)
    axes.set(title="Number of splits (orange: as far out as the study's)")
    axes.set(xlabel="Deaths in the group, observed minus expected")
    return figure


def describe_splits(sums, seen: float, variance: float) -> str:
    """Alternative text of `figure_splits`, with the same arguments."""
    far = _as_far(sums, seen)
    return (
        f"Histogram of observed minus expected deaths over {large(len(sums))} splits, from "
        f"{number(np.min(sums))} to {number(np.max(sums))}. The study's split has {number(seen)}; "
        f"{counted(int(far.sum()), 'split')} are as far from zero on either side. The normal curve "
        f"of the formula, with standard deviation {number(np.sqrt(variance))}, is drawn over it."
    )


def _as_far(sums, seen):
    """Which sums are as far from zero as `seen`, up to rounding error."""
    return np.abs(np.asarray(sums)) >= abs(seen) - 1e-9


@in_house_style
def figure_p_values(values: pd.DataFrame, lines: dict) -> Figure:
    """P values on a logarithmic axis: a row a factor, a mark a column; upright `lines` by label."""
    figure, axes = new_figure(0.42 * len(values) + 1.5)
    rows = np.arange(len(values))[::-1]
    marks = [("o", BLUE, "white"), ("D", ORANGE, ORANGE), ("s", GREY, GREY)]
    for column, (shape, edge, face) in zip(values, marks, strict=False):
        axes.plot(values[column], rows, shape, mec=edge, mfc=face, ms=7, mew=1.6, label=column)
    for label, place in lines.items():
        axes.axvline(place, color=GREY, lw=1, ls=(0, (3, 2)), zorder=0)
        axes.text(place, 1.02, label, transform=axes.get_xaxis_transform(), fontsize=SMALL,
                  color=GREY, ha="left" if place == max(lines.values()) else "right")  # fmt: skip
    axes.set(xscale="log", xlim=(values.min().min() / 1.6, 1.3), ylim=(-0.6, len(values) - 0.4))
    axes.set(yticks=rows, yticklabels=values.index, xlabel="P (logarithmic)")
    axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=SMALL, ncols=3,
                  loc="outside upper right")  # fmt: skip
    return figure


def describe_p_values(values: pd.DataFrame, lines: dict) -> str:
    """Alternative text of `figure_p_values`, with the same arguments."""
    rows = [
        f"{name}: {listed(f'{column} {number(p, 3)}' for column, p in row.items())}"
        for name, row in values.iterrows()
    ]
    at = listed(f"{label} ({number(place, 3)})" for label, place in lines.items())
    return f"P values by factor on a logarithmic axis, with lines at {at}. {'; '.join(rows)}."

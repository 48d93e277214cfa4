"""Figures that only the lessons need, and their texts in words (`describe_` for each)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from thirteen.alt import counted, describe_curve, listed, number
from thirteen.drawing import (
    BLUE,
    GREY,
    INK,
    NOTICE,
    ORANGE,
    PALE,
    SMALL,
    YEAR,
    add_censoring,
    in_house_style,
    new_figure,
    plot_survival,
)
from thirteen.figures import MONTHS, SHAPES, WORDS, _key

LINES = [(BLUE, "-"), (ORANGE, (0, (3, 1.2))), (INK, (0, (1, 1.2))), (GREY, (0, (5, 1.5, 1, 1.5)))]


@in_house_style
def figure_lexis(cohort: pd.DataFrame, entry, closing: float) -> Figure:
    """Lexis diagram: the calendar across, time since the own ablation upward, a slope a patient.

    `entry` gives for each row the month of entry on the calendar of the study, `closing` the month
    in which it is closed. Needs `patient_id`.
    """
    figure, axes = new_figure(
        5.0, "Months of entry are made up: the cohort has no dates.\n" + NOTICE
    )
    axes.axvline(closing, color=PALE, lw=6, zorder=0)
    axes.text(closing, 1.04, "closing day", ha="center", va="bottom", fontsize=SMALL,
              transform=axes.get_xaxis_transform())  # fmt: skip
    for start, (_, row) in zip(entry, cohort.iterrows(), strict=True):
        died, end = bool(row["event"]), start + row["time"]
        axes.plot((start, end), (0, row["time"]), color=BLUE if died else GREY, lw=1.6, alpha=0.7)
        axes.plot(end, row["time"], ls="", clip_on=False, zorder=4, **SHAPES[died])
        axes.annotate(row["patient_id"], (end, row["time"]), (7, 0), va="center",
                      textcoords="offset points", fontsize=SMALL, color=GREY)  # fmt: skip
    _key(axes, {end: WORDS[end] for end in (True, False)})
    top = YEAR * np.ceil(cohort["time"].max() / YEAR)
    axes.set(xlim=(0, closing + 8), ylim=(0, top), yticks=np.arange(0, top + 1, YEAR))
    axes.set(xlabel="Month on the study's calendar (made up)", ylabel=MONTHS)
    axes.set_xticks(np.arange(0, closing + 1, 2 * YEAR))
    return figure


def describe_lexis(cohort: pd.DataFrame, entry, closing: float) -> str:
    """Alternative text of `figure_lexis`, with the same arguments."""
    alive = cohort.loc[~cohort["event"], "patient_id"]
    return (
        f"Lexis diagram with {counted(len(cohort), 'slope')}, one a patient: each starts at the "
        f"bottom in the patient's month of entry (made up, {number(min(entry), 0)} to "
        f"{number(max(entry), 0)}), rises by one month a month and ends at death "
        f"or at the last visit. Those of {listed(alive)} end alive, on the closing day, month "
        f"{number(closing, 0)}."
    )


@in_house_style
def figure_curves(curves: dict, note: str = NOTICE) -> Figure:
    """Several Kaplan-Meier curves of one axis, told apart by line and colour, with a key.

    `curves` gives for each label a frame with `time` and `event`; up to four.
    """
    figure, axes = new_figure(4.2, note)
    until = YEAR * np.ceil(max(c["time"].max() for c in curves.values()) / YEAR)
    for (label, cohort), (color, style) in zip(curves.items(), LINES, strict=False):
        add_censoring(plot_survival(cohort, axes, color, style, until), cohort, color, size=8)
        axes.lines[-2].set_label(label)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper right", borderaxespad=0)
    axes.set(title="Still without the event (%)", xlabel=MONTHS)
    return figure


def describe_curves(curves: dict) -> str:
    """Alternative text of `figure_curves`, with the same argument."""
    courses = [f"{label}: {describe_curve(cohort, (36,))}" for label, cohort in curves.items()]


def figure_power(table: pd.DataFrame, goal: float = 0.8) -> Figure:
    """Power by the true hazard ratio: a line by the formula, a dot by simulation, for each size.

    `table` has `size` (a label), `ratio`, `formula` and `simulated` (shares, may be empty).
    """
    figure, axes = new_figure(4.0, "Lines by the formula, dots by simulation.")
    axes.axhline(100 * goal, color=PALE, lw=5, zorder=0)
    sizes = table.groupby("size", sort=False)
    for (label, rows), (color, style) in zip(sizes, LINES, strict=False):
        axes.plot(rows["ratio"], 100 * rows["formula"], color=color, ls=style, lw=2, label=label)
        axes.plot(rows["ratio"], 100 * rows["simulated"], "o", ms=5, color=color)
    axes.set_xscale("log", base=2)
    ticks = [1, 2, 4, 8, 16]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set(ylim=(0, 102), title="Studies that find P below 0.05 (%)", xlabel="True hazard ratio")
    axes.spines["left"].set_bounds(0, 100)
    axes.legend(frameon=False, fontsize=SMALL, loc="lower right")
    return figure


def describe_power(table: pd.DataFrame, goal: float = 0.8) -> str:
    """Alternative text of `figure_power`, with the same arguments."""
    rows = []
    for label, curve in table.groupby("size", sort=False):
        enough = curve.loc[curve["formula"] >= goal, "ratio"]
        where = f"at a ratio of {number(enough.min())}" if len(enough) else "nowhere"
        dots = [f"{number(100 * row.simulated, 0)}% at {row.ratio:g}" for row in
                curve.dropna(subset="simulated").itertuples()]  # fmt: skip
        rows.append(f"{label}: the line reaches {goal:.0%} {where}; simulated {listed(dots)}.")
    return f"Power against the true hazard ratio, {counted(len(rows), 'line')}. {' '.join(rows)}"

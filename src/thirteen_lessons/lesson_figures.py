"""Figures of the lessons: calendars, risk sets, curves, limits, likelihoods."""

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke

from thirteen.curves import MONTHS, describe_curve
from thirteen.data import NOTICE
from thirteen.figures import SHAPES, add_key_of_ends
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SMALL,
    YEAR,
    add_censoring,
    new_figure,
    picture,
    plot_survival,
)
from thirteen.text import counted, listed, number

LINES = [(BLUE, "-"), (ORANGE, (0, (3, 1.2))), (INK, (0, (1, 1.2))), (GREY, (0, (5, 1.5, 1, 1.5)))]


@picture
def figure_lexis(cohort: pd.DataFrame, entry, closing: float) -> tuple:
    """Lexis diagram: the calendar across, time since the own ablation upward, a slope a patient.

    `entry` gives for each row the month of entry on the calendar of the study, `closing` the month
    in which it is closed. Needs `patient_id`.
    """
    note = "Months of entry are made up: the cohort has no dates.\n" + NOTICE
    figure, axes = new_figure(5.0, note)
    axes.axvline(closing, color=PALE, lw=6, zorder=0)
    across = {"transform": axes.get_xaxis_transform(), "fontsize": SMALL}
    axes.text(closing, 1.04, "closing day", ha="center", va="bottom", **across)
    for start, (_, row) in zip(entry, cohort.iterrows(), strict=True):
        _slope(axes, start, row)
    add_key_of_ends(axes)
    top = YEAR * np.ceil(cohort["time"].max() / YEAR)
    axes.set(xlim=(0, closing + 8), ylim=(0, top), yticks=np.arange(0, top + 1, YEAR))
    axes.set(xlabel="Month on the study's calendar (made up)", ylabel=MONTHS)
    axes.set_xticks(np.arange(0, closing + 1, 2 * YEAR))
    alive = cohort.loc[~cohort["event"], "patient_id"]
    return figure, (
        f"Lexis diagram with {counted(len(cohort), 'slope')}, one a patient: each starts at the "
        f"bottom in the patient's month of entry (made up, {number(min(entry), 0)} to "
        f"{number(max(entry), 0)}), rises by one month a month and ends at death "
        f"or at the last visit. Those of {listed(alive)} end alive, on the closing day, month "
        f"{number(closing, 0)}."
    )


def _slope(axes, start, row):
    """One patient's slope, its end and name."""
    died, end = bool(row["event"]), start + row["time"]
    axes.plot((start, end), (0, row["time"]), color=BLUE if died else GREY, lw=1.6, alpha=0.7)
    axes.plot(end, row["time"], ls="", clip_on=False, zorder=4, **SHAPES[died])
    beside = {"xytext": (7, 0), "textcoords": "offset points", "va": "center", "fontsize": SMALL}
    name = axes.annotate(row["patient_id"], (end, row["time"]), color=GREY, **beside)
    name.set_path_effects([withStroke(linewidth=3, foreground="white")])  # lines stop at it


@picture
def figure_curves(
    curves: dict, note: str = NOTICE, xlabel: str = MONTHS, title: str = "Patients alive (%)"
) -> tuple:
    """Several Kaplan-Meier curves of one axis, told apart by line and color, with a key.

    `curves` gives for each label a frame with `time` and `event`; up to four.
    """
    figure, axes = new_figure(4.2, note)
    until = YEAR * np.ceil(max(c["time"].max() for c in curves.values()) / YEAR)
    for (label, cohort), (color, style) in zip(curves.items(), LINES, strict=False):
        add_censoring(plot_survival(cohort, axes, color, style, until), cohort, color, size=8)
        axes.lines[-2].set_label(label)
    axes.legend(loc="upper right", borderaxespad=0)
    axes.set(title=title, xlabel=xlabel)
    courses = [f"{label}: {describe_curve(cohort, (36,))}" for label, cohort in curves.items()]
    return figure, f"{counted(len(curves), 'step curve')} on one axis. {'. '.join(courses)}."


@picture
def figure_risk_set(cohort: pd.DataFrame, month: float) -> tuple:
    """Bars of the patients, and who of them is at risk at a death in `month`.

    Filled are those at risk, orange who dies then; the others are empty. Needs `patient_id`.
    """
    ordered = cohort.sort_values("time", kind="stable", ignore_index=True)
    figure, axes = new_figure(4.0, "Filled: at risk. Orange: dies in this month.\n" + NOTICE)
    at_risk, dies = ordered["time"] >= month, ordered["event"] & (ordered["time"] == month)
    fill = np.select([dies, at_risk], [ORANGE, BLUE], "white")
    edge = np.where(at_risk, fill, GREY)
    axes.barh(ordered.index, ordered["time"], height=0.5, color=fill, ec=edge, lw=1, alpha=0.85)
    for died, rows in ordered.groupby("event"):
        shape = SHAPES[bool(died)] | {"ms": 6}
        axes.plot(rows["time"], rows.index, ls="", clip_on=False, **shape)
    axes.axvline(month, color=INK, lw=1.2, ls=(0, (3, 2)))
    add_key_of_ends(axes)
    until = YEAR * np.ceil(ordered["time"].max() / YEAR)
    axes.set(xlim=(0, until), xticks=np.arange(0, until + 1, YEAR), xlabel=MONTHS)
    axes.set_yticks(ordered.index, ordered["patient_id"])
    axes.invert_yaxis()
    names = ordered["patient_id"]
    return figure, (
        f"{counted(len(ordered), 'bar')} in order of time with a line at month {number(month)}. "
        f"The bars of {listed(names[at_risk])} reach it: {at_risk.sum()} at risk. "
        f"{listed(names[dies])} dies in that month; the other {(~at_risk).sum()} bars ended before."
    )


@picture
def figure_limits(limits: dict, months, rates) -> tuple:
    """Intervals of several kinds around the rate at each month, one panel a month.

    `limits` gives for each kind the lower and the upper limits, as shares, one a month (NaN where
    there is none); beyond 0 and 100% the ground is grey.
    """
    note = "Dots: the rate. Bars: 95% CI. Grey: no rate can lie there.\n" + NOTICE
    grid = {"ncols": len(months), "sharex": True, "sharey": True, "squeeze": False}
    figure, ((*panels,),) = new_figure(1.3 + 0.33 * len(limits), note, **grid)
    words = []
    for i, (axes, month) in enumerate(zip(panels, months, strict=True)):
        ends = {kind: (100 * low[i], 100 * high[i]) for kind, (low, high) in limits.items()}
        _panel_of_limits(axes, list(ends.values()), 100 * rates[i])
        axes.set_title(f"{month} months")
        there = [
            f"{kind} {number(low)}% to {number(high)}%"
            for kind, (low, high) in ends.items()
            if np.isfinite(low)
        ]
        words.append(f"At {month} months, rate {number(100 * rates[i])}%: {listed(there)}.")
    panels[0].set_yticks(range(len(limits)), limits)
    panels[0].set_ylim(len(limits) - 0.4, -0.6)
    panels[len(months) // 2].set_xlabel("Patients alive (%)")
    return (
        figure,
        f"95% confidence intervals of {len(limits)} kinds side by side. {' '.join(words)}",
    )


def _panel_of_limits(axes, ends, rate):
    for low, high in ((-25, 0), (100, 125)):
        axes.axvspan(low, high, color=PALE, lw=0)
    for y, (low, high) in enumerate(ends):
        axes.plot((low, high), (y, y), color=BLUE, lw=2.4)
        axes.plot(rate if np.isfinite(low) else np.nan, y, "o", color=BLUE, ms=6, mec="white")
    axes.set(xlim=(-12, 112), xticks=(0, 50, 100))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


@picture
def figure_likelihood(ratios, curves: dict, steps=(), drop: float | None = None) -> tuple:
    """Log partial likelihoods over hazard ratios, each measured from its own highest point.

    `curves` gives for each label the heights at `ratios` (one or two curves); `steps` are hazard
    ratios visited by a climber on the first of them, numbered in order; `drop` draws a line that
    far below the top, and the interval where the first curve is above it.
    """
    figure, axes = new_figure(4.2)
    curves = {label: np.asarray(own) - np.max(own) for label, own in curves.items()}
    for (label, heights), (color, style) in zip(curves.items(), LINES, strict=False):
        axes.plot(ratios, heights, color=color, ls=style, lw=2, label=label)
    parts = [f"{label} {_where(ratios, heights)}" for label, heights in curves.items()]
    words = f"Log-likelihood over the hazard ratio, on a logarithmic axis: {listed(parts)}."
    first = next(iter(curves.values()))
    if drop is not None:
        lower, upper = np.asarray(ratios)[first >= -drop][[0, -1]]
        axes.axhline(-drop, color=GREY, lw=1, ls=(0, (3, 2)))
        axes.plot((lower, upper), (-drop, -drop), color=INK, lw=3, solid_capstyle="round")
        inside = f"from {number(lower)} to {number(upper)}"
        words += f" It is within {number(drop, 2)} of the top {inside}."
    if len(steps):
        _add_climb(axes, steps, np.interp(steps, ratios, first))
        words += f" A climber goes through {listed(number(step) for step in steps[:5])}."
    if len(curves) > 1:
        axes.legend(loc="lower center")
    axes.set(xscale="log", xlim=(min(ratios), max(ratios)), ylim=(-6, 0.4))
    axes.set(title="Log-likelihood, from the top down", xlabel="Hazard ratio (logarithmic)")
    powers = _powers(min(ratios), max(ratios))
    axes.set_xticks([10.0**k for k in powers], [f"{10.0**k:,.{max(-k, 0)}f}" for k in powers])
    return figure, words


def _powers(least, most):
    """Powers of ten between two ratios; every second one where numbers in full need their room."""
    every = 1 if most < 1e6 * least else 2
    return [k for k in range(-8, 9, every) if least <= 10.0**k <= most]


def _add_climb(axes, steps, heights):
    """The climber's steps, the first five numbered on the side away from the top."""
    axes.plot(steps, heights, color=ORANGE, lw=0.8, marker="o", ms=5)
    look = {"fontsize": SMALL, "color": ORANGE, "fontweight": "bold", "textcoords": "offset points"}
    for place, step in enumerate(steps[:5]):
        beside, side = (-6, "right") if step < steps[-1] else (6, "left")
        axes.annotate(str(place), (step, heights[place]), (beside, -3), ha=side, **look)


def _where(ratios, heights):
    """Where a curve is highest, in words."""
    top = int(np.argmax(heights))
    if top in (0, len(heights) - 1):
        return "keeps rising to the edge of the picture"
    return f"is highest at a hazard ratio of {number(ratios[top], 1 if ratios[top] >= 1 else 2)}"

"""Figures of the lessons: several curves on one axis, and likelihoods."""

import numpy as np

from thirteen.curves import MONTHS, describe_curve
from thirteen.data import NOTICE
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
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

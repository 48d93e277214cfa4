"""Figures of the lessons on groups, models and units, and their texts in words (`describe_`)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from recohort.paper.estimates import kaplan_meier
from thirteen.data import NOTICE
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SMALL,
    YEAR,
    in_house_style,
    new_figure,
    plot_survival,
)
from thirteen.text import counted, large, listed, number


@in_house_style
def figure_splits(sums, seen: float, variance: float) -> Figure:
    """Histogram of a statistic over all splits, those as far out as `seen` in orange.

    The broken line is the normal curve around zero with `variance`, on which the formula's P
    relies, the dotted one that with the variance over all splits.
    """
    figure, axes = new_figure(3.8)
    sums, far = np.asarray(sums), _as_far(sums, seen)
    width = 0.25
    edges = np.arange(np.floor(sums.min()) - width / 2, np.ceil(sums.max()) + width, width)
    axes.hist([sums[~far], sums[far]], edges, stacked=True, color=[BLUE, ORANGE], rwidth=0.9)
    x = np.linspace(edges[0], edges[-1], 300)
    both = {
        "normal, variance of the formula": (variance, GREY, (0, (4, 1.5))),
        "normal, variance over all splits": ((sums**2).mean(), INK, (0, (1, 1.2))),
    }
    for label, (spread, color, style) in both.items():
        heights = np.exp(-(x**2) / 2 / spread) / np.sqrt(2 * np.pi * spread)
        axes.plot(x, len(sums) * width * heights, color=color, ls=style, lw=1.6, label=label)
    axes.axvline(seen, color=INK, lw=1.4, label="the split of the study")
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
        f"of the formula, with variance {number(variance, 2)}, is drawn over it, and that with the "
        f"variance over all splits, {number(np.mean(np.square(sums)), 2)}."
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
        axes.text(
            place,
            1.02,
            label,
            transform=axes.get_xaxis_transform(),
            fontsize=SMALL,
            color=GREY,
            ha="left" if place == max(lines.values()) else "right",
        )
    axes.set(xscale="log", xlim=(values.min().min() / 1.6, 1.3), ylim=(-0.6, len(values) - 0.4))
    axes.set(yticks=rows, yticklabels=values.index, xlabel="P (logarithmic)")
    axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    figure.legend(
        *axes.get_legend_handles_labels(),
        frameon=False,
        fontsize=SMALL,
        ncols=3,
        loc="outside upper right",
    )
    return figure


def describe_p_values(values: pd.DataFrame, lines: dict) -> str:
    """Alternative text of `figure_p_values`, with the same arguments."""
    rows = [
        f"{name}: {listed(f'{column} {number(p, 3)}' for column, p in row.items())}"
        for name, row in values.iterrows()
    ]
    at = listed(f"{label} ({number(place, 3)})" for label, place in lines.items())
    return f"P values by factor on a logarithmic axis, with lines at {at}. {'; '.join(rows)}."


@in_house_style
def figure_likelihood(ratios, curves: dict, steps=(), drop: float | None = None) -> Figure:
    """Log partial likelihoods over hazard ratios, each measured from its own highest point.

    `curves` gives for each label the heights at `ratios` (one or two curves); `steps` are hazard
    ratios visited by a climber on the first of them, numbered in order; `drop` draws a line that
    far below the top, and the interval where the first curve is above it.
    """
    figure, axes = new_figure(4.2)
    styles = [(BLUE, "-"), (ORANGE, (0, (3, 1.2)))]
    for (label, heights), (color, style) in zip(curves.items(), styles, strict=False):
        axes.plot(ratios, _below_top(heights), color=color, ls=style, lw=2, label=label)
    if drop is not None:
        lower, upper = _interval(ratios, next(iter(curves.values())), drop)
        axes.axhline(-drop, color=GREY, lw=1, ls=(0, (3, 2)))
        axes.plot((lower, upper), (-drop, -drop), color=INK, lw=3, solid_capstyle="round")
    heights = np.interp(steps, ratios, _below_top(next(iter(curves.values()))))
    axes.plot(steps, heights, color=ORANGE, lw=0.8, marker="o", ms=5)
    for place, step in enumerate(steps[:5]):
        left = step < steps[-1]  # words stand away from the top
        axes.annotate(
            str(place),
            (step, heights[place]),
            (-6 if left else 6, -3),
            ha="right" if left else "left",
            textcoords="offset points",
            fontsize=SMALL,
            color=ORANGE,
            fontweight="bold",
        )
    if len(curves) > 1:
        axes.legend(frameon=False, fontsize=SMALL, loc="lower center")
    axes.set(xscale="log", xlim=(min(ratios), max(ratios)), ylim=(-6, 0.4))
    axes.set(title="Log-likelihood, from the top down", xlabel="Hazard ratio (logarithmic)")
    marks = [10.0**k for k in range(-9, 10) if min(ratios) <= 10.0**k <= max(ratios)]
    axes.set_xticks(marks, [_power(mark) for mark in marks])
    return figure


def _power(mark):
    """A power of ten as the axis names it: in digits as long as they can be counted."""
    if 0.001 <= mark <= 10_000:
        return f"{mark:,g}" if mark < 1 else f"{mark:,.0f}"
    return f"$10^{{{np.log10(mark):.0f}}}$"


def describe_likelihood(ratios, curves: dict, steps=(), drop: float | None = None) -> str:
    """Alternative text of `figure_likelihood`, with the same arguments."""
    parts = []
    for label, heights in curves.items():
        top = int(np.argmax(heights))
        edge = top in (0, len(heights) - 1)
        where = (
            "keeps rising to the edge of the picture"
            if edge
            else (f"is highest at a hazard ratio of {number(ratios[top], 2)}")
        )
        parts.append(f"{label} {where}")
    text = f"Log-likelihood over the hazard ratio, on a logarithmic axis: {listed(parts)}."
    if drop is not None:
        lower, upper = _interval(ratios, next(iter(curves.values())), drop)
        text += f" It is within {number(drop, 2)} of the top from {number(lower)} to "
        text += f"{number(upper)}."
    if len(steps):
        text += f" A climber goes through {listed(number(step) for step in steps[:5])}."
    return text


def _below_top(heights):
    """Heights minus the highest of them."""
    return np.asarray(heights) - np.max(heights)


def _interval(ratios, heights, drop):
    """Where the curve first and last stands no more than `drop` below its top."""
    inside = np.asarray(ratios)[_below_top(heights) >= -drop]
    return inside[0], inside[-1]


@in_house_style
def figure_hill(across, upward, heights, names, drop: float) -> Figure:
    """A log-likelihood of two hazard ratios as a map: height lines, top, all within `drop` of it.

    `heights` has a row for each of `upward` and a column for each of `across`; `names` labels both.
    """
    figure, axes = new_figure(4.6)
    below = _below_top(heights)
    levels = [-8, -6, -4, -3, -2, -1, -0.5, -0.1]
    axes.contour(across, upward, below, levels, colors=GREY, linewidths=0.8, linestyles="-")
    axes.contourf(across, upward, below, [-drop, 0.1], colors=[BLUE], alpha=0.18)
    row, column = np.unravel_index(np.argmax(below), below.shape)
    axes.plot(across[column], upward[row], "D", color=BLUE, ms=7)
    axes.plot(1, 1, "+", color=ORANGE, ms=12, mew=2)
    box = {"fc": "white", "ec": "none", "pad": 1}
    axes.annotate(
        "no effect",
        (1, 1),
        (7, -12),
        textcoords="offset points",
        color=ORANGE,
        fontsize=SMALL,
        fontweight="bold",
        bbox=box,
    )
    axes.set(xscale="log", yscale="log", xlabel=f"Hazard ratio of {names[0]}")
    axes.set_title(f"Hazard ratio of {names[1]}")
    for axis, values in ((axes.xaxis, across), (axes.yaxis, upward)):
        marks = [m for m in (0.1, 1, 10, 100, 1000) if min(values) <= m <= max(values)]
        axis.set_ticks(marks, [f"{mark:g}" for mark in marks])
        axis.set_ticks([], minor=True)
    return figure


def describe_hill(across, upward, heights, names, drop: float) -> str:
    """Alternative text of `figure_hill`, with the same arguments."""
    below = _below_top(heights)
    row, column = np.unravel_index(np.argmax(below), below.shape)
    rows, columns = np.nonzero(below >= -drop)
    return (
        f"Map of the log-likelihood over two hazard ratios, both logarithmic. The top is near "
        f"{number(across[column])} for {names[0]} and {number(upward[row])} for {names[1]}. The "
        f"shaded region, within {number(drop, 2)} of the top, is a long slanting oval from "
        f"{number(across[columns.min()])} to {number(across[columns.max()])} across and from "
        f"{number(upward[rows.min()], 2)} to {number(upward[rows.max()])} upward."
    )


@in_house_style
def figure_residuals(months, residuals, labels=("", "")) -> Figure:
    """Schoenfeld residuals at the deaths, above and below zero; `labels` say what each side is."""
    note = "Squares: only one group was left.\n" + NOTICE
    figure, axes = new_figure(3.8, note if (np.abs(residuals) <= 1e-9).any() else NOTICE)
    residuals = np.asarray(residuals)
    axes.axhline(0, color=GREY, lw=1)
    kinds = [(residuals > 1e-9, BLUE, "o"), (residuals < -1e-9, ORANGE, "D")]
    kinds += [(np.abs(residuals) <= 1e-9, GREY, "s")]  # only one group was left
    for side, color, marker in kinds:
        axes.vlines(np.asarray(months)[side], 0, residuals[side], color=color, lw=1.4)
        axes.plot(np.asarray(months)[side], residuals[side], marker, color=color, ms=7)
    slope, start = np.polyfit(months, residuals, 1)
    ends = np.array([min(months), max(months)])
    axes.plot(ends, start + slope * ends, color=INK, lw=1.2, ls=(0, (3, 2)))
    for text, height, align in ((labels[0], 0.97, "top"), (labels[1], 0.03, "bottom")):
        axes.text(
            0.98,
            height,
            text,
            transform=axes.transAxes,
            ha="right",
            va=align,
            fontsize=SMALL,
            color=GREY,
        )
    axes.set(title="Residual", xlabel="Month of the death", ylim=(-1.15, 1.15), yticks=(-1, 0, 1))
    axes.set_xticks(np.arange(0, max(months) + YEAR, YEAR))
    return figure


def describe_residuals(months, residuals, labels=("", "")) -> str:
    """Alternative text of `figure_residuals`, with the same arguments."""
    points = [f"{number(r, 2)} at {number(m)}" for m, r in zip(months, residuals, strict=True)]
    way = "falls" if np.polyfit(months, residuals, 1)[0] < 0 else "rises"
    return (
        f"Residuals at {counted(len(points), 'death')}, by month: {listed(points)}. Above zero: "
        f"{labels[0]}; below: {labels[1]}. A straight line through them {way}."
    )


@in_house_style
def figure_areas(curves: dict, until: float) -> Figure:
    """Kaplan-Meier curves of one or two groups with the area under each up to `until` shaded."""
    figure, panels = new_figure(3.2, ncols=len(curves), sharey=True, squeeze=False)
    for axes, (label, cohort), color in zip(
        panels.flat, curves.items(), (BLUE, ORANGE), strict=False
    ):
        plot_survival(cohort, axes, color, until=YEAR * np.ceil(cohort["time"].max() / YEAR))
        times, levels = _steps_to(cohort, until)
        axes.fill_between(times, 100 * levels, step="post", color=color, alpha=0.2, lw=0)
        axes.axvline(until, color=GREY, lw=1, ls=(0, (3, 2)))
        axes.set_title(
            f"{label}\n{number(_area(times, levels))} of {number(until, 0)} months",
            fontsize=SMALL,
            fontweight="bold",
            color=color,
        )
        axes.set(xticks=np.arange(0, 73, 2 * YEAR), xlim=(0, 74))
        axes.set_xlabel("Months", fontsize=SMALL)
    panels.flat[0].set_ylabel("Patients alive (%)", fontsize=SMALL)
    return figure


def describe_areas(curves: dict, until: float) -> str:
    """Alternative text of `figure_areas`, with the same arguments."""
    parts = [
        f"{label} {number(_area(*_steps_to(cohort, until)))} months"
        for label, cohort in curves.items()
    ]
    return (
        f"Survival curves with the area under them shaded up to month {number(until, 0)}: "
        f"{listed(parts)}."
    )


def _steps_to(cohort, until):
    """The curve's times before `until`, and `until`, with the level that holds from each."""
    curve = kaplan_meier(cohort)
    curve = curve[curve["time"] < until]
    levels = curve["survival"].to_numpy()
    return np.append(curve["time"], until), np.append(levels, levels[-1])


def _area(times, levels):
    """Area under a step curve between the first and the last of `times`."""
    return float((np.diff(times) * levels[:-1]).sum())

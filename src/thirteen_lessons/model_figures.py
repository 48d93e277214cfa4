"""Figures of the lessons on groups and models: splits, P values, likelihoods, residuals, areas."""

import numpy as np
import pandas as pd
import seaborn as sns
from scipy.stats import norm

from recohort.paper.estimates import kaplan_meier
from thirteen.data import NOTICE
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SMALL,
    YEAR,
    new_figure,
    picture,
    plot_survival,
)
from thirteen.text import counted, large, listed, number
from thirteen_lessons.lesson_figures import LINES, key

ALONE = "Squares: only one group was left.\n" + NOTICE


@picture
def figure_splits(sums, seen: float, variance: float) -> tuple:
    """Histogram of a statistic over all splits, those as far out as `seen` in orange.

    The broken line is the normal curve around zero with `variance`, on which the formula's P
    relies, the dotted one that with the variance over all splits.
    """
    figure, axes = new_figure(3.8)
    sums, width = np.asarray(sums), 0.25
    far, whole = np.abs(sums) >= abs(seen) - 1e-9, np.mean(np.square(sums))
    bars = {"palette": {True: ORANGE, False: BLUE}, "legend": False, "alpha": 1}
    bars |= {"edgecolor": "white", "ax": axes}
    ends = (np.floor(sums.min()) - width / 2, np.ceil(sums.max()) + width)
    sns.histplot(x=sums, hue=far, multiple="stack", bins=np.arange(*ends, width), **bars)
    x = np.linspace(*ends, 300)
    kinds = {"of the formula": (variance, GREY, "--"), "over all splits": (whole, INK, ":")}
    for kind, (spread, color, style) in kinds.items():
        bell = len(sums) * width * norm.pdf(x, scale=np.sqrt(spread))
        axes.plot(x, bell, color=color, ls=style, lw=1.6, label=f"normal, variance {kind}")
    axes.axvline(seen, color=INK, lw=1.4, label="the split of the study")
    key(axes, loc="upper left", borderaxespad=0)
    axes.margins(y=0.3)  # room for the key
    axes.set(title="Number of splits (orange: as far out as the study's)", ylabel="")
    axes.set(xlabel="Deaths in the group, observed minus expected")
    return figure, (
        f"Histogram of observed minus expected deaths over {large(len(sums))} splits, from "
        f"{number(sums.min())} to {number(sums.max())}. The study's split has {number(seen)}; "
        f"{counted(int(far.sum()), 'split')} are as far from zero on either side. The normal curve "
        f"of the formula, with variance {number(variance, 2)}, is drawn over it, and that with the "
        f"variance over all splits, {number(whole, 2)}."
    )


@picture
def figure_p_values(values: pd.DataFrame, lines: dict) -> tuple:
    """P values on a logarithmic axis: a row a factor, a mark a column; upright `lines` by label."""
    figure, axes = new_figure(0.42 * len(values) + 1.5)
    rows = np.arange(len(values))[::-1]
    marks = [("o", BLUE, "white"), ("D", ORANGE, ORANGE), ("s", GREY, GREY)]
    for column, (shape, edge, face) in zip(values, marks, strict=False):
        axes.plot(values[column], rows, shape, mec=edge, mfc=face, ms=7, mew=1.6, label=column)
    over = {"transform": axes.get_xaxis_transform(), "fontsize": SMALL, "color": GREY}
    for label, place in lines.items():
        axes.axvline(place, color=GREY, lw=1, ls=(0, (3, 2)), zorder=0)
        side = "left" if place == max(lines.values()) else "right"
        axes.text(place, 1.02, label, ha=side, **over)
    axes.set(xscale="log", xlim=(values.min().min() / 1.6, 1.3), ylim=(-0.6, len(values) - 0.4))
    axes.set(yticks=rows, yticklabels=values.index, xlabel="P (logarithmic)")
    axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    handles = axes.get_legend_handles_labels()
    figure.legend(*handles, frameon=False, fontsize=SMALL, ncols=3, loc="outside upper right")
    told = [
        f"{name}: {listed(f'{column} {number(p, 3)}' for column, p in row.items())}"
        for name, row in values.iterrows()
    ]
    at = listed(f"{label} ({number(place, 3)})" for label, place in lines.items())
    return figure, (
        f"P values by factor on a logarithmic axis, with lines at {at}. {'; '.join(told)}."
    )


@picture
def figure_likelihood(ratios, curves: dict, steps=(), drop: float | None = None) -> tuple:
    """Log partial likelihoods over hazard ratios, each measured from its own highest point.

    `curves` gives for each label the heights at `ratios` (one or two curves); `steps` are hazard
    ratios visited by a climber on the first of them, numbered in order; `drop` draws a line that
    far below the top, and the interval where the first curve is above it.
    """
    figure, axes = new_figure(4.2)
    curves = {label: _below_top(heights) for label, heights in curves.items()}
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
        key(axes, loc="lower center")
    axes.set(xscale="log", xlim=(min(ratios), max(ratios)), ylim=(-6, 0.4))
    axes.set(title="Log-likelihood, from the top down", xlabel="Hazard ratio (logarithmic)")
    marks = [10.0**k for k in range(-9, 10) if min(ratios) <= 10.0**k <= max(ratios)]
    axes.set_xticks(marks, [_power(mark) for mark in marks])
    return figure, words


def _add_climb(axes, steps, heights):
    """The climber's steps, the first five numbered on the side away from the top."""
    axes.plot(steps, heights, color=ORANGE, lw=0.8, marker="o", ms=5)
    look = {"fontsize": SMALL, "color": ORANGE, "fontweight": "bold", "textcoords": "offset points"}
    for place, step in enumerate(steps[:5]):
        beside, side = (-6, "right") if step < steps[-1] else (6, "left")
        axes.annotate(str(place), (step, heights[place]), (beside, -3), ha=side, **look)


def _power(mark):
    """A power of ten as the axis names it: in digits as long as they can be counted."""
    if 0.001 <= mark <= 10_000:
        return f"{mark:,g}" if mark < 1 else f"{mark:,.0f}"
    return f"$10^{{{np.log10(mark):.0f}}}$"


def _where(ratios, heights):
    """Where a curve is highest, in words."""
    top = int(np.argmax(heights))
    if top in (0, len(heights) - 1):
        return "keeps rising to the edge of the picture"
    return f"is highest at a hazard ratio of {number(ratios[top], 2)}"


def _below_top(heights):
    """Heights minus the highest of them."""
    return np.asarray(heights) - np.max(heights)


@picture
def figure_hill(across, upward, heights, names, drop: float) -> tuple:
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
    look = {"color": ORANGE, "fontsize": SMALL, "fontweight": "bold"}
    look |= {"textcoords": "offset points", "bbox": {"fc": "white", "ec": "none", "pad": 1}}
    axes.annotate("no effect", (1, 1), (7, -12), **look)
    axes.set(xscale="log", yscale="log", xlabel=f"Hazard ratio of {names[0]}")
    axes.set_title(f"Hazard ratio of {names[1]}")
    for axis, values in ((axes.xaxis, across), (axes.yaxis, upward)):
        marks = [m for m in (0.1, 1, 10, 100, 1000) if min(values) <= m <= max(values)]
        axis.set_ticks(marks, [f"{mark:g}" for mark in marks])
        axis.set_ticks([], minor=True)
    rows, columns = np.nonzero(below >= -drop)
    return figure, (
        f"Map of the log-likelihood over two hazard ratios, both logarithmic. The top is near "
        f"{number(across[column])} for {names[0]} and {number(upward[row])} for {names[1]}. The "
        f"shaded region, within {number(drop, 2)} of the top, is a long slanting oval from "
        f"{number(across[columns.min()])} to {number(across[columns.max()])} across and from "
        f"{number(upward[rows.min()], 2)} to {number(upward[rows.max()], 2)} upward."
    )


@picture
def figure_residuals(months, residuals, labels=("", "")) -> tuple:
    """Schoenfeld residuals at the deaths, above and below zero; `labels` say what each side is."""
    months, residuals = np.asarray(months), np.asarray(residuals)
    alone = np.abs(residuals) <= 1e-9  # only one group was left
    figure, axes = new_figure(3.8, NOTICE if not alone.any() else ALONE)
    axes.axhline(0, color=GREY, lw=1)
    kinds = [(residuals > 1e-9, BLUE, "o"), (residuals < -1e-9, ORANGE, "D"), (alone, GREY, "s")]
    for side, color, marker in kinds:
        axes.vlines(months[side], 0, residuals[side], color=color, lw=1.4)
        axes.plot(months[side], residuals[side], marker, color=color, ms=7)
    slope, start = np.polyfit(months, residuals, 1)
    ends = np.array([min(months), max(months)])
    axes.plot(ends, start + slope * ends, color=INK, lw=1.2, ls=(0, (3, 2)))
    beside = {"transform": axes.transAxes, "ha": "right", "fontsize": SMALL, "color": GREY}
    axes.text(0.98, 0.97, labels[0], va="top", **beside)
    axes.text(0.98, 0.03, labels[1], va="bottom", **beside)
    axes.set(title="Residual", xlabel="Month of the death", ylim=(-1.15, 1.15), yticks=(-1, 0, 1))
    axes.set_xticks(np.arange(0, max(months) + YEAR, YEAR))
    points = [f"{number(r, 2)} at {number(m)}" for m, r in zip(months, residuals, strict=True)]
    return figure, (
        f"Residuals at {counted(len(points), 'death')}, by month: {listed(points)}. Above zero: "
        f"{labels[0]}; below: {labels[1]}. A straight line through them "
        f"{'falls' if slope < 0 else 'rises'}."
    )


@picture
def figure_areas(curves: dict, until: float) -> tuple:
    """Kaplan-Meier curves of one or two groups with the area under each up to `until` shaded."""
    figure, ((*panels,),) = new_figure(3.2, ncols=len(curves), sharey=True, squeeze=False)
    parts = []
    for axes, (label, cohort), (color, _) in zip(panels, curves.items(), LINES, strict=False):
        plot_survival(cohort, axes, color, until=YEAR * np.ceil(cohort["time"].max() / YEAR))
        curve = kaplan_meier(cohort).query("time < @until")
        times, levels = np.append(curve["time"], until), curve["survival"].to_numpy()
        area = number((np.diff(times) * levels).sum())
        levels = 100 * np.append(levels, levels[-1])
        axes.fill_between(times, levels, step="post", color=color, alpha=0.2, lw=0)
        axes.axvline(until, color=GREY, lw=1, ls=(0, (3, 2)))
        look = {"fontsize": SMALL, "fontweight": "bold", "color": color}
        axes.set_title(f"{label}\n{area} of {number(until, 0)} months", **look)
        axes.set(xticks=np.arange(0, 73, 2 * YEAR), xlim=(0, 74))
        axes.set_xlabel("Months", fontsize=SMALL)
        parts.append(f"{label} {area} months")
    panels[0].set_ylabel("Patients alive (%)", fontsize=SMALL)
    return figure, (
        f"Survival curves with the area under them shaded up to month {number(until, 0)}: "
        f"{listed(parts)}."
    )

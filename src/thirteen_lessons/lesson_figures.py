"""Figures of the first lessons: calendars, risk sets, curves, limits, medians, shares."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from recohort.paper.estimates import kaplan_meier
from thirteen.curves import MONTHS, describe_curve
from thirteen.data import NOTICE
from thirteen.figures import SHAPES, WORDS
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
OVER = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0, "handletextpad": 0.2}


def key(axes, **place):
    """The key of what is drawn, small and without a frame."""
    return axes.legend(frameon=False, fontsize=SMALL, title=None, **place)


def _key_of_ends(axes):
    """What the shapes at the ends of bars and slopes mean, over the axes."""
    ends = [Line2D([], [], ls="", label=WORDS[died], **SHAPES[died]) for died in (True, False)]
    key(axes, handles=ends, **OVER)


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
    _key_of_ends(axes)
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
    key(axes, loc="upper right", borderaxespad=0)
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
    _key_of_ends(axes)
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
def figure_coverage(coverage: pd.DataFrame, promised: float = 0.95) -> tuple:
    """How often limits of each kind (rows) include the truth at each month (columns), as shares."""
    note = "Simulated studies. Broken line: what the limits promise."
    figure, axes = new_figure(1.5 + 0.45 * len(coverage), note)
    axes.axvline(100 * promised, color=INK, lw=1.2, ls=(0, (3, 2)), zorder=0)
    percents = (100 * coverage).rename(columns="{} months".format).rename_axis("kind")
    dots = percents.reset_index().melt("kind", var_name="month", value_name="percent")
    months = percents.shape[1]
    looks = {"palette": [BLUE, ORANGE, INK][:months], "markers": ["o", "s", "D"][:months]}
    sns.scatterplot(dots, x="percent", y="kind", hue="month", style="month", s=65, ax=axes, **looks)
    key(axes, ncols=3, **OVER)
    low = 10 * np.floor(10 * coverage.to_numpy().min()) - 2
    axes.set(xlim=(low, 100.5), ylim=(len(coverage) - 0.5, -0.5), ylabel="")
    axes.set(xlabel="Studies whose limits include the truth (%)")
    rows = [
        f"{kind} {listed(f'{number(share)}% at {month}' for month, share in row.items())}"
        for kind, row in percents.iterrows()
    ]
    return figure, (
        f"Share of simulated studies whose limits include the truth, against the promised "
        f"{number(100 * promised, 0)}%: {'; '.join(rows)}."
    )


@picture
def figure_two_medians(table: pd.DataFrame) -> tuple:
    """For each group (rows) the plain median of times and the Kaplan-Meier median, in months.

    Needs the columns `group`, `plain`, `survival`.
    """
    figure, axes = new_figure(1.4 + 0.4 * len(table), "One dot: both are the same.\n" + NOTICE)
    rows = np.arange(len(table))
    axes.hlines(rows + 0.15, table["plain"], table["survival"], color=PALE, lw=4, zorder=0)
    kinds = [
        ("plain", "D", ORANGE, "plain median of all times"),
        ("survival", "o", BLUE, "Kaplan-Meier median"),
    ]
    for column, marker, color, label in kinds:
        look = {"ls": "", "marker": marker, "color": color, "mec": "white", "ms": 8}
        axes.plot(table[column], rows + 0.15, label=label, **look)
    for y, group in zip(rows, table["group"], strict=True):
        axes.text(0, y - 0.3, group, fontsize=SMALL, color=GREY, va="center")
    key(axes, ncols=2, columnspacing=1, **OVER)
    until = YEAR * np.ceil(table[["plain", "survival"]].to_numpy().max() / YEAR)
    axes.set(xlim=(0, until), xticks=np.arange(0, until + 1, YEAR), xlabel=MONTHS)
    axes.set(ylim=(len(table) - 0.4, -0.7), yticks=[])
    axes.spines["left"].set_visible(False)
    told = [f"{r.group} {number(r.plain)} and {number(r.survival)}" for r in table.itertuples()]
    return figure, (
        f"Plain median of times and Kaplan-Meier median, in months, by group: {'; '.join(told)}."
    )


@picture
def figure_log_minus_log(curves: dict) -> tuple:
    """log(−log S) over the logarithm of time: parallel where the hazards are proportional.

    `curves` gives for each label a frame with `time` and `event`; up to four.
    """
    figure, axes = new_figure(3.8)
    told = []
    for (label, cohort), (color, style) in zip(curves.items(), LINES, strict=False):
        rows = kaplan_meier(cohort).query("events > 0 and survival > 0")
        months, height = rows["time"].to_numpy(), np.log(-np.log(rows["survival"].to_numpy()))
        look = {"color": color, "ls": style, "lw": 1.8, "marker": "o", "ms": 4}
        axes.step(months, height, where="post", label=label, **look)
        ends = [f"{number(height[i])} in month {number(months[i])}" for i in (0, -1)]
        told.append(f"{label}: from {' to '.join(ends)}")
    key(axes, loc="upper left", borderaxespad=0)
    axes.set(xscale="log", title="log(−log S)", xlabel=f"{MONTHS}, logarithmic")
    axes.set_xticks(YEAR * 2.0 ** np.arange(-2, 3), labels=[3, 6, 12, 24, 48])
    axes.minorticks_off()
    return figure, f"Step lines of log(−log S) at each death. {'; '.join(told)}."


@picture
def figure_shares(times, shares: dict) -> tuple:
    """Shares of one whole over time, stacked as steps from below, each with its name in a key.

    `shares` gives for each label its share (0 to 1) from each of `times` on.
    """
    figure, axes = new_figure(4.2)
    tops = 100 * np.cumsum(list(shares.values()), axis=0)
    floors = np.vstack([np.zeros(len(times)), tops[:-1]])
    looks = [(ORANGE, None), (GREY, "///"), (BLUE, None)]
    for label, floor, top, (color, hatch) in zip(shares, floors, tops, looks, strict=False):
        area = {"fc": color, "alpha": 0.35, "hatch": hatch, "lw": 0, "label": label}
        axes.fill_between(times, floor, top, step="post", **area)
        axes.step(times, top, where="post", color=color, lw=1.4)
    axes.set(xlim=(0, max(times)), ylim=(0, 100), yticks=range(0, 101, 25))
    axes.set(xlabel=MONTHS, xticks=np.arange(0, max(times) + 1, YEAR))
    axes.set_title("Share of patients (%)")
    handles = axes.get_legend_handles_labels()
    figure.legend(*handles, frameon=False, fontsize=SMALL, ncols=3, loc="outside upper right")
    parts = [
        f"{label} from {number(100 * share[0])}% to {number(100 * share[-1])}%"
        for label, share in shares.items()
    ]
    span = number(max(times), 0)
    return figure, f"Areas stacked to 100% over {span} months, in steps: {listed(parts)}."

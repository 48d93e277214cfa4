"""Figures that only the lessons need, and their texts in words (`describe_` for each)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from recohort.paper.estimates import kaplan_meier
from thirteen.curves import MONTHS, describe_curve
from thirteen.data import NOTICE
from thirteen.figures import SHAPES, WORDS, _key
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SMALL,
    YEAR,
    add_censoring,
    in_house_style,
    new_figure,
    plot_survival,
)
from thirteen.text import counted, listed, number

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
    axes.text(
        closing,
        1.04,
        "closing day",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        transform=axes.get_xaxis_transform(),
    )
    for start, (_, row) in zip(entry, cohort.iterrows(), strict=True):
        died, end = bool(row["event"]), start + row["time"]
        axes.plot((start, end), (0, row["time"]), color=BLUE if died else GREY, lw=1.6, alpha=0.7)
        axes.plot(end, row["time"], ls="", clip_on=False, zorder=4, **SHAPES[died])
        name = axes.annotate(
            row["patient_id"],
            (end, row["time"]),
            (7, 0),
            va="center",
            textcoords="offset points",
            fontsize=SMALL,
            color=GREY,
        )
        name.set_path_effects([withStroke(linewidth=3, foreground="white")])  # lines stop at it
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
def figure_curves(curves: dict, note: str = NOTICE, xlabel: str = MONTHS) -> Figure:
    """Several Kaplan-Meier curves of one axis, told apart by line and colour, with a key.

    `curves` gives for each label a frame with `time` and `event`; up to four.
    """
    figure, axes = new_figure(4.2, note)
    until = YEAR * np.ceil(max(c["time"].max() for c in curves.values()) / YEAR)
    for (label, cohort), (color, style) in zip(curves.items(), LINES, strict=False):
        add_censoring(plot_survival(cohort, axes, color, style, until), cohort, color, size=8)
        axes.lines[-2].set_label(label)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper right", borderaxespad=0)
    axes.set(title="Still without the event (%)", xlabel=xlabel)
    return figure


def describe_curves(curves: dict) -> str:
    """Alternative text of `figure_curves`, with the same argument."""
    courses = [f"{label}: {describe_curve(cohort, (36,))}" for label, cohort in curves.items()]
    return f"{counted(len(curves), 'step curve')} on one axis. {'. '.join(courses)}."


@in_house_style
def figure_risk_set(cohort: pd.DataFrame, month: float) -> Figure:
    """Bars of the patients, and who of them is at risk at a death in `month`.

    Filled are those at risk, orange who dies then; the others are empty. Needs `patient_id`.
    """
    ordered = cohort.sort_values("time", kind="stable")
    figure, axes = new_figure(4.0, "Filled: at risk. Orange: dies in this month.\n" + NOTICE)
    for y, row in enumerate(ordered.itertuples()):
        dies = row.event and row.time == month
        color = (ORANGE if dies else BLUE) if row.time >= month else "white"
        edge = color if row.time >= month else GREY
        axes.barh(y, row.time, height=0.5, color=color, ec=edge, lw=1, alpha=0.85)
        axes.plot(row.time, y, ls="", clip_on=False, **{**SHAPES[bool(row.event)], "ms": 6})
    axes.axvline(month, color=INK, lw=1.2, ls=(0, (3, 2)))
    _key(axes, {end: WORDS[end] for end in (True, False)})
    until = YEAR * np.ceil(ordered["time"].max() / YEAR)
    axes.set(xlim=(0, until), xticks=np.arange(0, until + 1, YEAR), xlabel=MONTHS)
    axes.set_yticks(range(len(ordered)), ordered["patient_id"])
    axes.invert_yaxis()
    return figure


def describe_risk_set(cohort: pd.DataFrame, month: float) -> str:
    """Alternative text of `figure_risk_set`, with the same arguments."""
    at_risk = cohort[cohort["time"] >= month]
    dying = at_risk[(at_risk["time"] == month) & at_risk["event"]]
    return (
        f"{counted(len(cohort), 'bar')} in order of time with a line at month {number(month)}. "
        f"The bars of {listed(at_risk['patient_id'])} reach it: {len(at_risk)} at risk. "
        f"{listed(dying['patient_id'])} dies in that month; the other "
        f"{len(cohort) - len(at_risk)} bars ended before."
    )


@in_house_style
def figure_limits(limits: dict, months, rates) -> Figure:
    """Intervals of several kinds around the rate at each month, one panel a month.

    `limits` gives for each kind the lower and the upper limits, as shares, one a month (NaN where
    there is none); beyond 0 and 100% the ground is grey.
    """
    note = "Dots: the rate. Bars: 95% limits. Grey: no rate can lie there.\n" + NOTICE
    grid = {"ncols": len(months), "sharex": True, "sharey": True, "squeeze": False}
    figure, panels = new_figure(1.3 + 0.33 * len(limits), note, **grid)
    for i, (axes, month) in enumerate(zip(panels.flat, months, strict=True)):
        for low, high in ((-25, 0), (100, 125)):
            axes.axvspan(low, high, color=PALE, lw=0)
        for y, (lower, upper) in enumerate(limits.values()):
            axes.plot((100 * lower[i], 100 * upper[i]), (y, y), color=BLUE, lw=2.4)
            if np.isfinite(lower[i]):
                axes.plot(100 * rates[i], y, "o", color=BLUE, ms=6, mec="white", mew=1)
        axes.set(xlim=(-12, 112), xticks=(0, 50, 100), title=f"{month} months")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    panels.flat[0].set_yticks(range(len(limits)), limits)
    panels.flat[0].set_ylim(len(limits) - 0.4, -0.6)
    panels.flat[len(months) // 2].set_xlabel("Patients alive (%)")
    return figure


def describe_limits(limits: dict, months, rates) -> str:
    """Alternative text of `figure_limits`, with the same arguments."""
    panels = []
    for i, month in enumerate(months):
        rows = [
            f"{kind} {number(100 * lower[i])}% to {number(100 * upper[i])}%"
            for kind, (lower, upper) in limits.items()
            if np.isfinite(lower[i])
        ]
        panels.append(f"At {month} months, rate {number(100 * rates[i])}%: {listed(rows)}.")
    return f"95% limits of {len(limits)} kinds side by side. {' '.join(panels)}"


@in_house_style
def figure_coverage(coverage: pd.DataFrame, promised: float = 0.95) -> Figure:
    """How often limits of each kind (rows) include the truth at each month (columns), as shares."""
    note = "Simulated studies. Broken line: what the limits promise."
    figure, axes = new_figure(1.5 + 0.45 * len(coverage), note)
    axes.axvline(100 * promised, color=INK, lw=1.2, ls=(0, (3, 2)), zorder=0)
    for column, marker, color in zip(coverage, "osD", (BLUE, ORANGE, INK), strict=False):
        axes.plot(
            100 * coverage[column],
            range(len(coverage)),
            ls="",
            marker=marker,
            ms=8,
            color=color,
            mec="white",
            label=f"{column} months",
        )
    axes.legend(
        frameon=False,
        fontsize=SMALL,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        borderaxespad=0,
        handletextpad=0.2,
    )
    low = 10 * np.floor(10 * coverage.to_numpy().min()) - 2
    axes.set(xlim=(low, 100.5), ylim=(len(coverage) - 0.5, -0.5))
    axes.set(xlabel="Studies whose limits include the truth (%)")
    axes.set_yticks(range(len(coverage)), coverage.index)
    return figure


def describe_coverage(coverage: pd.DataFrame, promised: float = 0.95) -> str:
    """Alternative text of `figure_coverage`, with the same arguments."""
    rows = [
        f"{kind} " + listed(f"{number(100 * row[m])}% at {m} months" for m in coverage)
        for kind, row in coverage.iterrows()
    ]
    return (
        f"Share of simulated studies whose limits include the truth, against the promised "
        f"{number(100 * promised, 0)}%: {'; '.join(rows)}."
    )


@in_house_style
def figure_two_medians(table: pd.DataFrame) -> Figure:
    """For each group (rows) the plain median of times and the Kaplan-Meier median, in months.

    Needs the columns `group`, `plain`, `survival`.
    """
    figure, axes = new_figure(1.4 + 0.4 * len(table), "One dot: both are the same.\n" + NOTICE)
    for y, row in enumerate(table.itertuples()):
        axes.text(0, y - 0.3, row.group, fontsize=SMALL, color=GREY, va="center")
        axes.plot((row.plain, row.survival), (y + 0.15, y + 0.15), color=PALE, lw=4, zorder=0)
        axes.plot(row.plain, y + 0.15, "D", color=ORANGE, ms=7, mec="white")
        axes.plot(row.survival, y + 0.15, "o", color=BLUE, ms=8, mec="white")
    axes.plot([], [], "D", color=ORANGE, label="plain median of all times")
    axes.plot([], [], "o", color=BLUE, label="Kaplan-Meier median")
    axes.legend(
        frameon=False,
        fontsize=SMALL,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        borderaxespad=0,
        handletextpad=0.2,
        columnspacing=1,
    )
    until = YEAR * np.ceil(table[["plain", "survival"]].to_numpy().max() / YEAR)
    axes.set(xlim=(0, until), xticks=np.arange(0, until + 1, YEAR), xlabel=MONTHS)
    axes.set_ylim(len(table) - 0.4, -0.7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return figure


def describe_two_medians(table: pd.DataFrame) -> str:
    """Alternative text of `figure_two_medians`, from the same frame."""
    rows = [
        f"{row.group} {number(row.plain)} and {number(row.survival)}" for row in table.itertuples()
    ]
    return f"Plain median of times and Kaplan-Meier median, in months, by group: {'; '.join(rows)}."


@in_house_style
def figure_log_minus_log(curves: dict) -> Figure:
    """log(−log S) over the logarithm of time: parallel where the hazards are proportional.

    `curves` gives for each label a frame with `time` and `event`; up to four.
    """
    figure, axes = new_figure(3.8)
    for (label, cohort), (color, style) in zip(curves.items(), LINES, strict=False):
        months, height = _log_minus_log(cohort)
        axes.plot(
            months,
            height,
            color=color,
            ls=style,
            lw=1.8,
            label=label,
            drawstyle="steps-post",
            marker="o",
            ms=4,
        )
    axes.legend(frameon=False, fontsize=SMALL, loc="upper left", borderaxespad=0)
    axes.set(xscale="log", title="log(−log S)", xlabel=f"{MONTHS}, logarithmic")
    axes.set_xticks(YEAR * 2.0 ** np.arange(-2, 3), labels=[3, 6, 12, 24, 48])
    axes.minorticks_off()
    return figure


def describe_log_minus_log(curves: dict) -> str:
    """Alternative text of `figure_log_minus_log`, with the same argument."""
    rows = []
    for label, cohort in curves.items():
        months, height = _log_minus_log(cohort)
        rows.append(
            f"{label}: from {number(height[0])} in month {number(months[0])} to "
            f"{number(height[-1])} in month {number(months[-1])}"
        )
    return f"Step lines of log(−log S) at each death. {'; '.join(rows)}."


def _log_minus_log(cohort):
    """Months of the deaths, and log(−log S) after each, where S is not zero."""
    rows = kaplan_meier(cohort).query("events > 0 and survival > 0")
    return rows["time"].to_numpy(), np.log(-np.log(rows["survival"])).to_numpy()


@in_house_style
def figure_shares(times, shares: dict) -> Figure:
    """Shares of one whole over time, stacked as steps from below, each with its name in a key.

    `shares` gives for each label its share (0 to 1) from each of `times` on.
    """
    figure, axes = new_figure(4.2)
    looks = [(ORANGE, None), (GREY, "///"), (BLUE, None)]
    floor = np.zeros(len(times))
    for (label, share), (color, hatch) in zip(shares.items(), looks, strict=False):
        top = floor + 100 * np.asarray(share)
        axes.fill_between(
            times, floor, top, step="post", fc=color, alpha=0.35, hatch=hatch, lw=0, label=label
        )
        axes.step(times, top, where="post", color=color, lw=1.4)
        floor = top
    axes.set(xlim=(0, max(times)), ylim=(0, 100), yticks=range(0, 101, 25))
    axes.set(xlabel="Months since the first ablation", xticks=np.arange(0, max(times) + 1, YEAR))
    axes.set_title("Share of patients (%)")
    figure.legend(
        *axes.get_legend_handles_labels(),
        frameon=False,
        fontsize=SMALL,
        ncols=3,
        loc="outside upper right",
    )
    return figure


def describe_shares(times, shares: dict) -> str:
    """Alternative text of `figure_shares`, with the same arguments."""
    parts = []
    for label, share in shares.items():
        first, last = (number(100 * np.asarray(share)[place]) for place in (0, -1))
        parts.append(f"{label} from {first}% to {last}%")
    return f"Areas stacked to 100% over {number(max(times), 0)} months, in steps: {listed(parts)}."

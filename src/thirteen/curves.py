"""Survival curves as whole figures: one curve, two groups a factor, two medians.

Cohorts have the columns `time` (months) and `event` (True = died). `thirteen.style` has the parts.
"""

import numpy as np
import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from recohort.paper.estimates import (
    at_risk_table,
    kaplan_meier,
    log_rank,
    median_follow_up,
    median_survival,
    survival_at,
)
from thirteen.data import NOTICE
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SMALL,
    YEAR,
    add_censoring,
    add_confidence_band,
    add_possible,
    add_rates,
    add_risk_table,
    new_figure,
    picture,
    plot_survival,
)
from thirteen.text import counted, listed, months_text, number, p_text

MONTHS = "Months since the first ablation"
PANEL = 150  # points: a panel of two beside each other


@picture
def figure_survival(
    cohort: pd.DataFrame,
    months=(12, 36, 60),
    title: str = "Patients alive (%)",
    xlabel: str = MONTHS,
    seen: str = "last seen alive",
    possible=None,
    what: str = "survival",
    unit: str = "patient",
) -> tuple:
    """One curve: band, censorings, rates at `months`, and who was at risk.

    Overall survival, or with a `title`, an `xlabel` and words for the censored another endpoint.
    `possible`, two cohorts, shades all that lies between their curves.
    """
    note = f"Shaded: 95% limits at each time. Upright ticks: {seen}.\n"
    note += "Grey: wherever the curve can run.\n" if possible is not None else ""
    figure, axes = new_figure(5.0, note + NOTICE)
    plot_survival(cohort, axes)
    add_confidence_band(axes, cohort)
    if possible is not None:
        add_possible(axes, *possible)
    add_censoring(axes, cohort)
    add_rates(axes, cohort, [m for m in months if m <= cohort["time"].max()])
    add_risk_table(axes, cohort)
    axes.set(title=title, xlabel=xlabel)
    return figure, _survival_words(cohort, months, what, unit, seen)


def _survival_words(
    cohort: pd.DataFrame,
    months=(12, 36, 60),
    what: str = "survival",
    unit: str = "patient",
    seen: str = "last seen alive",
) -> str:
    """Alternative text of `figure_survival`; `months` and `seen` as given there."""
    ended = [number(t) for t in sorted(cohort.loc[~cohort["event"].astype(bool), "time"])]
    who = f"{counted(len(ended), unit)} {seen} at {listed(ended)} months"
    table = at_risk_table(cohort, [0, *(m for m in months if m <= cohort["time"].max())])
    at_risk = [f"{row.at_risk} at {row.start} months" for row in table.itertuples()]
    return (
        f"Step curve of the {what} of {counted(len(cohort), unit)}, falling "
        f"{describe_curve(cohort, months)}, with 95% limits as a band. "
        f"{f'Ticks mark {who}' if ended else f'Nobody was {seen}'}. "
        f"A table under the axis counts those at risk: {listed(at_risk)}."
    )


def describe_curve(cohort: pd.DataFrame, months=()) -> str:
    """The course of one curve: its steps, rates at `months` reached by follow-up, its end."""
    last = kaplan_meier(cohort).iloc[-1]
    followed = [m for m in months if m <= cohort["time"].max()]
    rates = [f"{number(100 * survival_at(cohort, m)['survival'])}% at {m} months" for m in followed]
    via = f", {listed(rates)}," if rates else ""
    steps = counted(cohort.loc[cohort["event"], "time"].nunique(), "step")
    end = f"{number(100 * last['survival'])}% at {months_text(last['time'])}"
    return f"from 100%{via} to {end}, in {steps}"


@picture
def figure_factors(cohort: pd.DataFrame, factors: dict, p_values: dict | None = None) -> tuple:
    """Two curves a factor, labelled where they run, with the P value of their comparison.

    `factors` gives for each title a dict of label to boolean series; `p_values` a number for
    each title, by default the log-rank test's. Raises ValueError unless a factor has two groups.
    """
    rows = (len(factors) + 1) // 2
    note = "Patients alive (%) by months since the first ablation.\n" + NOTICE
    grid = {"nrows": rows, "ncols": 2, "squeeze": False, "sharex": True, "sharey": True}
    figure, panels = new_figure(0.6 + 1.9 * rows, note, **grid)
    for axes, (title, groups) in zip(panels.flat, factors.items(), strict=False):
        if len(groups) != 2:
            raise ValueError(f"figure_factors: {title!r} has {len(groups)} groups, expected 2")
        p = log_rank(cohort, next(iter(groups.values()))) if p_values is None else p_values[title]
        _two_curves(axes, cohort, groups)
        size = SMALL if len(title) > 24 else None  # a long title must not reach its neighbor
        axes.set_title(title, fontweight="bold", fontsize=size, pad=18)
        axes.text(0, 1.04, p_text(p), transform=axes.transAxes, fontsize=SMALL, color=GREY)
    for axes in panels.flat[len(factors) :]:
        axes.remove()
    return figure, _factors_words(cohort, factors, p_values)


def _factors_words(cohort: pd.DataFrame, factors: dict, p_values: dict | None = None) -> str:
    """Alternative text of `figure_factors`, with the same arguments."""
    panels = []
    for title, groups in factors.items():
        p = log_rank(cohort, next(iter(groups.values()))) if p_values is None else p_values[title]
        ends = []
        for label, group in groups.items():
            chosen = cohort[np.asarray(group, dtype=bool)]
            end = kaplan_meier(chosen).iloc[-1]
            rate = f"{number(100 * end['survival'])}% at {number(end['time'])} months"
            ends.append(f"{label} ({len(chosen)} patients) down to {rate}")
        panels.append(f"{title}: {listed(ends)}, {p_text(p)}.")
    return f"{counted(len(factors), 'panel')} of two survival curves each. " + " ".join(panels)


def _two_curves(axes, cohort, groups):
    """Solid blue and dashed orange, each with its label where there is most room."""
    until = YEAR * np.ceil(cohort["time"].max() / YEAR)
    styles, curves, taken = ((BLUE, "-"), (ORANGE, (0, (3, 1.2)))), [], []
    for (label, group), (color, style) in zip(groups.items(), styles, strict=True):
        chosen = cohort[np.asarray(group, dtype=bool)]
        add_censoring(plot_survival(chosen, axes, color, style, until), chosen, color, size=8)
        curves.append((f"{label} ({len(chosen)})", color, kaplan_meier(chosen)))
    for i, (label, color, own) in enumerate(curves):
        wide = until * _points(label) / PANEL
        place = _room(wide, own, curves[1 - i][2], until, taken)
        axes.text(*place, label, color=color, fontsize=SMALL, fontweight="bold", va="center")
        taken.append((*place, wide + 2))
    axes.set(xticks=np.arange(0, until + 1, 2 * YEAR), yticks=(0, 50, 100))


def _points(label):
    """How wide a bold label is, in points."""
    return TextPath((0, 0), label, SMALL, prop=FontProperties(weight="bold")).get_extents().width


def _room(wide, own, other, until, taken):
    """Where a label, so many months wide, is clear of both curves and nearest to its own.

    Where no such place is nearer to its own curve than to the other, a clear one will do.
    """
    height = 8
    best, place = np.inf, (0.5 * until, 90)
    for x in np.arange(1.5, max(2, until - wide), until / 72):
        near, far = (_levels(curve, x - 1, x + wide + 1) for curve in (own, other))
        for y in range(7, 100, 3):
            free = all(abs(y - v) > 13 or not -w < x - u < wide + 2 for u, v, w in taken)
            gap, away = _gap(near, y), _gap(far, y)
            cost = gap + abs(y - near[0]) - 0.2 * min(away, 30) if near else np.inf
            cost += 200 * (away <= gap)
            if free and min(gap, away) > height and cost < best:
                best, place = cost, (x, y)
    return place


def _levels(curve, start, stop):
    """The percentages that a curve and its ticks take between two months; none beyond its end."""
    if start > curve["time"].max():
        return []
    rows = curve[(curve["time"] <= stop) & (curve["time"].shift(-1, fill_value=np.inf) > start)]
    ticks = rows.loc[(rows["censored"] > 0) & (rows["time"] > start), "survival"]
    return [*100 * rows["survival"], *100 * ticks - 5, *100 * ticks + 5]


def _gap(levels, y):
    """How far `y` lies from a stretch of curve; infinite when there is none."""
    return max(min(levels) - y, y - max(levels), 0) if levels else np.inf


@picture
def figure_medians(cohort: pd.DataFrame) -> tuple:
    """The plain median of follow-up and the Kaplan-Meier median survival on one curve."""
    note = "Dots on the axis: each patient's time, filled when it ended in death.\n" + NOTICE
    figure, axes = new_figure(4.2, note)
    add_censoring(plot_survival(cohort, axes), cohort)
    plain, level = median_follow_up(cohort), median_survival(cohort)
    axes.vlines(plain, 0, 100, color=ORANGE, lw=1.8, ls=(0, (3, 1.5)))
    _beside(axes, plain, 96, f"{number(plain)}: median of all times,\nalive or dead", ORANGE)
    if np.isfinite(level):
        axes.plot((0, level, level), (50, 50, 0), color=BLUE, lw=1.4, ls=":")
        axes.plot(level, 50, "o", color=BLUE, ms=6, mec="white", mew=1.2, zorder=4)
        _beside(axes, level, 74, f"{number(level)}: Kaplan-Meier\nmedian survival", BLUE)
    for time, event in zip(cohort["time"], cohort["event"], strict=True):
        inside = INK if event else "white"
        axes.plot(time, 0, "o", ms=6, mec=INK, mfc=inside, clip_on=False, zorder=5)
    axes.set(title="Patients alive (%)", xlabel=MONTHS)
    return figure, _medians_words(cohort)


def _medians_words(cohort: pd.DataFrame) -> str:
    """Alternative text of `figure_medians`."""
    plain, level = median_follow_up(cohort), median_survival(cohort)
    reached = f"reaches one half at {months_text(level)}"
    return (
        f"The survival curve of {counted(len(cohort), 'patient')} with two medians. "
        f"Half of the patients, alive or dead, were followed up to {months_text(plain)}, where the "
        f"curve still stands at {number(100 * survival_at(cohort, plain)['survival'])}%; "
        f"the curve {reached if np.isfinite(level) else 'never reaches one half'}."
    )


def _beside(axes, month, rate, text, color):
    """Words at the right of a month, or up to the edge where that is too near."""
    edge = axes.get_xlim()[1]
    x, ha = (month, "left") if month < 0.55 * edge else (edge, "right")
    axes.annotate(text, (x, rate), (7 if ha == "left" else 0, 0), textcoords="offset points",
                  color=color, fontweight="bold", va="center", ha=ha)  # fmt: skip

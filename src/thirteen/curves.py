"""Survival curves as whole figures: one curve, two groups a factor, two medians.

Cohorts have the columns `time` (months) and `event` (True = died). `thirteen.style` has the parts.
"""

import numpy as np
import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from recohort.paper.estimates import at_risk_table, kaplan_meier, survival_at
from thirteen.data import NOTICE, groups, labels
from thirteen.style import (
    BLUE,
    DENSE,
    GREY,
    INK,
    ORANGE,
    SCROLLS,
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
    slant,
)
from thirteen.text import counted, inside, listed, months_text, number

MONTHS = "Months since the first ablation"
PANEL = 150  # points: a panel of two beside each other
STYLES = ((BLUE, "-"), (ORANGE, (0, (3, 1.2))))


@picture
def figure_survival(
    cohort: pd.DataFrame,
    months=(12, 36, 60),
    title: str = "Patients alive (%)",
    xlabel: str = MONTHS,
    seen: str = "last seen alive",
    what: str = "survival",
    unit: str = "patient",
    by=None,
    **more,
) -> tuple:
    """One curve with its 95% CI, rates at `months` and numbers at risk; or two curves a factor.

    Overall survival, or with a `title`, an `xlabel` and words for the censored another endpoint.
    `by` names columns with two values, or gives for each title a dict of label to boolean series.
    Up to two factors are drawn large, with numbers at risk, more of them as small panels. `notes`
    adds a text for each, `zoom` an inset from that percentage to 100. Without `by`, `possible`
    shades all between the curves of two cohorts. `known`: from and to when the curve is solid, or
    a month by label; in italics are later numbers. Raises ValueError without two groups each.
    """
    if by is None:
        return _one_curve(cohort, months, title, xlabel, seen, what, unit, **more)
    named = {column: labels(column)[""] for column in by} if isinstance(by, list) else {}
    factors = {name: groups(cohort, c) for c, name in named.items()} or by
    more["notes"] = {named.get(c, c): text for c, text in more.get("notes", {}).items()}
    for name, parts in factors.items():
        if len(parts) != 2:
            raise ValueError(f"figure_survival: {name!r} has {len(parts)} groups, expected 2")
    draw = _large_panels if len(factors) <= 2 else _small_panels
    return draw(cohort, factors, title, xlabel, **more), _factors_words(cohort, factors, unit)


def _one_curve(cohort, months, title, xlabel, seen, what, unit, possible=None, known=(0, np.inf)):
    """One curve: band, censorings, rates at `months`, and who was at risk."""
    note = f"Shaded: 95% CI at each time. Ticks: {seen}.\n"
    if possible is not None:
        note = f"Grey: wherever the curve can run. Ticks: {seen}.\n"
    figure, axes = new_figure(5.0, note + NOTICE)
    plot_survival(cohort, axes)
    if possible is None:
        add_confidence_band(axes, cohort)
    else:
        add_possible(axes, *possible)
        _dash(axes.lines[0], *known)
    add_censoring(axes, cohort, BLUE if possible is None else GREY)
    add_rates(axes, cohort, [m for m in months if m <= cohort["time"].max()])
    add_risk_table(axes, cohort, known[1])
    axes.set(title=title, xlabel=xlabel)
    return figure, _survival_words(cohort, months, what, unit, seen)


def _dash(curve, start, end):
    """Make a curve thin and dashed before one month and after another."""
    x, y = curve.get_data()
    months = [start, *x[(x > start) & (x < end)], min(end, x[-1])]
    levels = [y[x <= month][-1] for month in months]
    curve.axes.step(months, levels, where="post", color=curve.get_color(), lw=2)
    curve.set(color=GREY, lw=1.2, ls=(0, (3, 2)))


def _survival_words(cohort, months, what, unit, seen):
    """Alternative text of one curve; `months` and `seen` as given there."""
    ended = [number(t) for t in sorted(cohort.loc[~cohort["event"].astype(bool), "time"])]
    who = f"{counted(len(ended), unit)} {seen} at {listed(ended)} months"
    table = at_risk_table(cohort, [0, *(m for m in months if m <= cohort["time"].max())])
    at_risk = [f"{row.at_risk} at {row.start} months" for row in table.itertuples()]
    return (
        f"Step curve of the {what} of {counted(len(cohort), unit)}, falling "
        f"{describe_curve(cohort, months)}. "
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


def _large_panels(cohort, factors, title, xlabel, notes, zoom=None, known=None):
    """A panel a factor at the full width, with numbers at risk under it."""
    single = {"nrows": len(factors), "squeeze": False}
    figure, panels = new_figure(0.5 + 4.1 * len(factors), NOTICE, **single)
    for axes, (name, parts) in zip(panels.flat, factors.items(), strict=True):
        cohorts = _parts(cohort, parts)
        _two_curves(axes, cohorts, 2.3 * PANEL, SMALL)
        axes.set(title=f"{name}: {inside(title)}" if name else title, xlabel=xlabel)
        axes.set(xticks=np.arange(0, axes.get_xlim()[1] + 1, YEAR), yticks=range(0, 101, 25))
        _numbers_at_risk(axes, cohorts, -52, SMALL, known or {})
        words = {"transform": axes.transAxes, "ha": "right", "va": "top", "linespacing": 1.4}
        axes.text(1, 1, notes.get(name, ""), fontsize=SMALL, color=INK, **words)
        if zoom is not None:  # the same curves, larger, in the empty part of the axes
            small, until = axes.inset_axes((0.32, 0.13, 0.66, 0.41)), axes.get_xlim()[1]
            for own, (color, style) in zip(cohorts.values(), STYLES, strict=True):
                plot_survival(own, small, color, style, until)
            small.set(ylim=(zoom, 101), yticks=range(zoom, 101, 10))
            small.set_title(f"{zoom}% to 100%", fontsize=SMALL)
            small.spines["left"].set_bounds(zoom, 100)
            small.tick_params(labelsize=SMALL)
    return figure


def _small_panels(cohort, factors, title, xlabel, notes):
    """Two panels a row: curves with their labels, and the numbers at risk in the same colors."""
    rows = (len(factors) + 1) // 2
    note = f"{title} by {inside(xlabel)}, with numbers at risk.\n" + NOTICE
    grid = {"nrows": rows, "ncols": 2, "squeeze": False, "sharey": True}
    figure, panels = new_figure(0.6 + 2.6 * rows, note, **grid)
    figure.get_layout_engine().set(wspace=0.07)
    for axes, (name, parts) in zip(panels.flat, factors.items(), strict=False):
        cohorts = _parts(cohort, parts)
        _two_curves(axes, cohorts, PANEL, DENSE)
        axes.set(xticks=np.arange(0, axes.get_xlim()[1] + 1, 2 * YEAR), yticks=(0, 50, 100))
        _numbers_at_risk(axes, cohorts, -28, DENSE)
        axes.set_title(name, fontweight="bold", fontsize=SMALL, pad=18)
        words = {"transform": axes.transAxes, "fontsize": DENSE, "color": GREY}
        axes.text(0, 1.04, notes.get(name, ""), **words)
    for axes in panels.flat[len(factors) :]:
        axes.remove()
    figure.set_label(SCROLLS)
    return figure


def _parts(cohort, parts):
    """The rows of each group under its label."""
    return {label: cohort[np.asarray(group, dtype=bool)] for label, group in parts.items()}


def _factors_words(cohort, factors, unit):
    """Alternative text of two curves a factor."""
    panels = []
    for title, parts in factors.items():
        ends = []
        for label, chosen in _parts(cohort, parts).items():
            end = kaplan_meier(chosen).iloc[-1]
            rate = f"{number(100 * end['survival'])}% at {number(end['time'])} months"
            ends.append(f"{label} ({counted(len(chosen), unit)}) down to {rate}")
        panels.append(f"{title + ': ' if title else ''}{listed(ends)}.")
    return f"{counted(len(factors), 'panel')} of two curves each. " + " ".join(panels)


def _two_curves(axes, cohorts, width, size):
    """Solid blue and dashed orange, each with its label where there is most room.

    `width` is that of the axes, `size` that of the letters, both in points.
    """
    until = YEAR * np.ceil(max(cohort["time"].max() for cohort in cohorts.values()) / YEAR)
    curves, taken = [], []
    for (label, chosen), (color, style) in zip(cohorts.items(), STYLES, strict=True):
        add_censoring(plot_survival(chosen, axes, color, style, until), chosen, color, size=8)
        curves.append((f"{label} ({len(chosen)})", color, kaplan_meier(chosen)))
    for i, (label, color, own) in enumerate(curves):
        drawn = TextPath((0, 0), label, size, prop=FontProperties(weight="bold"))
        wide = until * drawn.get_extents().width / width
        place = _room(wide, own, curves[1 - i][2], until, taken)
        axes.text(*place, label, color=color, fontsize=size, fontweight="bold", va="center")
        taken.append((*place, wide + 2))


def _numbers_at_risk(axes, cohorts, drop, size, known=None):
    """A row of numbers a cohort, `drop` points under the axis, in its color; heads if `known`."""
    below = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points"}
    below |= {"va": "center", "fontsize": size}
    if known is not None:
        axes.annotate("No. at risk", (0, 0), (-16, drop), ha="right", color=GREY, **below)
        drop -= size + 5
    for (label, cohort), (color, _) in zip(cohorts.items(), STYLES, strict=True):
        if known is not None:
            axes.annotate(label, (0, 0), (-16, drop), ha="right", color=color, **below)
        for row in at_risk_table(cohort, axes.get_xticks()).itertuples():
            look = {"color": color, "style": slant(row.start > (known or {}).get(label, np.inf))}
            axes.annotate(str(row.at_risk), (row.start, 0), (0, drop), ha="center", **look, **below)
        drop -= size + 5


def _room(wide, own, other, until, taken):
    """Where a label, so many months wide, is clear of both curves and nearest to its own.

    Where no such place is nearer to its own curve than to the other, a clear one will do.
    """
    height = 8
    best, place = np.inf, (0.5 * until, 90)
    for x in np.arange(1.5, max(2, until - wide), until / 72):
        near, far = (_levels(curve, x - 1, x + wide + 1) for curve in (own, other))
        for y in range(7, 100, 3):
            free = all(abs(y - v) > 13 or not -wide - 2 < x - u < w for u, v, w in taken)
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

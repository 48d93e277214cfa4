"""The book's figures: tidy frames in, whole matplotlib figures out.

Names, labels and groups come in as arguments. `thirteen.drawing` has the style and the parts,
`thirteen.alt` says in words what is drawn.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath
from matplotlib.transforms import ScaledTranslation

from recohort.paper.estimates import kaplan_meier, log_rank, median_follow_up, median_survival
from thirteen.alt import hazard_text, large, number, p_text
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
    add_confidence_band,
    add_possible,
    add_rates,
    add_risk_table,
    in_house_style,
    new_figure,
    plot_survival,
)

MONTHS = "Months since the first ablation"
PANEL = 150  # points: a panel of two beside each other
SHAPES = {  # died, alive, has a factor: told apart by shape and filling as well as colour
    True: {"marker": "D", "ms": 7, "mec": BLUE, "mfc": BLUE, "mew": 1.5},
    False: {"marker": ">", "ms": 7, "mec": GREY, "mfc": "white", "mew": 1.5},
    None: {"marker": "s", "ms": 7, "mec": ORANGE, "mfc": ORANGE},
}
WORDS = {True: "died", False: "alive at the last visit", None: "has the factor named above"}


@in_house_style
def figure_survival(
    cohort: pd.DataFrame,
    months=(12, 36, 60),
    title: str = "Patients alive (%)",
    xlabel: str = MONTHS,
    seen: str = "last seen alive",
    possible=None,
) -> Figure:
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
    return figure


@in_house_style
def figure_factors(cohort: pd.DataFrame, factors: dict, p_values: dict | None = None) -> Figure:
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
    return figure


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


@in_house_style
def figure_swimmers(
    cohort: pd.DataFrame, labels=None, marks: dict | None = None, months=(12, 36, 60)
) -> Figure:
    """One bar a patient, in order of time: months to death or to the last visit.

    `labels` is a series of words written over the bars, `marks` gives for each title a boolean
    series, shown as dots beside them; lines stand at `months`. Needs a column `patient_id`.
    """
    ordered, marks = cohort.sort_values("time", kind="stable"), marks or {}
    figure, axes = new_figure(1.0 + 0.42 * len(ordered) + (1.4 if marks else 0))
    until = YEAR * np.ceil(ordered["time"].max() / YEAR)
    axes.vlines(months, -1, len(ordered) - 0.4, color=PALE, lw=1.2, zorder=0)
    for y, (index, row) in enumerate(ordered.iterrows()):
        _bar(axes, y, row, "" if labels is None else labels[index])
        for i, mark in enumerate(marks.values()):
            _dot(axes, until * (1.29 + 0.075 * i), y, bool(mark[index]))
    for i, title in enumerate(marks):
        place = (until * (1.29 + 0.075 * i), -0.75)
        axes.text(*place, title, rotation=90, ha="center", va="bottom", fontsize=SMALL, color=INK)
    _key(axes, WORDS if marks else {end: WORDS[end] for end in (True, False)})
    axes.set(ylim=(len(ordered) - 0.4, -0.8), xlim=(0, until * (1.24 + 0.075 * len(marks))))
    axes.set(xticks=np.arange(0, until + 1, YEAR), xlabel=MONTHS)
    axes.set_yticks(np.arange(len(ordered)) + 0.2 * (labels is None), ordered["patient_id"])
    axes.xaxis.label.set(x=0.5 / (1.24 + 0.075 * len(marks)))
    axes.spines["bottom"].set_bounds(0, until)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


def _bar(axes, y, row, label):
    """A patient's bar, the shape and the word for its end, the label over it."""
    died = bool(row["event"])
    axes.barh(y + 0.2, row["time"], height=0.26, color=BLUE if died else GREY, alpha=0.45)
    axes.plot(row["time"], y + 0.2, ls="", clip_on=False, **SHAPES[died])
    axes.text(0, y - 0.22, label, fontsize=SMALL, color=GREY, va="center")
    words = f"{number(row['time'])} {'died' if died else 'alive'}"
    axes.annotate(words, (row["time"], y + 0.2), (7, -0.5), textcoords="offset points",
                  fontsize=SMALL, color=INK, va="center")  # fmt: skip


def _key(axes, words):
    """What the shapes mean, over the bars."""
    handles = [Line2D([], [], ls="", label=text, **SHAPES[end]) for end, text in words.items()]
    near = {"borderaxespad": 0, "borderpad": 0, "handletextpad": 0.3, "handlelength": 1.2}
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    axes.legend(handles=handles, frameon=False, fontsize=SMALL, **place, **near)


def _dot(axes, x, y, filled):
    """A factor's mark: a full square where it is present, a faint point where not."""
    faint = {"marker": ".", "ms": 3, "color": GREY}
    axes.plot(x, y + 0.2, **(SHAPES[None] if filled else faint))


@in_house_style
def figure_forest(table: pd.DataFrame, note: str = "Lines: 95% limits.\n" + NOTICE) -> Figure:
    """Hazard ratios with 95% limits on a log axis, numbers at the right; frame of `cox_table`.

    A covariate's name stands over its line, so that the axis may use the whole width.
    """
    figure, axes = new_figure(1 + 0.5 * (len(table) + table["model"].nunique()), note)
    y, levels = 0.0, []
    for model, rows in table.groupby("model", sort=False):
        axes.annotate(model.capitalize(), (0, y), va="center", fontweight="bold",
                      xycoords=axes.get_yaxis_transform())  # fmt: skip
        for _, row in rows.iterrows():
            y += 1
            levels.append((y, row["covariate"]))
            _ratio(axes, y, row)
        y += 1.2
    axes.axvline(1, color=GREY, lw=1, ls=(0, (3, 3)), zorder=0)
    axes.set(xscale="log", ylim=(y - 0.5, -0.5), xlabel="Hazard ratio, log scale")
    axes.set_yticks(*zip(*levels, strict=True))
    axes.tick_params(axis="y", length=0, pad=0)
    for name in axes.get_yticklabels():
        raised = ScaledTranslation(0, 7 / 72, figure.dpi_scale_trans)
        name.set(ha="left", va="bottom", transform=name.get_transform() + raised)
        name.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    axes.spines["left"].set_visible(False)
    ends = np.log10([table["ci_lower"].min(), table["ci_upper"].max()])
    marks = 10.0 ** np.arange(*np.ceil(ends))
    axes.set_xticks(marks, [f"{mark:g}" for mark in marks])
    axes.minorticks_off()
    return figure


def _ratio(axes, y, row):
    """A point with its limits, its numbers at the right."""
    axes.plot((row["ci_lower"], row["ci_upper"]), (y, y), color=BLUE, lw=2)
    axes.plot(row["hazard_ratio"], y, "s", color=BLUE, ms=8)
    place = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
    axes.annotate(f"{hazard_text(row)}\n{p_text(row['p_value'])}", (1, y), (8, 0), va="center",
                  fontsize=SMALL, linespacing=1.3, **place)  # fmt: skip


@in_house_style
def figure_funnel(stages: pd.DataFrame, note: str = "Lengths on a log scale.") -> Figure:
    """How many candidates remain: columns `stage` and `candidates`, bars on a log scale."""
    figure, axes = new_figure(0.7 + 0.52 * len(stages), note)
    most = stages["candidates"].max()
    for y, row in enumerate(stages.itertuples()):
        last = y == len(stages) - 1
        width = max(row.candidates, 0.5) - 0.5
        axes.barh(y + 0.2, width, left=0.5, height=0.34, color=ORANGE if last else BLUE)
        axes.annotate(row.stage, (0.5, y - 0.2), (0, 0), textcoords="offset points", va="center")
        axes.annotate(large(row.candidates), (max(row.candidates, 0.5), y + 0.2), (5, -0.5),
                      textcoords="offset points", va="center", fontweight="bold")  # fmt: skip
    axes.set(xscale="log", xlim=(0.5, most**1.3 * 2), ylim=(len(stages) - 0.4, -0.6))
    axes.set_axis_off()
    return figure


@in_house_style
def figure_medians(cohort: pd.DataFrame) -> Figure:
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
    return figure


def _beside(axes, month, rate, text, color):
    """Words at the right of a month, or up to the edge where that is too near."""
    edge = axes.get_xlim()[1]
    x, ha = (month, "left") if month < 0.55 * edge else (edge, "right")
    axes.annotate(text, (x, rate), (7 if ha == "left" else 0, 0), textcoords="offset points",
                  color=color, fontweight="bold", va="center", ha=ha)  # fmt: skip

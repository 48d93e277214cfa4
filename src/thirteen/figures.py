"""Figures with a row for each patient, covariate or stage: swimmers, forest, funnel."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from thirteen.curves import MONTHS
from thirteen.data import NOTICE
from thirteen.data import labels as labels_of
from thirteen.style import BLUE, GREY, INK, ORANGE, PALE, SMALL, YEAR, new_figure, picture
from thirteen.text import hazard_text, large, number, p_text

SHAPES = {  # died, alive, has a factor: told apart by shape and filling as well as colour
    True: {"marker": "D", "ms": 7, "mec": BLUE, "mfc": BLUE, "mew": 1.5},
    False: {"marker": ">", "ms": 7, "mec": GREY, "mfc": "white", "mew": 1.5},
    None: {"marker": "s", "ms": 7, "mec": ORANGE, "mfc": ORANGE},
}
LETTER = 5.2  # points: the width of a small letter on average
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
WORDS = {True: "died", False: "alive at the last visit", None: "has the factor named above"}


@picture
def figure_swimmers(
    cohort: pd.DataFrame, labels=None, marks: dict | None = None, months=(12, 36, 60)
) -> tuple:
    """One bar a patient, in order of time: months to death or to the last visit.

    `labels` is a series of words for a column at the left, or the name of a column of
    `labels.csv`; `marks` gives for each title a boolean series, shown as squares at the right;
    lines stand at `months`. Needs a column `patient_id`.
    """
    labels = cohort[labels].map(labels_of(labels)) if isinstance(labels, str) else labels
    ordered, marks = cohort.sort_values("time", kind="stable"), marks or {}
    words = [] if labels is None else [str(label) for label in labels[ordered.index]]
    figure, axes = new_figure(1.0 + 0.3 * len(ordered) + (1.2 if marks else 0))
    until, last = YEAR * np.ceil(ordered["time"].max() / YEAR), len(ordered) - 0.4
    end = until * (1.38 + 0.09 * len(marks))
    axes.vlines(months, -1, last, color=PALE, lw=1.2, zorder=0)
    if marks:
        axes.hlines(range(len(ordered)), ordered["time"], end, color=PALE, lw=0.6, zorder=0)
    for y, (_, row) in enumerate(ordered.iterrows()):
        _bar(axes, y, row)
    for i, (title, mark) in enumerate(marks.items()):
        _column(axes, until * (1.44 + 0.09 * i), title, mark[ordered.index])
    _key(axes, WORDS if marks else {end: WORDS[end] for end in (True, False)})
    axes.set(ylim=(last, -0.8), xlim=(0, end), xlabel=MONTHS)
    axes.set_xticks(np.arange(0, until + 1, YEAR))
    axes.xaxis.label.set(x=0.5 * until / end)
    axes.spines["bottom"].set_bounds(0, until)
    axes.spines["left"].set_visible(False)
    _names(axes, ordered["patient_id"], words)
    return figure, _swimmers_words(cohort, labels, marks)


def _swimmers_words(cohort: pd.DataFrame, labels=None, marks: dict | None = None) -> str:
    """Alternative text of `figure_swimmers`, with the same arguments."""
    ordered = cohort.sort_values("time", kind="stable")
    rows = []
    for index, row in ordered.iterrows():
        words = [number(row["time"]) + (" died" if row["event"] else " alive")]
        words += [] if labels is None else [str(labels[index])]
        words += [title for title, mark in (marks or {}).items() if mark[index]]
        rows.append(f"{row['patient_id']} {', '.join(words)}")
    return (
        f"{len(rows)} bars in order of time, in months from the first ablation to death "
        f"({int(cohort['event'].sum())}) or last visit: {'; '.join(rows)}."
    )


def _bar(axes, y, row):
    """A patient's bar, the shape and the word for its end."""
    died = bool(row["event"])
    axes.barh(y, row["time"], height=0.36, color=BLUE if died else GREY, alpha=0.45)
    axes.plot(row["time"], y, ls="", clip_on=False, **SHAPES[died])
    words = f"{number(row['time'])} {'died' if died else 'alive'}"
    place = {"textcoords": "offset points", "fontsize": SMALL, "color": INK, "va": "center"}
    axes.annotate(words, (row["time"], y), (7, -0.5), **place, bbox=BEHIND)


def _names(axes, patients, words):
    """Who it is at the left, and between the names and the bars a column of words."""
    width = LETTER * max(map(len, words), default=0)
    for y, word in enumerate(words):
        place = {"textcoords": "offset points", "va": "center", "color": GREY}
        axes.annotate(word, (0, y), (-width, -0.5), fontsize=SMALL, **place)
    axes.set_yticks(range(len(patients)), patients)
    axes.tick_params(axis="y", length=0, pad=width + 6)


def _key(axes, words):
    """What the shapes mean, over the bars."""
    handles = [Line2D([], [], ls="", label=text, **SHAPES[end]) for end, text in words.items()]
    near = {"borderaxespad": 0, "borderpad": 0, "handletextpad": 0.3, "handlelength": 1.2}
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    axes.legend(handles=handles, frameon=False, fontsize=SMALL, **place, **near)


def _column(axes, x, title, marks):
    """A factor's column: a full square where it is present, a faint point where not."""
    faint = {"marker": ".", "ms": 3, "color": GREY}
    for y, present in enumerate(marks):
        axes.plot(x, y, **(SHAPES[None] if present else faint))
    axes.text(x, -0.9, title, rotation=90, ha="center", va="bottom", fontsize=SMALL, color=INK)


@picture
def figure_forest(table: pd.DataFrame, note: str = "Lines: 95% limits.\n" + NOTICE) -> tuple:
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
    return figure, _forest_words(table)


def _forest_words(table: pd.DataFrame) -> str:
    """Alternative text of `figure_forest`, from the same table."""
    rows = [
        f"{row['covariate']} {row['model']} {hazard_text(row)}, {p_text(row['p_value'])}"
        for _, row in table.iterrows()
    ]
    return f"Hazard ratios with 95% limits on a log axis: {'; '.join(rows)}."


def _ratio(axes, y, row):
    """A point with its limits, its numbers at the right."""
    axes.plot((row["ci_lower"], row["ci_upper"]), (y, y), color=BLUE, lw=2)
    axes.plot(row["hazard_ratio"], y, "s", color=BLUE, ms=8)
    place = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
    axes.annotate(f"{hazard_text(row)}\n{p_text(row['p_value'])}", (1, y), (8, 0), va="center",
                  fontsize=SMALL, linespacing=1.3, **place)  # fmt: skip


@picture
def figure_funnel(stages: pd.DataFrame, note: str = "Lengths on a log scale.") -> tuple:
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
    return figure, _funnel_words(stages)


def _funnel_words(stages: pd.DataFrame) -> str:
    """Alternative text of `figure_funnel`, from the same frame."""
    rows = [f"{row.stage} {large(row.candidates)}" for row in stages.itertuples()]
    return f"Bars on a log scale, one a stage of the search: {'; '.join(rows)}."

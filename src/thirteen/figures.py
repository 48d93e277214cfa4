"""Figures with a row for each patient, factor or stage; and the two medians on one curve."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from recohort.paper.estimates import median_follow_up, median_survival, survival_at
from thirteen.curves import MONTHS
from thirteen.data import NOTICE
from thirteen.data import labels as labels_of
from thirteen.style import (
    BLUE,
    DENSE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SCROLLS,
    YEAR,
    add_censoring,
    new_figure,
    picture,
    plot_survival,
    slant,
)
from thirteen.text import counted, inside, large, listed, months_text, number, p_text

SHAPES = {  # died, alive, has a factor: told apart by shape and filling as well as colour
    True: {"marker": "D", "ms": 7, "mec": BLUE, "mfc": BLUE, "mew": 1.5},
    False: {"marker": ">", "ms": 7, "mec": GREY, "mfc": "white", "mew": 1.5},
    None: {"marker": "s", "ms": 7, "mec": ORANGE, "mfc": ORANGE},
}
LETTER = 5.2  # points: the width of a small letter on average
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
WORDS = {True: "died", False: "alive at the last visit", None: "has this factor"}


@picture
def figure_swimmers(
    cohort: pd.DataFrame, labels=None, marks=None, months=(12, 36, 60), chosen=((), ())
) -> tuple:
    """One bar a patient, in order of time: months to death or to the last visit.

    `labels` is a series of words for a column at the left, or the name of a column of
    `labels.csv`. `marks` gives for each title a boolean series, shown as squares at the right.
    Lines stand at `months`. `chosen`: who has the label, and who the time, in italics.
    """
    labels = cohort[labels].map(labels_of(labels)) if isinstance(labels, str) else labels
    ordered, marks = cohort.sort_values("time", kind="stable"), marks or {}
    words = [] if labels is None else [str(label) for label in labels[ordered.index]]
    figure, axes = new_figure(1.0 + 0.3 * len(ordered) + (1.2 if marks else 0))
    until, last = YEAR * np.ceil(ordered["time"].max() / YEAR), len(ordered) - 0.4
    end = until * (1.16 + 0.07 * len(marks))
    axes.vlines(months, -1, last, color=PALE, lw=1.2, zorder=0)
    if marks:
        axes.hlines(range(len(ordered)), ordered["time"], end, color=PALE, lw=0.6, zorder=0)
    for y, (_, row) in enumerate(ordered.iterrows()):
        _bar(axes, y, row, row["patient_id"] in chosen[1])
    for i, (title, mark) in enumerate(marks.items()):
        _column(axes, until * (1.2 + 0.07 * i), title, mark[ordered.index])
    _key_of_ends(axes, WORDS if marks else (True, False))
    axes.set(ylim=(last, -0.8), xlim=(0, end), xticks=np.arange(0, until + 1, YEAR), xlabel=MONTHS)
    axes.xaxis.label.set(x=0.5 * until / end)
    axes.spines["bottom"].set_bounds(0, until)
    axes.spines["left"].set_visible(False)
    _names(axes, ordered["patient_id"], words, chosen[0])
    figure.set_label(SCROLLS)
    return figure, _swimmers_words(ordered, labels, marks)


def _swimmers_words(ordered, labels, marks):
    """Alternative text of `figure_swimmers`."""
    rows = []
    for index, row in ordered.iterrows():
        words = [number(row["time"]) + (" died" if row["event"] else " alive")]
        words += [] if labels is None else [str(labels[index])]
        words += [title for title, mark in marks.items() if mark[index]]
        rows.append(f"{row['patient_id']} {', '.join(words)}")
    return (
        f"{len(rows)} bars in order of time, in months from the first ablation to death "
        f"({int(ordered['event'].sum())}) or last visit: {'; '.join(rows)}."
    )


def _bar(axes, y, row, chosen):
    """A patient's bar, the shape of its end, and the time."""
    died = bool(row["event"])
    axes.barh(y, row["time"], height=0.36, color=BLUE if died else GREY, alpha=0.45)
    axes.plot(row["time"], y, ls="", clip_on=False, **SHAPES[died])
    place = {"textcoords": "offset points", "fontsize": DENSE, "color": INK, "va": "center"}
    place |= {"style": slant(chosen), "bbox": BEHIND}
    axes.annotate(number(row["time"]), (row["time"], y), (7, -0.5), **place)


def _names(axes, patients, words, chosen):
    """Who it is at the left, and between the names and the bars a column of words."""
    width = LETTER * max(map(len, words), default=0)
    for y, (who, word) in enumerate(zip(patients, words, strict=bool(words))):
        look = {"va": "center", "color": GREY, "style": slant(who in chosen)}
        axes.annotate(word, (0, y), (-width, -0.5), "data", "offset points", fontsize=DENSE, **look)
    axes.set_yticks(range(len(patients)), patients)
    axes.tick_params(axis="y", length=0, pad=width + 6)


def _key_of_ends(axes, ends):
    """What the shapes at the ends of bars mean, over the axes."""
    near = {"borderaxespad": 0, "borderpad": 0, "handletextpad": 0.3, "handlelength": 1.2}
    handles = [Line2D([], [], ls="", label=WORDS[end], **SHAPES[end]) for end in ends]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), **near)


def _column(axes, x, title, marks):
    """A factor's column: a full square where it is present, a faint point where not."""
    faint = {"marker": ".", "ms": 3, "color": GREY}
    for y, present in enumerate(marks):
        axes.plot(x, y, **(SHAPES[None] if present else faint))
    axes.text(x, -0.9, title, rotation=90, ha="center", va="bottom", fontsize=DENSE, color=INK)


@picture
def figure_medians(cohort: pd.DataFrame) -> tuple:
    """The plain median of follow-up and the Kaplan-Meier median survival on one curve."""
    note = "Dots on the axis: each rebuilt time, filled when it ended in death.\n" + NOTICE
    figure, axes = new_figure(4.2, note)
    add_censoring(plot_survival(cohort, axes), cohort)
    plain, level = median_follow_up(cohort), median_survival(cohort)
    axes.vlines(plain, 0, 100, color=ORANGE, lw=1.8, ls=(0, (3, 1.5)), zorder=0)
    _beside(axes, plain, 96, f"{number(plain)}: median of all times,\nalive or dead", ORANGE)
    if np.isfinite(level):
        axes.plot((0, level, level), (50, 50, 0), color=BLUE, lw=1.4, ls=":")
        axes.plot(level, 50, "o", color=BLUE, ms=6, mec="white", mew=1.2, zorder=4)
        _beside(axes, level, 62, f"{number(level)}: Kaplan-Meier\nmedian survival", BLUE)
    for time, event in zip(cohort["time"], cohort["event"], strict=True):
        inside = INK if event else "white"
        axes.plot(time, 0, "o", ms=6, mec=INK, mfc=inside, clip_on=False, zorder=5)
    axes.set(title="Patients alive (%)", xlabel=MONTHS)
    reached = f"reaches one half at {months_text(level)}"
    return figure, (
        f"The survival curve of {counted(len(cohort), 'patient')} with two medians. "
        f"Half of the patients, alive or dead, were followed up to {months_text(plain)}, where the "
        f"curve still stands at {number(100 * survival_at(cohort, plain)['survival'])}%; "
        f"the curve {reached if np.isfinite(level) else 'never reaches one half'}."
    )


def _beside(axes, month, rate, text, color):
    """Words at the right of a month, or up to the edge where that is too near."""
    edge = axes.get_xlim()[1]
    x, ha, away = (month, "left", 7) if month < 0.55 * edge else (edge, "right", 0)
    place = {"xytext": (away, 0), "textcoords": "offset points", "va": "center", "ha": ha}
    axes.annotate(text, (x, rate), **place, color=color, fontweight="bold")


RATIO = "exp(coef)"  # lifelines' names of a hazard ratio and of its 95% CI
ENDS = f"{RATIO} lower 95%", f"{RATIO} upper 95%"


@picture
def figure_forest(cohort: pd.DataFrame, models: dict, lowest: float = 0.02) -> tuple:
    """Hazard ratios in columns: factor, reference, patients, deaths, ratio with 95% CI, P.

    `models` gives for each heading a dict of (column, value) to a row of lifelines' `summary`: the
    patients with that value against all others. Columns and values are called as in `labels.csv`;
    an interval that reaches below `lowest` is drawn up to there.
    """
    rows = [row for heading, fits in models.items() for row in _forest_rows(cohort, heading, fits)]
    grid = {"ncols": 3, "sharey": True, "width_ratios": (2.85, 1.35, 1.8)}
    figure, (left, axes, right) = new_figure(1.2 + 0.44 * len(rows), NOTICE, **grid)
    for y, row in enumerate(rows):
        _forest_row(left, axes, right, y, row)
    small = {"fontsize": DENSE, "color": GREY, "va": "center"}
    left.text(0, -1, "Factor: value vs reference", **small)
    left.text(1, -1, "n / died", ha="right", **small)
    right.text(0, -1, "HR (95% CI)", **small)
    right.text(1, -1, "P", ha="right", **small)
    axes.vlines(1, -0.5, len(rows) - 0.4, color=GREY, lw=1, ls=(0, (3, 3)), zorder=0)
    most = max(row["summary"][ENDS[1]] for row in rows if row["summary"] is not None)
    axes.set(xscale="log", xlim=(lowest, 1.2 * most), ylim=(len(rows) - 0.4, -1.6))
    marks = [mark for mark in (0.1, 1, 10, 100, 1000) if lowest <= mark <= most]
    axes.set_xticks(marks, [f"{mark:g}" for mark in marks], fontsize=DENSE)
    axes.minorticks_off()
    axes.set_xlabel("lower ← risk → higher", fontsize=DENSE)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelleft=False)
    for side in (left, right):
        side.set_axis_off()
    figure.set_label(SCROLLS)
    return figure, _forest_words(rows)


def _forest_rows(cohort, heading, fits):
    """The rows of one heading, itself the first: lifelines' row, and what is written beside it.

    A ratio has one decimal, two where it is below one.
    """
    rows = [{"name": heading, "summary": None}]
    for (column, value), summary in fits.items():
        words = labels_of(column)
        inside_it = cohort[column].astype(str) == str(value)
        other = listed(words[v] for v in words if v not in ("", str(value)))
        row = {"name": words[""], "summary": summary, "p": p_text(summary["p"])}
        row["counts"] = f"{inside_it.sum()} / {int(cohort.loc[inside_it, 'event'].sum())}"
        row["against"] = f"{inside(words[str(value)])} vs {inside(other)}"
        ratio, low, high = (number(x, 2 if x < 1 else 1) for x in summary[[RATIO, *ENDS]])
        rows.append(row | {"ratio": f"{ratio} ({low}–{high})"})
    return rows


def _forest_row(left, axes, right, y, row):
    """A heading, or a factor's name, its point with the 95% CI, and its numbers."""
    summary, small = row["summary"], {"fontsize": DENSE, "va": "center", "color": INK}
    if summary is None:
        left.text(0, y, row["name"], fontweight="bold", **small)
        return
    low, high = (summary[end] for end in ENDS)
    axes.plot((low, high), (y, y), color=BLUE, lw=2)
    axes.plot(summary[RATIO], y, "s", color=BLUE, ms=7)
    left.text(0, y - 0.2, row["name"], **small)
    left.text(0, y + 0.2, row["against"], **small | {"color": GREY})
    left.text(1, y, row["counts"], ha="right", **small)
    right.text(0, y, row["ratio"], **small)
    right.text(1, y, row["p"].removeprefix("P ").removeprefix("= "), ha="right", **small)


def _forest_words(rows):
    """Alternative text of `figure_forest`."""
    parts = []
    for row in rows:
        if row["summary"] is None:
            parts.append(f"{row['name']}:")
        else:
            parts.append(f"{row['name']}, {row['against']}: {row['ratio']}, {row['p']};")
    return f"Hazard ratios of death with 95% CI on a log axis. {' '.join(parts).rstrip(';')}."


@picture
def figure_funnel(stages: pd.DataFrame) -> tuple:
    """How many candidates remain: columns `stage` and `candidates`, bars on a log scale."""
    figure, axes = new_figure(0.7 + 0.52 * len(stages), note="")
    ends = stages["candidates"].astype(float).clip(lower=1)
    bars = axes.barh(np.arange(len(stages)) + 0.2, ends - 1, left=1, height=0.34, color=BLUE)
    bars[-1].set_color(ORANGE)
    axes.bar_label(bars, stages["candidates"].map(large), padding=5, weight="bold")
    for y, stage in enumerate(stages["stage"]):
        axes.text(1, y - 0.2, stage, va="center")
    axes.set(xscale="log", xmargin=0.3, xlim=(1, None), ylim=(len(stages) - 0.4, -0.6), yticks=[])
    marks = [mark for mark in axes.get_xticks() if 1 <= mark <= ends.max()][::2]
    axes.set_xticks(marks, [large(mark).removeprefix("1.0 × ") for mark in marks])
    axes.minorticks_off()
    axes.set_xlabel("Candidates left (log scale)", x=0, ha="left")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(1, ends.max())
    rows = [f"{row.stage} {large(row.candidates)}" for row in stages.itertuples()]
    return figure, f"Bars on a log scale, one a stage of the search: {'; '.join(rows)}."

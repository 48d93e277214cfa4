"""Figures of who was in the study, of treatment and of progression."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from thirteen.data import NOTICE, groups
from thirteen.style import BLUE, DENSE, GREY, INK, ORANGE, SCROLLS, add_key, new_figure, picture
from thirteen.text import counted, listed, number

STYLES = ({"marker": "o", "color": BLUE}, {"marker": "s", "color": ORANGE})
QUIET = {"fontsize": DENSE, "color": GREY}
WIDE, GAP = 1.0, 0.78  # of a tumor in a session's box, and between the boxes


@picture
def figure_flow(stages: list, parts: list) -> tuple:
    """Who was in the study, from box to box, and below what each result counts.

    `stages` are pairs of a number and words, one below the other; `parts` the same, side by side
    under the last stage.
    """
    figure, axes = new_figure(1.2 * len(stages) + 1.5, "")
    for i, stage in enumerate(stages):
        _box(axes, 0.5, -i, 0.62, stage)
        axes.annotate("", (0.5, -i - 0.66), (0.5, -i - 0.34), arrowprops=ARROW)
    wide, y = 1 / len(parts), -len(stages) - 0.1
    axes.plot((wide / 2, 1 - wide / 2), (y + 0.44, y + 0.44), color=GREY, lw=1.2)
    for i, part in enumerate(parts):
        _box(axes, (i + 0.5) * wide, y, wide - 0.02, part)
    axes.set(xlim=(0, 1), ylim=(y - 0.45, 0.4))
    axes.set_axis_off()
    said = [" ".join(f"{count} {words}".split()) for count, words in stages]
    counts = listed(" ".join(f"{count} {words}".split()) for count, words in parts)
    figure.set_label(SCROLLS)
    return figure, f"A flow of boxes: {', of these '.join(said)}. The results count {counts}."


ARROW = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 0, "shrinkB": 0}


def _box(axes, x, y, wide, stage):
    """A box around a number and its words, its middle at a place."""
    count, words = stage
    box = Rectangle((x - wide / 2, y - 0.34), wide, 0.68, fc="none", ec=GREY, lw=1.2)
    axes.add_patch(box)
    axes.text(x, y + 0.2, count, ha="center", va="center", fontweight="bold", color=BLUE)
    place = {"ha": "center", "va": "top", "linespacing": 1.3}
    axes.text(x, y + 0.07, words, fontsize=DENSE, **place)


@picture
def figure_sessions(sessions: pd.DataFrame, tumors: pd.DataFrame, by: str, fixed=()) -> tuple:
    """A row a patient, a box a session, a mark a tumor with its largest diameter in cm.

    `by` names a column of the sessions with labels in `labels.csv`. Only the sessions named in
    `fixed` have the color of their kind; all others are chosen, and grey. Raises ValueError where
    a session has none of the labels, or there are more than two of them.
    """
    kinds = groups(sessions, by)
    if len(kinds) > len(STYLES) or not pd.concat(kinds, axis=1).any(axis=1).all():
        raise ValueError(f"figure_sessions: needs each session in one of {len(STYLES)} kinds")
    patients = sorted(sessions["patient_id"].unique())
    figure, axes = new_figure(1.0 + 0.36 * len(patients))
    first = _widest(sessions, tumors) * WIDE + GAP
    for y, patient in enumerate(patients):
        own = sessions[sessions["patient_id"] == patient].sort_values("session_number")
        for i, (index, session) in enumerate(own.iterrows()):
            kind = next(label for label, mask in kinds.items() if mask[index])
            looks = _looks(kinds, session["session_id"] in fixed)[kind]
            _session(axes, i * first, y, tumors, session["session_id"], looks)
        _days_between(axes, own, first, y)
    most = int(sessions["session_number"].max())
    for i in range(most):
        axes.text(i * first, -0.62, f"Session {i + 1}", va="bottom", **QUIET)
    _key(axes, _looks(kinds, bool(fixed)))
    axes.set(ylim=(len(patients) - 0.4, -1.15), xlim=(-0.05, (most - 1) * first + WIDE + 0.05))
    axes.set(xticks=[], yticks=range(len(patients)), yticklabels=patients)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.set_label(SCROLLS)
    return figure, _sessions_words(sessions, tumors, kinds)


def _looks(kinds, sure):
    """The mark of each kind: in its color, or grey and hollow where it is chosen."""
    hollow = {} if sure else {"color": GREY, "mfc": "none", "mew": 1}
    return {kind: style | hollow for kind, style in zip(kinds, STYLES, strict=False)}


def _days_between(axes, own, first, y):
    """The days from one session of a patient to the next, between their boxes."""
    for i, days in enumerate(own["days_after_first"].diff().iloc[1:], start=1):
        words = counted(int(days), "day")
        axes.text(i * first - GAP / 2, y, words, ha="center", va="center", **QUIET)


def _widest(sessions, tumors):
    """The most tumors treated in anybody's first session."""
    own = sessions.loc[sessions["session_number"] == 1, "session_id"]
    return int(tumors[tumors["session_id"].isin(own)].groupby("session_id").size().max())


def _session(axes, x, y, tumors, session, style):
    """A session's box with its tumors."""
    own = tumors[tumors["session_id"] == session]
    box = Rectangle((x, y - 0.36), len(own) * WIDE, 0.72, fc="none", ec=INK, lw=1, zorder=0)
    axes.add_patch(box)
    for i, tumor in enumerate(own.itertuples()):
        at = x + i * WIDE
        axes.plot(at + 0.2, y, ls="", ms=8, **style)
        words = f"{number(tumor.diameter_cm)} cm"
        axes.text(at + 0.4, y, words, va="center", **QUIET)


def _key(axes, looks):
    """What the marks mean, over the rows."""
    handles = [Line2D([], [], ls="", ms=7, label=kind, **style) for kind, style in looks.items()]
    handles.append(Line2D([], [], ls="", label="(open or grey: chosen)"))
    add_key(axes, handles, ncols=len(handles))


def _sessions_words(sessions, tumors, kinds):
    """Alternative text of `figure_sessions`."""
    rows = []
    for patient, own in sessions.groupby("patient_id"):
        parts = []
        for index, session in own.sort_values("session_number").iterrows():
            kind = next(label for label, mask in kinds.items() if mask[index])
            seen = tumors[tumors["session_id"] == session["session_id"]].itertuples()
            what = listed(f"{number(t.diameter_cm)} cm" for t in seen)
            days = int(session["days_after_first"])
            after = f" after {counted(days, 'day')}" if days else ""
            parts.append(f"{kind.lower()}{after} of {what}")
        rows.append(f"{patient} {', then '.join(parts)}")
    return (
        f"One row for each of {counted(len(rows), 'patient')}, with "
        f"{counted(len(sessions), 'session')} and {counted(len(tumors), 'tumor')}: "
        f"{'; '.join(rows)}."
    )


@picture
def figure_ranges(ranges: pd.DataFrame, xlabel: str, note: str = NOTICE) -> tuple:
    """From when to when something can have happened, a bar a row, and a ring where it is shown.

    Columns: `label`, `lowest`, `highest`, `shown` and `event`; where there was none, an arrow in
    place of the ring.
    """
    figure, axes = new_figure(0.9 + 0.3 * len(ranges), note)
    edge = ranges.loc[ranges["event"].astype(bool), "highest"].max()
    until = 3 * np.ceil((edge + 1) / 3)
    for y, row in enumerate(ranges.itertuples()):
        if row.event:
            wide = row.highest - row.lowest
            axes.barh(y, wide, left=row.lowest, height=0.5, color=BLUE, alpha=0.3)
            axes.plot(row.shown, y, "o", ms=6, mec=GREY, mfc="none", mew=1)
        else:
            axes.plot((0, until), (y, y), color=GREY, lw=1.4, ls=(0, (3, 1.5)))
            axes.plot(until, y, ">", ms=7, color=GREY, clip_on=False)
    axes.set(xlim=(0, until), ylim=(len(ranges) - 0.4, -0.6), xlabel=xlabel)
    axes.set_xticks(np.arange(0, until + 1, 3))
    axes.set_yticks(range(len(ranges)), ranges["label"])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, _ranges_words(ranges)


def _ranges_words(ranges):
    """Alternative text of `figure_ranges`."""
    with_event = ranges[ranges["event"].astype(bool)]
    spans = [
        f"{r.label} {number(r.lowest)} to {number(r.highest)}" for r in with_event.itertuples()
    ]
    free = listed(ranges.loc[~ranges["event"].astype(bool), "label"])
    return (
        f"{counted(len(with_event), 'bar')} from the earliest to the latest possible month: "
        f"{'; '.join(spans)}. Without the event: {free}."
    )

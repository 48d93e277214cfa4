"""Who was treated when, how, and for which tumors: one figure, and its words.

`sessions` needs the columns `patient_id`, `session_id`, `session_number` and `days_after_first`,
`tumors` `session_id`, `side` and `diameter_cm`; `kinds` gives for each label a boolean series
over the sessions.
"""

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from thirteen.data import NOTICE
from thirteen.style import BLUE, GREY, INK, ORANGE, PALE, SMALL, new_figure, picture
from thirteen.text import counted, listed, number

STYLES = ({"marker": "o", "color": BLUE}, {"marker": "s", "color": ORANGE})
WIDE, GAP = 1.0, 0.78  # of a tumor in a session's box, and between the boxes


@picture
def figure_sessions(sessions: pd.DataFrame, tumors: pd.DataFrame, kinds: dict) -> tuple:
    """A row a patient, a box a session, a mark a tumor: its area goes with its diameter.

    Between the boxes stand the days from one session to the next. Raises ValueError where a
    session has none of the `kinds`, or there are more than two of them.
    """
    if len(kinds) > len(STYLES) or not pd.concat(kinds, axis=1).any(axis=1).all():
        raise ValueError(f"figure_sessions: needs each session in one of {len(STYLES)} kinds")
    patients = sorted(sessions["patient_id"].unique())
    note = "Letter and figure: side of the kidney (initial), largest diameter in cm.\n" + NOTICE
    figure, axes = new_figure(1.1 + 0.4 * len(patients), note)
    first = _widest(sessions, tumors, 1) * WIDE + GAP
    ends = []
    for y, patient in enumerate(patients):
        own = sessions[sessions["patient_id"] == patient].sort_values("session_number")
        for i, (index, session) in enumerate(own.iterrows()):
            style = next(s for s, k in zip(STYLES, kinds.values(), strict=False) if k[index])
            ends.append(_session(axes, i * first, y, tumors, session["session_id"], style))
            if i:
                days = session["days_after_first"] - own["days_after_first"].iloc[i - 1]
                axes.annotate(counted(int(days), "day"), (i * first - GAP / 2, y),
                              va="center", ha="center", fontsize=SMALL, color=GREY)  # fmt: skip
    most = int(sessions["session_number"].max())
    for i in range(most):
        axes.text(i * first, -0.62, f"Session {i + 1}", fontsize=SMALL, color=GREY, va="bottom")
    _key(axes, kinds)
    axes.set(ylim=(len(patients) - 0.4, -1.15), xlim=(-0.05, max(ends) + 0.05), xticks=[])
    axes.set_yticks(range(len(patients)), patients)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, describe_sessions(sessions, tumors, kinds)


def _widest(sessions, tumors, number):
    """The most tumors treated in anybody's session of that number."""
    own = sessions.loc[sessions["session_number"] == number, "session_id"]
    return int(tumors[tumors["session_id"].isin(own)].groupby("session_id").size().max())


def _session(axes, x, y, tumors, session, style):
    """A session's box with its tumors; returns where it ends."""
    own = tumors[tumors["session_id"] == session]
    box = Rectangle((x, y - 0.36), len(own) * WIDE, 0.72, fc="white", ec=PALE, lw=1.2, zorder=0)
    axes.add_patch(box)
    for i, tumor in enumerate(own.itertuples()):
        at = x + i * WIDE
        axes.plot(at + 0.2, y, ls="", ms=6.5 * tumor.diameter_cm**0.5, **style)
        words = f"{tumor.side[0].upper()} {number(tumor.diameter_cm)}"
        axes.text(at + 0.42, y, words, fontsize=SMALL, color=INK, va="center")
    return x + len(own) * WIDE


def _key(axes, kinds):
    """What the marks mean, over the rows."""
    handles = [Line2D([], [], ls="", ms=7, label=text, **style)
               for text, style in zip(kinds, STYLES, strict=False)]  # fmt: skip
    near = {"borderaxespad": 0, "borderpad": 0, "handletextpad": 0.3, "handlelength": 1.2}
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": len(handles)}
    axes.legend(handles=handles, frameon=False, fontsize=SMALL, **place, **near)


def describe_sessions(sessions: pd.DataFrame, tumors: pd.DataFrame, kinds: dict) -> str:
    """Alternative text of `figure_sessions`, with the same arguments."""
    rows = []
    for patient, own in sessions.groupby("patient_id"):
        parts = []
        for index, session in own.sort_values("session_number").iterrows():
            kind = next(label for label, mask in kinds.items() if mask[index])
            seen = tumors[tumors["session_id"] == session["session_id"]].itertuples()
            what = listed(f"{t.side} {number(t.diameter_cm)} cm" for t in seen)
            days = int(session["days_after_first"])
            after = f" after {counted(days, 'day')}" if days else ""
            parts.append(f"{kind.lower()}{after} of {what}")
        rows.append(f"{patient} {', then '.join(parts)}")
    return (
        f"One row for each of {counted(len(rows), 'patient')}, with "
        f"{counted(len(sessions), 'session')} and {counted(len(tumors), 'tumor')}: "
        f"{'; '.join(rows)}."
    )

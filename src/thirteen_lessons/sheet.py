"""A sheet on paper: thirteen rows and two empty grids; the same on the back with the answers."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from recohort.paper.estimates import kaplan_meier
from thirteen.data import NOTICE, read_patients
from thirteen.style import BLUE, GREY, SMALL, YEAR, in_house_style

A4 = (8.27, 11.69)  # inches
PLACES = {
    "rows": (0.04, 0.52, 0.27, 0.42),
    "log-rank": (0.35, 0.52, 0.61, 0.42),
    "curve": (0.1, 0.09, 0.84, 0.34),
}


def write_sheet(out) -> Path:
    """Write `sheet.pdf`, two pages of A4, to the folder `out`; the same bytes each time."""
    path = Path(out) / "sheet.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # else a page of what it embeds
    about = {"Title": "Thirteen Patients: a sheet to fill in", "CreationDate": None}
    with PdfPages(path, metadata=about) as pages:
        for filled in (False, True):
            pages.savefig(figure_sheet(read_patients(), filled))
    return path


def log_rank_rows(cohort: pd.DataFrame) -> pd.DataFrame:
    """The log-rank table of lung cancer, death by death, as in Lesson 5."""
    group, time = cohort["pathology"] == "nsclc", cohort["time"]
    steps = kaplan_meier(cohort).query("events > 0")
    inside = np.array([(group & (time >= month)).sum() for month in steps["time"]])
    share = inside / steps["at_risk"].to_numpy()
    died = [int((group & cohort["event"] & (time == month)).any()) for month in steps["time"]]
    return pd.DataFrame(
        {
            "month": steps["time"].to_numpy(),
            "at risk": steps["at_risk"].to_numpy(),
            "factor": 1 - 1 / steps["at_risk"].to_numpy(),
            "alive": steps["survival"].to_numpy(),
            "lung": inside,
            "died": died,
            "expected": share,
            "variance": share * (1 - share),
        }
    )


@in_house_style
def figure_sheet(cohort: pd.DataFrame, filled: bool) -> Figure:
    """One page: the rows, a table to fill in death by death, an empty grid for the curve."""
    figure = Figure(figsize=A4, layout="none")
    axes = {name: figure.add_axes(place) for name, place in PLACES.items()}
    figure.text(0.04, 0.965, "Thirteen patients" + (": answers" if filled else ""), size=14)
    figure.text(0.04, 0.02, NOTICE, size=SMALL, color=GREY)
    rows = cohort.assign(
        died=cohort["event"].map({True: "died", False: "alive"}),
        lung=np.where(cohort["pathology"] == "nsclc", "lung", ""),
        time=cohort["time"].map("{:.1f}".format),
    )
    _table(
        axes["rows"],
        rows[["patient_id", "time", "died", "lung"]],
        ["name", "months", "end", "tumor"],
    )
    steps = log_rank_rows(cohort)
    shown = steps.round({"month": 1}).map("{:.3g}".format if filled else lambda _: "")
    shown.loc[len(shown)] = [
        "sum",
        "",
        "",
        "",
        "",
        *(f"{steps[c].sum():.3g}" if filled else "" for c in ("died", "expected", "variance")),
    ]
    _table(axes["log-rank"], shown, steps.columns)
    _grid(axes["curve"], cohort if filled else None)
    return figure


def _table(axes, frame, heads):
    axes.axis("off")
    table = axes.table(frame.to_numpy().tolist(), colLabels=list(heads), bbox=(0, 0, 1, 1))
    table.auto_set_font_size(False)
    table.set_fontsize(SMALL - 1)


def _grid(axes, cohort):
    axes.set(
        xlim=(0, 6 * YEAR),
        ylim=(0, 100),
        title="Patients alive (%)",
        xlabel="Months since the first ablation",
    )
    axes.set_xticks(np.arange(0, 6 * YEAR + 1, YEAR / 2))
    axes.set_yticks(np.arange(0, 101, 10))
    axes.grid(color=GREY, alpha=0.4, lw=0.6)
    if cohort is not None:
        curve = kaplan_meier(cohort)
        axes.step([0, *curve["time"]], [100, *100 * curve["survival"]], where="post", color=BLUE)

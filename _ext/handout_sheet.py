"""A sheet on paper: thirteen rows and two empty grids; the same on the back with the answers."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from recohort.paper.estimates import kaplan_meier
from thirteen.curves import MONTHS
from thirteen.data import NOTICE, read_patients
from thirteen.style import BLUE, DENSE, GREY, YEAR, in_house_style
from thirteen_lessons.answers import risk_sets

A4 = (8.27, 11.69)  # inches
HEADS = [
    "month",
    "at risk",
    "factor",
    "alive",
    "lung,\nat risk",
    "lung,\ndied",
    "expected",
    "variance",
]
FORMULAS = (
    "factor = (at risk − 1) / at risk;  alive: the product of the factors so far\n"
    "expected = lung at risk / at risk;  variance = expected × (1 − expected)\n"
    "chi-squared = (sum of lung died − sum of expected)² / sum of variance"
)
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
    group = (cohort["pathology"] == "nsclc").to_numpy()
    curve = kaplan_meier(cohort).query("events > 0")
    months, at_risk = risk_sets(cohort)
    rows = pd.DataFrame({"month": months, "at risk": at_risk.sum(axis=1)})
    rows["factor"] = 1 - 1 / rows["at risk"]
    rows["alive"] = curve["survival"].to_numpy()
    rows["lung"] = at_risk @ group.astype(int)
    rows["died"] = np.isin(months, cohort.loc[group & cohort["event"], "time"]).astype(int)
    rows["expected"] = rows["lung"] / rows["at risk"]
    rows["variance"] = rows["expected"] * (1 - rows["expected"])
    return rows


@in_house_style
def figure_sheet(cohort: pd.DataFrame, filled: bool) -> Figure:
    """One page: the rows, a table to fill in death by death, an empty grid for the curve."""
    figure = Figure(figsize=A4, layout="none")
    axes = {name: figure.add_axes(place) for name, place in PLACES.items()}
    figure.text(0.04, 0.965, "Thirteen patients" + (": answers" if filled else ""), size=14)
    figure.text(0.04, 0.02, NOTICE, size=DENSE, color=GREY)
    rows = pd.DataFrame(
        {"name": cohort["patient_id"], "months": cohort["time"].map("{:.1f}".format)}
    )
    rows["end"] = np.where(cohort["event"], "died", "alive")
    rows["tumor"] = np.where(cohort["pathology"] == "nsclc", "lung", "")
    _table(axes["rows"], rows, rows.columns)
    steps = log_rank_rows(cohort)
    _table(axes["log-rank"], _filled(steps) if filled else _empty(steps), HEADS)
    sums = steps[["died", "expected", "variance"]].sum()
    chi_squared = (sums["died"] - sums["expected"]) ** 2 / sums["variance"]
    result = f"= {chi_squared:.2f}" if filled else "="
    figure.text(0.35, 0.475, f"{FORMULAS} {result}", size=DENSE)
    _grid(axes["curve"], cohort if filled else None)
    return figure


def _filled(steps):
    """The table's cells, with their sums, as text: counts whole, the rest to three decimals."""
    whole = steps.select_dtypes("integer").columns
    cells = steps.map("{:.3f}".format)
    cells[whole], cells["month"] = steps[whole].astype(str), steps["month"].map("{:.1f}".format)
    sums = {"month": "sum", "died": str(steps["died"].sum())}
    sums |= {column: f"{steps[column].sum():.3f}" for column in ("expected", "variance")}
    return pd.concat([cells, pd.DataFrame([sums])]).fillna("")


def _empty(steps):
    """As many cells to fill in; the last row is for the sums."""
    cells = pd.DataFrame("", range(len(steps) + 1), steps.columns)
    cells.loc[len(steps), "month"] = "sum"
    return cells


def _table(axes, frame, heads):
    axes.axis("off")
    table = axes.table(frame.to_numpy().tolist(), colLabels=list(heads), bbox=(0, 0, 1, 1))
    table.auto_set_font_size(False)
    table.set_fontsize(DENSE - 1)


def _grid(axes, cohort):
    axes.set(xlim=(0, 6 * YEAR), xticks=np.arange(0, 6 * YEAR + 1, YEAR / 2), xlabel=MONTHS)
    axes.set(ylim=(0, 100), yticks=range(0, 101, 10), title="Patients alive (%)")
    axes.grid(color=GREY, alpha=0.4, lw=0.6)
    if cohort is not None:
        curve = kaplan_meier(cohort)
        axes.step([0, *curve["time"]], [100, *100 * curve["survival"]], where="post", color=BLUE)

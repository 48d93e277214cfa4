"""Pictures of the validation: how many solutions are left, and what each method recovers."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from thirteen.alt import listed, number
from thirteen.drawing import BLUE, GREY, INK, ORANGE, SMALL, in_house_style, new_figure

CLASSES = ((1, 1, "1"), (2, 2, "2"), (3, 5, "3–5"), (6, 20, "6–20"), (21, 100, "21–100"),
           (101, 500, "101–500"))  # fmt: skip
STOPPED = "not all\nlisted"
WHAT = {
    "events": "Papers: deaths in order",
    "death_times": "Times of death to 0.1 month",
    "censored_times": "Last visits to 0.1 month",
    "joined": "Patients: both factors joined",
    "ratio": "Papers: unprinted hazard ratio",
}


def classes_of(papers: pd.DataFrame) -> pd.Series:
    """How many papers have so many solutions: a count for each class, the last not all listed."""
    complete = papers["status"] == "complete"
    found = pd.to_numeric(papers.loc[complete, "solutions"])
    counts = {label: int(found.between(low, high).sum()) for low, high, label in CLASSES}
    return pd.Series(counts | {STOPPED: int((~complete).sum())})


@in_house_style
def figure_solutions(papers: pd.DataFrame) -> Figure:
    """A bar for each class of the number of solutions; `papers` as in `papers.csv`."""
    counts = classes_of(papers)
    figure, axes = new_figure(3.4, "Made-up papers; in each of them the truth is a solution.")
    colors = [BLUE] * (len(counts) - 1) + [GREY]
    places = np.arange(len(counts))
    axes.bar(places, counts, color=colors, width=0.72)
    for place, count in zip(places, counts, strict=True):
        axes.annotate(str(count), (place, count), (0, 3), textcoords="offset points",
                      ha="center", color=INK, fontsize=SMALL)  # fmt: skip
    axes.set_xticks(places, counts.index, fontsize=SMALL)
    axes.set(title="Papers", xlabel="Solutions: orders with all groups", yticks=[])
    axes.spines["left"].set_visible(False)
    return figure


def describe_solutions(papers: pd.DataFrame) -> str:
    """`figure_solutions` in words."""
    parts = [f"{label.replace(chr(10), ' ')}: {count}" for label, count in
             classes_of(papers).items()]  # fmt: skip
    return f"Bars: number of papers by the number of their solutions. {listed(parts)}."


def recovered(papers: pd.DataFrame) -> pd.DataFrame:
    """Share of each thing in `WHAT` that each method recovers, over the papers that both can.

    Columns `what`, `search`, `guyot`, and `every`: Guyot's method on all papers (0 to 1). The
    search counts only what all solutions share, on papers whose solutions are all listed.
    """
    chosen, rows = papers[papers["search_events"] != ""], []
    for name, words in WHAT.items():
        row = {"what": words}
        for column, method, some in (
            ("search", "search", chosen), ("guyot", "guyot", chosen), ("every", "guyot", papers)
        ):  # fmt: skip
            cells = some[f"{method}_{name}"]
            cells = cells[cells != ""].replace({"True": "1", "False": "0"}).astype(float)
            row[column] = (cells == 1).mean() if name == "events" else cells.mean()
        rows.append(row)
    return pd.DataFrame(rows)


@in_house_style
def figure_recovered(table: pd.DataFrame) -> Figure:
    """Two dots a line, one a method; `table` as `recovered` makes it."""
    figure, axes = new_figure(3.6, "From tables alone, and from exact curves.")
    places = np.arange(len(table))[::-1]
    axes.hlines(places, 100 * table["search"], 100 * table["guyot"], color=GREY, lw=1, zorder=0)
    for method, color, marker, label in (
        ("search", BLUE, "o", "Search, from tables"),
        ("guyot", ORANGE, "D", "Guyot and others, from curves"),
    ):
        axes.plot(100 * table[method], places, marker, color=color, ms=8, label=label)
    axes.set_yticks(places, table["what"])
    axes.set(xlim=(-3, 103), ylim=(-0.6, len(table) - 0.4), title="Recovered (%)")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.3, -0.1),
                ncols=2, columnspacing=1, handletextpad=0.2)  # fmt: skip
    return figure


def describe_recovered(table: pd.DataFrame) -> str:
    """`figure_recovered` in words."""
    parts = [f"{row.what}: search {number(100 * row.search)}%, Guyot {number(100 * row.guyot)}%"
             for row in table.itertuples()]  # fmt: skip
    return "Two dots a line, one a method. " + "; ".join(parts) + "."

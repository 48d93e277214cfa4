"""Tables and a picture of the validation: shares with exact limits, answers, two methods."""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from thirteen.style import BLUE, GREY, INK, ORANGE, PALE, SMALL, new_figure, picture
from thirteen.text import number

ANSWERS = ("all listed", "some found, not all listed", "open", "no cohort")
SCORES = {
    "order": "Papers: deaths and last visits in order",
    "death_times": "Deaths, to a month",
    "censored_times": "Last visits, to a month",
    "rows": "Patients: fate, month and factor",
    "ratio": "Papers: unprinted hazard ratio",
}


def with_limits(hits: int, of: int) -> str:
    """A share with its exact 95% limits (Clopper and Pearson): ``"2 of 8 (3.2% to 65.1%)"``."""
    if not of:
        return "–"
    limits = binomtest(hits, of).proportion_ci()
    return f"{hits} of {of} ({number(100 * limits.low)}% to {number(100 * limits.high)}%)"


def shares(groups: dict, **columns) -> pd.DataFrame:
    """A row a group of papers (name to frame); each column a test of a frame, with limits."""
    rows = []
    for name, some in groups.items():
        row = {"Papers": name}
        for column, test in columns.items():
            row[column.replace("_", " ").capitalize()] = with_limits(
                int(test(some).sum()), len(some)
            )
        rows.append(row)
    return pd.DataFrame(rows)


def answers(papers: pd.DataFrame) -> pd.DataFrame:
    """How many papers of each size got each of `ANSWERS`; rows are numbers of patients."""
    whole = papers["status"] == "complete"
    kinds = np.select([papers["answer"] == "none", papers["answer"] == "open", whole],
                      [ANSWERS[3], ANSWERS[2], ANSWERS[0]], ANSWERS[1])  # fmt: skip
    counts = pd.crosstab(pd.to_numeric(papers["size"]), kinds)
    return counts.reindex(columns=list(ANSWERS), fill_value=0)


@picture
def figure_answers(papers: pd.DataFrame) -> tuple:
    """A bar for each number of patients, cut by the answer; `papers` as in `papers.csv`."""
    counts = answers(papers)
    figure, axes = new_figure(3.6, "Made-up papers; no convention was told to the search.")
    base = np.zeros(len(counts))
    for name, color in zip(ANSWERS, (BLUE, PALE, GREY, ORANGE), strict=True):
        axes.bar(counts.index, counts[name], bottom=base, color=color, width=0.75, label=name)
        base += counts[name].to_numpy()
    axes.set(title="Papers", xlabel="Patients", xticks=counts.index)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.5, -0.2),
                ncols=2, columnspacing=1, labelcolor=INK)  # fmt: skip
    return figure, describe_answers(papers)


def describe_answers(papers: pd.DataFrame) -> str:
    """`figure_answers` in words."""
    parts = [
        f"{size} patients: " + ", ".join(f"{count} {name}" for name, count in row.items() if count)
        for size, row in answers(papers).iterrows()
    ]
    return "Bars: papers by number of patients, cut by the answer. " + "; ".join(parts) + "."


def recovered(papers: pd.DataFrame) -> pd.DataFrame:
    """The mean score of each method, over the papers in which the search found a cohort.

    Columns `what`, `search`, `curve`, and `every`: curves on all papers (0 to 1).
    """
    found, rows = papers[papers["answer"] == "some"], []
    for name, words in SCORES.items():
        cells = {"search": found[f"search_{name}"], "curve": found[f"curve_{name}"],
                 "every": papers[f"curve_{name}"]}  # fmt: skip
        rows.append({"what": words} | {k: pd.to_numeric(v).mean() for k, v in cells.items()})
    return pd.DataFrame(rows)

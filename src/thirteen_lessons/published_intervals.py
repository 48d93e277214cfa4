"""Printed intervals of survival rates, and the conventions that a page's script tries on them.

A group is given by its deaths up to a landmark: pairs of how many were at risk and how many died.
"""

import pandas as pd
import seaborn as sns

from recohort.paper.estimates import kaplan_meier
from recohort.paper.reading import rows_of
from recohort.paper.rows import group_of
from thirteen.data import read_table
from thirteen.style import new_figure, picture

# Each choice with its options, the edition's own first.
CHOICES = {
    "formula": ("linear", "log", "log-log"),
    "path": ("three decimals", "unrounded"),
    "clip": ("cut at 0 and 100", "as it comes"),
    "factor": ("1.96", "1.959963984540054"),
    "halves": ("up", "even"),
}


def deaths_until(cohort: pd.DataFrame, months: float) -> list[tuple[int, int]]:
    """At risk and deaths, at each time with deaths up to `months`."""
    steps = kaplan_meier(cohort)
    steps = steps[(steps["events"] > 0) & (steps["time"] <= months)]
    return list(zip(steps["at_risk"].tolist(), steps["events"].tolist(), strict=True))


def printed_intervals(published: pd.DataFrame, cohort: pd.DataFrame) -> list[dict]:
    """Every printed survival rate of `cohort` with a limit: `words`, `printed`, `deaths`.

    `printed` holds rate, lower and upper limit as printed, None where one is not. A fact printed
    in several places counts once. `published` is the frame of the printed figures.
    """
    parts = ("survival", "survival_lower", "survival_upper")
    words, found = published.set_index("id")["quantity"], {}
    for row in rows_of(published):
        if row.statistic in parts and not {"table", "time_column"} & dict(row.options).keys():
            found.setdefault(row.fact, {}).setdefault(row.statistic, row)
    intervals = []
    for rows in found.values():
        if len(rows) > 1 and "survival" in rows:
            row = rows["survival"]
            printed = [rows[part].printed if part in rows else None for part in parts]
            deaths = deaths_until(
                group_of({"patients": cohort}, row), float(dict(row.options)["at"])
            )
            intervals.append({"words": words[row.id], "printed": printed, "deaths": deaths})
    return intervals


@picture
def figure_conventions() -> tuple:
    """How many printed limits each formula gives, from rounded figures and from unrounded ones."""
    numbers = read_table("convention_numbers")
    limits = numbers[numbers["switches"].str.startswith("interval_scale")]
    ways = limits["printing"].str.split("; ").explode().str.split(expand=True)
    ways = ways[ways[1].eq("two_decimals") & ways[3].eq("up")]  # 1.96; halves up
    named = (ways[0] + ", " + ways[2]).str.replace("_", " ")
    figure, axes = new_figure(2.6)
    counts = named.value_counts()
    sns.countplot(y=named, order=counts.index, width=0.6, ax=axes)
    axes.bar_label(axes.containers[0], padding=3)
    axes.set(xlim=(0, len(limits)), ylabel="", xlabel=f"Limits that agree, of {len(limits)}")
    told = [f"{way}: {count}" for way, count in counts.items()]
    return figure, f"Bars: how many of {len(limits)} printed limits agree. {'; '.join(told)}."

"""Single errors planted in a clean paper, as they happen when tables are typed."""

import numpy as np
import pandas as pd

from recohort.validation.template import rounded

KINDS = ("digit", "swapped", "denominator")


def plant(published: pd.DataFrame, cohort: pd.DataFrame, kind: str, random) -> tuple:
    """A copy of the paper with one error, and the ids of the rows that it changed.

    ``"digit"``: one digit of one printed number is another. ``"swapped"``: two figures of one
    kind stand in each other's place. ``"denominator"``: a percentage of a number of patients one
    off, or a survival rate that divides the living by all, the censored among them. The number
    of patients is spared: everything is measured by it.
    """
    changed = published.copy()
    while True:
        places = {"digit": _digit, "swapped": _swap, "denominator": _denominator}[kind](
            published, cohort, random
        )
        for place, printed in places.items():
            changed.loc[place, "printed"] = printed
        if places and (changed["printed"] != published["printed"]).any():
            return changed, published.loc[list(places), "id"].tolist()


def _digit(published, _, random):
    numbers = published.index[(published["kind"] == "number") & (published["id"] != "n.count")]
    place = random.choice(numbers)
    printed = list(published.loc[place, "printed"])
    at = random.choice([i for i, c in enumerate(printed) if c.isdigit()])
    printed[at] = str(random.integers(10))
    return {place: "".join(printed)}


def _swap(published, _, random):
    rows = published[(published["kind"] == "number") & (published["id"] != "n.count")]
    groups = [list(g.index) for _, g in rows.groupby("statistic") if g["printed"].nunique() > 1]
    chosen = groups[random.integers(len(groups))]
    one, other = random.choice(chosen, 2, replace=False)
    return {one: published.loc[other, "printed"], other: published.loc[one, "printed"]}


def _denominator(published, cohort, random):
    rows = published[published["statistic"].isin(["percent", "survival"])]
    row = rows.loc[random.choice(rows.index)]
    parts = dict(p.split("=", 1) for p in row["arguments"].split("; ") if p)
    column = next((name for name in parts if name != "at"), None)
    group = cohort if column is None else cohort[cohort[column].astype(str) == parts[column]]
    if row["statistic"] == "percent":
        value = len(group) / (len(cohort) + random.choice([-1, 1]))
    else:
        value = 1 - (group["event"] & (group["time"] <= float(parts["at"]))).mean()
    decimals = len(row["printed"].partition(".")[2])
    return {row.name: rounded(min(100 * float(np.round(value, 12)), 100), decimals)}

"""A printed interval under many conventions: formula, clipping, path of rounding, factor, halves.

A group is given by its deaths up to a landmark: pairs of how many were at risk and how many died.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import exp, log

import pandas as pd

from recohort.paper.estimates import kaplan_meier
from recohort.paper.reading import rows_of
from recohort.paper.rounding import as_decimal, decimals_of, round_to, square_root
from recohort.paper.rows import group_of
from thirteen.style import BLUE, GREY, new_figure, picture

# Each choice with its options, the edition's own first.
CHOICES = {
    "formula": ("linear", "log", "log-log"),
    "path": ("three decimals", "unrounded"),
    "clip": ("cut at 0 and 100", "as it comes"),
    "factor": ("1.96", "1.959963984540054"),
    "halves": ("up", "even"),
}
OWN = {name: options[0] for name, options in CHOICES.items()}


def deaths_until(cohort: pd.DataFrame, months: float) -> list[tuple[int, int]]:
    """At risk and deaths, at each time with deaths up to `months`."""
    steps = kaplan_meier(cohort)
    steps = steps[(steps["events"] > 0) & (steps["time"] <= months)]
    return list(zip(steps["at_risk"].tolist(), steps["events"].tolist(), strict=True))


def interval(deaths, choice: dict) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Rate, standard error (Greenwood 1926) and 95% limits in percent, not rounded at the end.

    The linear formula is computed exactly (60 digits), the logarithms in floating point. Where the
    curve is at zero or has not fallen, both limits equal the rate.
    """
    rate, greenwood = Fraction(1), Fraction(0)
    for at_risk, died in deaths:
        rate *= Fraction(at_risk - died, at_risk)
        greenwood += Fraction(died, at_risk * (at_risk - died)) if died < at_risk else 0
    value = as_decimal(rate)
    error = value * square_root(greenwood)
    if choice["path"] == "three decimals":
        value, error = (round_to(x, 3, choice["halves"]) for x in (value, error))
    lower, upper = _limits(value, error, Decimal(choice["factor"]), choice["formula"])
    if choice["clip"] == "cut at 0 and 100":
        lower, upper = max(lower, Decimal(0)), min(upper, Decimal(1))
    return 100 * value, 100 * error, 100 * lower, 100 * upper


def _limits(value, error, factor, formula):
    """Limits of a rate by its formula, as shares of one."""
    if value == 0 or error == 0:
        return value, value
    if formula == "linear":
        return value - factor * error, value + factor * error
    wide = float(factor * error / value)
    if formula == "log":
        return as_decimal(float(value) * exp(-wide)), as_decimal(float(value) * exp(wide))
    wide /= abs(log(value))
    return as_decimal(float(value) ** exp(wide)), as_decimal(float(value) ** exp(-wide))


def prints_interval(deaths, printed, choice: dict) -> list:
    """For each of rate and both limits: does it print so? None where nothing is printed."""
    rate, _, lower, upper = interval(deaths, choice)
    return [
        None if text is None else round_to(x, decimals_of(text), choice["halves"]) == Decimal(text)
        for x, text in zip((rate, lower, upper), printed, strict=True)
    ]


def reproduced(intervals, choice: dict) -> int:
    """How many of some intervals, as `deaths` and `printed`, print whole under a choice."""
    return sum(
        all(good is not False for good in prints_interval(each["deaths"], each["printed"], choice))
        for each in intervals
    )


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


def convention_counts(intervals) -> pd.DataFrame:
    """How many intervals print whole by formula, path and ends; factor and halves as our own.

    Columns: `formula`, `path`, `clip`, `given`, in the order of `CHOICES`.
    """
    names = ["formula", "path", "clip"]
    rows = []
    for options in product(*(CHOICES[name] for name in names)):
        chosen = dict(zip(names, options, strict=True))
        rows.append(chosen | {"given": reproduced(intervals, OWN | chosen)})
    return pd.DataFrame(rows)


@picture
def figure_conventions(counts: pd.DataFrame, most: int) -> tuple:
    """Of `most` intervals, how many are `given` by each convention: `formula`, `path`, `clip`."""
    figure, axes = new_figure(0.42 * len(counts) + 1.2)
    best = counts["given"].max()
    for y, row in enumerate(counts.itertuples()):
        axes.barh(y, row.given, height=0.6, color=BLUE if row.given == best else GREY)
        place = {"textcoords": "offset points", "va": "center"}
        axes.annotate(str(row.given), (row.given, y), (4, 0), **place, fontweight="bold")
    names = [f"{row.formula}, {row.path}, {row.clip}" for row in counts.itertuples()]
    axes.set(yticks=range(len(counts)), yticklabels=names, ylim=(len(counts) - 0.4, -0.6))
    axes.set(xlim=(0, most), title=f"Intervals that agree, of {most}")
    return figure, _conventions_words(counts, most)


def _conventions_words(counts: pd.DataFrame, most: int) -> str:
    """`figure_conventions` in words."""
    rows = [f"{row.formula}, {row.path}, {row.clip}: {row.given}" for row in counts.itertuples()]
    return f"Bars: how many of {most} printed intervals a convention gives. {'; '.join(rows)}."

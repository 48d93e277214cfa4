"""Figures to touch: the data and the static picture that the page's script builds upon."""

import json
from base64 import b64encode
from html import escape

import numpy as np
import pandas as pd
import seaborn as sns

from recohort.paper.estimates import kaplan_meier
from recohort.paper.reading import rows_of
from recohort.paper.rows import group_of
from recohort.survival.problem import Problem
from thirteen.data import NOTICE, groups, labels, read_table
from thirteen.figures import figure_funnel, figure_swimmers
from thirteen.style import Picture, new_figure, picture, to_svg
from thirteen.text import Html
from thirteen_lessons.formulas import DROP, partial_likelihood
from thirteen_lessons.lesson_figures import figure_likelihood
from thirteen_lessons.sieve_counts import everything, sieve_data

# Each choice with its options, the edition's own first.
CHOICES = {
    "formula": ("linear", "log", "log-log"),
    "path": ("three decimals", "unrounded"),
    "clip": ("cut at 0 and 100", "as it comes"),
    "factor": ("1.96", "1.959963984540054"),
    "halves": ("up", "even"),
}


def bench_data(cohort: pd.DataFrame, factors) -> dict:
    """What the bench starts from: ids, times, events and, for each factor, who is inside.

    `factors` are labelled columns with two values; the first that `labels.csv` names is inside.
    Raises ValueError for a column with more values.
    """
    data = _rows(cohort)
    for factor in factors:
        sides = groups(cohort, factor)
        if len(sides) != 2:
            raise ValueError(f"bench: {factor} has {len(sides)} values, expected 2")
        (yes, inside), (no, _) = sides.items()
        label = labels(factor)[""]
        data["factors"][factor] = _factor(label, yes, no, inside)
    return data


def _rows(cohort):
    """Ids, times and events of a cohort, and room for factors."""
    columns = {"id": "patient_id", "time": "time", "event": "event"}
    return {name: cohort[column].tolist() for name, column in columns.items()} | {"factors": {}}


def _factor(label, yes, no, inside):
    return {"label": label, "yes": yes, "no": no, "inside": inside.tolist()}


def bench(cohort: pd.DataFrame, factors, kinds: pd.Series) -> Html:
    """The Kaplan-Meier bench: the swimmer plot, which the script replaces by one to touch."""
    words = "The Kaplan-Meier bench: months of each row, and the survival curves that they give."
    return touch("bench", figure_swimmers(cohort, kinds), bench_data(cohort, factors), words)


def sieve(problem: Problem, words: dict) -> Html:
    """The search, slowly: how candidates fall stage by stage, and all that its script needs.

    `words` says in plain words what each printed row (by id) tells.
    """
    left = read_table("stages")[["stage", "left"]].set_axis(["stage", "candidates"], axis=1)[1:3]
    start = "Nothing published but the sizes of groups", everything(problem)
    stages = pd.concat([pd.DataFrame([start], columns=left.columns), left]).astype(object)
    data = sieve_data(problem, words, side_names)
    caption = "The board of published numbers, and the candidates that each of them leaves."
    return touch("sieve", figure_funnel(stages), data, caption)


def hill_data(cohort: pd.DataFrame, steps) -> dict:
    """What the hill starts from: the rows and, for each (column, level), who has the level."""
    data = _rows(cohort)
    for step in steps:
        label, yes, no = side_names(step)
        inside = cohort[step[0]].astype(str) == step[1]
        data["factors"]["=".join(step)] = _factor(label, yes, no, inside)
    return data


def hill(cohort: pd.DataFrame, steps) -> Html:
    """The likelihood hill of each (column, level); its picture is that of the first one alone."""
    column, level = steps[0]
    model = partial_likelihood(cohort, cohort[[column]].astype(str) == level)
    ratios = np.geomspace(0.1, 10_000, 1001)
    curves = {side_names(steps[0])[1]: [model.loglike(np.array([b])) for b in np.log(ratios)]}
    picture = figure_likelihood(ratios, curves, (), DROP)
    words = "The likelihood hill: how well each hazard ratio explains who died when."
    return touch("hill", picture, hill_data(cohort, steps), words)


def rounding_data(published: pd.DataFrame, cohort: pd.DataFrame) -> dict:
    """What the explorer starts from: all choices, and every printed interval with its deaths."""
    return {"choices": CHOICES, "intervals": printed_intervals(published, cohort)}


def rounding(published: pd.DataFrame, cohort: pd.DataFrame) -> Html:
    """The explorer of conventions; its picture counts the printed limits that each gives."""
    words = "Published 95% CIs of survival rates, and those that the chosen convention gives."
    return touch("rounding", figure_conventions(), rounding_data(published, cohort), words)


def deaths_until(cohort: pd.DataFrame, months: float) -> list[tuple[int, int]]:
    """At risk and deaths, at each time with deaths up to `months`."""
    steps = kaplan_meier(cohort)
    steps = steps[(steps["events"] > 0) & (steps["time"] <= months)]
    return list(zip(steps["at_risk"].tolist(), steps["events"].tolist(), strict=True))


def printed_intervals(published: pd.DataFrame, cohort: pd.DataFrame) -> list[dict]:
    """Every printed survival rate of `cohort` with a limit: `words`, `printed`, `deaths`.

    `printed` holds rate, lower and upper limit as printed, None where one is not. A fact printed
    in several places counts once. `published` is the frame of the printed numbers.
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
    """How many printed limits each formula gives, from rounded numbers and from unrounded ones."""
    numbers = read_table("convention_numbers")
    limits = numbers[numbers["switches"].str.startswith("interval_scale")]
    ways = limits["printing"].str.split("; ").explode().str.split(expand=True)
    ways = ways[ways[1].eq("two_decimals") & ways[3].eq("up")]  # 1.96; halves up
    named = (ways[0] + ", " + ways[2]).str.replace("log_log", "log-log").str.replace("_", " ")
    figure, axes = new_figure(2.6)
    counts = named.value_counts()
    sns.countplot(y=named, order=counts.index, width=0.6, ax=axes)
    axes.bar_label(axes.containers[0], padding=3)
    axes.set(xlim=(0, len(limits)), ylabel="", xlabel=f"Limits that agree, of {len(limits)}")
    told = [f"{way}: {count}" for way, count in counts.items()]
    return figure, f"Bars: how many of {len(limits)} printed limits agree. {'; '.join(told)}."


def side_names(step) -> tuple[str, str, str]:
    """The factor of a (column, level), the level and what is not of it, by `labels.csv`."""
    column, level = step
    named = labels(column)
    others = [label for value, label in named.items() if value not in ("", level)]
    if len(others) == 1:
        return named[""], named[level], others[0]
    return named[""], named[level], "All others"


def touch(name: str, picture: Picture, data: dict, caption: str) -> Html:
    """A figure to touch: its static picture with words, and its data for the script `name`.js."""
    source, alt = b64encode(to_svg(picture.figure).encode()).decode(), escape(picture.words)
    text = json.dumps(data).replace("<", "\\u003c")
    return Html(
        f'<figure class="{name} touch align-default">'
        f'<img class="touch-static" src="data:image/svg+xml;base64,{source}" alt="{alt}">'
        f'<figcaption>{escape(caption)} <span class="touch-still">Here a still picture stands '
        f"of what can be changed on the site.</span> {NOTICE}</figcaption>"
        f'<script type="application/json">{text}</script></figure>'
    )

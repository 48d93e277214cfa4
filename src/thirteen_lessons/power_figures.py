"""Figures about planning and judging small studies: replicas, power, samples."""

import numpy as np
import pandas as pd
import seaborn as sns

from recohort.paper.estimates import kaplan_meier, survival_at
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SMALL,
    add_confidence_band,
    new_figure,
    picture,
    plot_survival,
)
from thirteen.text import counted, listed, number
from thirteen_lessons.lesson_figures import LINES, key

BIN = 0.25  # doublings: how wide a bar of the replicas is


@picture
def figure_replicas(ratios, significant, truth: float) -> tuple:
    """Simulated studies by their hazard ratio, filled where they were significant.

    `ratios` and `significant` have one value a study; 0 and infinity stand outside. `truth` is the
    ratio that all studies were made from.
    """
    ratios, significant = np.asarray(ratios, dtype=float), np.asarray(significant, dtype=bool)
    figure, axes = new_figure(4.0, "Simulated studies of made-up patients.")
    finite = np.log2(ratios[(ratios > 0) & np.isfinite(ratios)])
    ends = [finite.min() - 5 * BIN, finite.max() + 5 * BIN]
    kinds = {True: "P below 0.05", False: "P of 0.05 or more"}
    bars = {"binwidth": BIN, "binrange": (BIN * np.floor(ends[0] / BIN), ends[1] + BIN)}
    bars |= {"hue": [kinds[s] for s in significant], "hue_order": [kinds[False], kinds[True]]}
    looks = {"palette": ["white", ORANGE], "edgecolor": BLUE, "linewidth": 0.8, "alpha": 1}
    with np.errstate(divide="ignore"):
        places = np.clip(np.log2(ratios), *ends)
    sns.histplot(x=places, multiple="stack", ax=axes, **bars, **looks)
    axes.axvline(np.log2(truth), color=INK, lw=1.2)
    place = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "va": "top"}
    axes.annotate(f"the truth: {truth:g}", (np.log2(truth), 1), (4, 0), fontsize=SMALL, **place)
    powers = np.arange(2 * np.ceil(finite.min() / 2), finite.max() + BIN, 2)
    ticks = {power: f"{2.0**power:g}" if power >= 0 else f"1/{2.0**-power:g}" for power in powers}
    ticks |= {ends[0]: "none\n(below)"} if (ratios == 0).any() else {}
    ticks |= {ends[1]: "none\n(above)"} if np.isinf(ratios).any() else {}
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set(ylabel="Studies", xlabel="Estimated hazard ratio")
    axes.margins(y=0.12)
    sns.move_legend(axes, "upper right", frameon=False, fontsize=SMALL, title=None)
    return figure, _replicas_words(ratios, significant, truth)


def _replicas_words(ratios, significant, truth):
    least = ratios[significant & (ratios > 1)].min()
    return (
        f"Histogram of {len(ratios)} simulated studies by their estimated hazard ratio, on a log "
        f"axis; all were made from a true ratio of {truth:g}. The median estimate is "
        f"{number(np.median(ratios))}. {int(significant.sum())} are filled (P below 0.05), "
        f"with a median of {number(np.median(ratios[significant]))}; on the right the smallest of "
        f"them is {number(least)}. {int(np.isinf(ratios).sum())} studies have no largest "
        f"likelihood and stand at the right edge, {int((ratios == 0).sum())} at the left."
    )


@picture
def figure_power(table: pd.DataFrame, goal: float = 0.8) -> tuple:
    """Power by the true hazard ratio: a line by the formula, a dot by simulation, for each size.

    `table` has `size` (a label), `ratio`, `formula` and `simulated` (shares, either may be empty).
    """
    figure, axes = new_figure(4.0, "Lines by the formula, dots by simulation.")
    axes.axhline(100 * goal, color=PALE, lw=5, zorder=0)
    percent = table.assign(formula=100 * table["formula"], simulated=100 * table["simulated"])
    sizes = list(table["size"].unique())
    looks = {"x": "ratio", "hue": "size", "hue_order": sizes, "ax": axes}
    looks["palette"] = [color for color, _ in LINES[: len(sizes)]]
    lines = {"style": "size", "style_order": sizes, "dashes": ["", (3, 1.2)], "lw": 2}
    sns.lineplot(percent.dropna(subset="formula"), y="formula", estimator=None, **lines, **looks)
    sns.scatterplot(percent.dropna(subset="simulated"), y="simulated", legend=False, **looks)
    axes.set_xscale("log", base=2)
    axes.set_xticks([1, 2, 4, 8, 16], ["1", "2", "4", "8", "16"])
    axes.set(ylim=(0, 102), title="Studies that find P below 0.05 (%)", xlabel="True hazard ratio")
    axes.set_ylabel("")
    axes.spines["left"].set_bounds(0, 100)
    key(axes, loc="lower right")
    return figure, _power_words(table, goal)


def _power_words(table, goal):
    rows = []
    for label, curve in table.groupby("size", sort=False):
        enough = curve.loc[curve["formula"] >= goal, "ratio"]
        where = f"at a ratio of {number(enough.min())}" if len(enough) else "nowhere"
        there = curve.dropna(subset="simulated").itertuples()
        dots = [f"{number(100 * row.simulated, 0)}% at {row.ratio:g}" for row in there]
        rows.append(f"{label}: the line reaches {goal:.0%} {where}; simulated {listed(dots)}.")
    return f"Power against the true hazard ratio, {counted(len(rows), 'line')}. {' '.join(rows)}"


@picture
def figure_samples(cohort: pd.DataFrame, samples: list, what: str, month: float = 36) -> tuple:
    """The curve of a large cohort with its 95% CI, over those of small samples from it.

    All are frames with `time` (months) and `event`; `what` is the title, with its unit. The words
    tell the rates at `month`.
    """
    figure, axes = new_figure(4.2, "Grey: patients drawn by lot. Blue: everybody, with 95% CI.")
    curves = pd.concat([kaplan_meier(sample) for sample in samples], keys=range(len(samples)))
    curves = curves.assign(percent=100 * curves["survival"]).reset_index(names=["sample", "step"])
    looks = {"drawstyle": "steps-post", "color": GREY, "lw": 0.9, "alpha": 0.55, "ax": axes}
    sns.lineplot(curves, x="time", y="percent", units="sample", estimator=None, **looks)
    add_confidence_band(plot_survival(cohort, axes), cohort)
    axes.set(title=what, xlabel="Months since entry", ylabel="")
    return figure, _samples_words(cohort, samples, what, month)


def _samples_words(cohort, samples, what, month):
    rates = [100 * survival_at(sample, month)["survival"] for sample in samples]
    whole = survival_at(cohort, month)
    limits = [number(100 * whole[end]) for end in ("ci_lower", "ci_upper")]
    return (
        f"{what}. The curve of {counted(len(cohort), 'patient')} stands at "
        f"{number(100 * whole['survival'])}% ({limits[0]} to {limits[1]}) at {month:g} months. "
        f"Around it {counted(len(samples), 'curve')} of {len(samples[0])} patients each, from "
        f"{number(min(rates))}% to {number(max(rates))}% at that time."
    )

"""Figures about planning and judging small studies, and their texts in words (`describe_`)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from recohort.paper.estimates import kaplan_meier, survival_at
from thirteen.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SMALL,
    add_confidence_band,
    in_house_style,
    new_figure,
    plot_survival,
)
from thirteen.text import counted, listed, number
from thirteen_lessons.lesson_figures import LINES


def _towers(ratios, width):
    """Bin (powers of two) and height in its tower of each ratio; 0 and infinity stand outside."""
    found = np.log2(np.where((ratios > 0) & np.isfinite(ratios), ratios, 1.0))
    bins = np.round(found / width) * width
    finite = bins[(ratios > 0) & np.isfinite(ratios)]
    bins = np.where(ratios == 0, finite.min() - 5 * width, bins)
    bins = np.where(np.isinf(ratios), finite.max() + 5 * width, bins)
    heights = pd.Series(1, index=range(len(bins))).groupby(bins).cumsum()
    return bins, heights.to_numpy()


@in_house_style
def figure_replicas(ratios, significant, truth: float) -> Figure:
    """A dot for each simulated study at its hazard ratio, filled where it was significant.

    `ratios` and `significant` have one value a study; the dots of a small range (an eighth of a
    doubling either way) stand on each other. `truth` is the ratio that all studies were made from.
    """
    ratios, significant = np.asarray(ratios, dtype=float), np.asarray(significant, dtype=bool)
    order = np.argsort(~significant, kind="stable")  # significant ones at the foot of each tower
    bins, heights = _towers(ratios[order], 0.25)
    figure, axes = new_figure(4.0, "Simulated studies of made-up patients.")
    axes.axvline(np.log2(truth), color=INK, lw=1.2, zorder=0)
    axes.annotate(
        f"the truth: {truth:g}",
        (np.log2(truth), 1),
        (4, 0),
        va="top",
        fontsize=SMALL,
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
    )
    for chosen, label, look in (
        (significant[order], "P below 0.05", {"color": ORANGE}),
        (~significant[order], "P of 0.05 or more", {"mfc": "white", "mec": BLUE, "mew": 0.8}),
    ):
        axes.plot(bins[chosen], heights[chosen], "o", ms=3.6, ls="", label=label, **look)
    ends = np.log2(ratios[(ratios > 0) & np.isfinite(ratios)])
    powers = np.arange(2 * np.ceil(ends.min() / 2), ends.max() + 0.25, 2)
    ticks = {power: f"{2.0**power:g}" if power >= 0 else f"1/{2.0**-power:g}" for power in powers}
    for beyond, word in ((np.inf, "none\n(above)"), (0, "none\n(below)")):
        ticks |= dict.fromkeys(bins[ratios[order] == beyond], word)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set(ylim=(0, heights.max() * 1.12), ylabel="Studies", xlabel="Estimated hazard ratio")
    axes.legend(frameon=False, fontsize=SMALL, loc="upper right", borderaxespad=0, handletextpad=0)
    return figure


def describe_replicas(ratios, significant, truth: float) -> str:
    """Alternative text of `figure_replicas`, with the same arguments."""
    ratios, significant = np.asarray(ratios, dtype=float), np.asarray(significant, dtype=bool)
    least = ratios[significant & (ratios > 1)].min()
    return (
        f"{len(ratios)} dots, one a simulated study, stacked over their estimated hazard ratios on "
        f"a log axis; all were made from a true ratio of {truth:g}. The median estimate is "
        f"{number(np.median(ratios))}. {int(significant.sum())} dots are filled (P below 0.05), "
        f"with a median of {number(np.median(ratios[significant]))}; on the right the smallest of "
        f"them is {number(least)}. {int(np.isinf(ratios).sum())} studies have no largest "
        f"likelihood and stand at the right edge, {int((ratios == 0).sum())} at the left."
    )


@in_house_style
def figure_power(table: pd.DataFrame, goal: float = 0.8) -> Figure:
    """Power by the true hazard ratio: a line by the formula, a dot by simulation, for each size.

    `table` has `size` (a label), `ratio`, `formula` and `simulated` (shares, either may be empty).
    """
    figure, axes = new_figure(4.0, "Lines by the formula, dots by simulation.")
    axes.axhline(100 * goal, color=PALE, lw=5, zorder=0)
    sizes = table.groupby("size", sort=False)
    for (label, rows), (color, style) in zip(sizes, LINES, strict=False):
        line = rows.dropna(subset="formula").sort_values("ratio")
        axes.plot(line["ratio"], 100 * line["formula"], color=color, ls=style, lw=2, label=label)
        axes.plot(rows["ratio"], 100 * rows["simulated"], "o", ms=5, color=color)
    axes.set_xscale("log", base=2)
    ticks = [1, 2, 4, 8, 16]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set(ylim=(0, 102), title="Studies that find P below 0.05 (%)", xlabel="True hazard ratio")
    axes.spines["left"].set_bounds(0, 100)
    axes.legend(frameon=False, fontsize=SMALL, loc="lower right")
    return figure


def describe_power(table: pd.DataFrame, goal: float = 0.8) -> str:
    """Alternative text of `figure_power`, with the same arguments."""
    rows = []
    for label, curve in table.groupby("size", sort=False):
        enough = curve.loc[curve["formula"] >= goal, "ratio"]
        where = f"at a ratio of {number(enough.min())}" if len(enough) else "nowhere"
        dots = [
            f"{number(100 * row.simulated, 0)}% at {row.ratio:g}"
            for row in curve.dropna(subset="simulated").itertuples()
        ]
        rows.append(f"{label}: the line reaches {goal:.0%} {where}; simulated {listed(dots)}.")
    return f"Power against the true hazard ratio, {counted(len(rows), 'line')}. {' '.join(rows)}"


@in_house_style
def figure_samples(cohort: pd.DataFrame, samples: list, what: str) -> Figure:
    """The curve of a large cohort with its 95% limits, over those of small samples from it.

    All are frames with `time` (months) and `event`; `what` is the title, with its unit.
    """
    figure, axes = new_figure(4.2, "Grey: patients drawn by lot. Blue: everybody, with 95% limits.")
    for sample in samples:
        curve = kaplan_meier(sample)
        axes.step(
            curve["time"], 100 * curve["survival"], where="post", color=GREY, lw=0.9, alpha=0.55
        )
    add_confidence_band(plot_survival(cohort, axes), cohort)
    axes.set(title=what, xlabel="Months since entry")
    return figure


def describe_samples(cohort: pd.DataFrame, samples: list, what: str, month: float = 36) -> str:
    """Alternative text of `figure_samples`; rates are told at `month`."""
    rates = [100 * survival_at(sample, month)["survival"] for sample in samples]
    whole = survival_at(cohort, month)
    limits = [number(100 * whole[end]) for end in ("ci_lower", "ci_upper")]
    return (
        f"{what}. The curve of {counted(len(cohort), 'patient')} stands at "
        f"{number(100 * whole['survival'])}% ({limits[0]} to {limits[1]}) at {month:g} months. "
        f"Around it {counted(len(samples), 'curve')} of {len(samples[0])} patients each, from "
        f"{number(min(rates))}% to {number(max(rates))}% at that time."
    )

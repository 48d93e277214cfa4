"""Figures of kidney function and of progression, and their texts (`describe_` for each)."""

import numpy as np
import pandas as pd

from thirteen.data import NOTICE
from thirteen.style import BLUE, GREY, INK, ORANGE, PALE, SMALL, new_figure, picture
from thirteen.text import counted, listed, number


@picture
def figure_paired(
    before, after, sure, cuts: dict | None = None, title: str = "", names=("Before", "After")
) -> tuple:
    """A slope a patient from `before` to `after`, and mean ± SD with the range on either side.

    `sure` is a boolean series: both values the same in every solution, drawn filled; the others
    open. `cuts` gives for the value of each faint line what is written over it.
    """
    note = "Filled: fixed by the printed numbers. " if any(sure) else ""
    note += "Open: chosen within bounds. Dashed: a rise.\n"
    note += "Bars: mean ± standard deviation (dividing by n − 1); thin lines: range.\n" + NOTICE
    figure, axes = new_figure(4.9, note)
    for level, words in (cuts or {}).items():
        axes.axhline(level, color=PALE, lw=1.2, zorder=0)
        axes.annotate(words, (1.92, level), (0, 2), textcoords="offset points", ha="right",
                      fontsize=SMALL, color=GREY)  # fmt: skip
    for a, b, fixed in zip(before, after, sure, strict=True):
        color, style = (BLUE, "-") if b <= a else (ORANGE, (0, (3, 1.2)))
        axes.plot((0, 1), (a, b), color=color, ls=style, lw=1.6, zorder=3)
        axes.plot((0, 1), (a, b), "o", ms=6, color=color, mfc=color if fixed else "white", zorder=4)
    for x, values in enumerate((before, after)):
        _summary(axes, x, values)
    axes.set(xlim=(-0.62, 1.92), ylim=(0, 1.08 * max(*before, *after)), title=title)
    axes.set_xticks((0, 1), names)
    axes.tick_params(axis="x", length=0)
    return figure, describe_paired(before, after, sure, cuts, title, names)


def _summary(axes, x, values):
    """Mean, SD and range beside the slopes, the numbers next to them."""
    step = 1 if x else -1
    place, mean, sd = x + 0.17 * step, np.mean(values), np.std(values, ddof=1)
    axes.plot((place, place), (min(values), max(values)), color=GREY, lw=1.2)
    axes.plot((place, place), (mean - sd, mean + sd), color=INK, lw=5, solid_capstyle="butt")
    axes.plot(place, mean, "D", color="white", mec=INK, ms=7, mew=1.5, zorder=4)
    words = f"{number(mean)}\n± {number(sd)}"
    axes.annotate(words, (place, mean), (9 * step, 0), textcoords="offset points", va="center",
                  ha="left" if step > 0 else "right", fontweight="bold")  # fmt: skip


def describe_paired(
    before, after, sure, cuts: dict | None = None, title: str = "", names=("Before", "After")
) -> str:
    """Alternative text of `figure_paired`, with the same arguments."""
    pairs = sorted(zip(before, after, sure, strict=True))
    fell = sum(b < a for a, b, _ in pairs)
    each = [f"{number(a)} to {number(b)}{' (fixed)' if fixed else ''}" for a, b, fixed in pairs]
    sums = [f"{name.lower()} {number(np.mean(v))} ± {number(np.std(v, ddof=1))}"
            for name, v in zip(names, (before, after), strict=True)]  # fmt: skip
    lines = "".join(f"; {words} from {level:g}" for level, words in (cuts or {}).items())
    return (
        f"{counted(len(pairs), 'line')}, one a patient, from before to after; {title}: {fell} "
        f"fall, {len(pairs) - fell} rise or stay. {'; '.join(each)}. Beside them mean and standard "
        f"deviation: {listed(sums)}{lines}."
    )


@picture
def figure_ranges(ranges: pd.DataFrame, xlabel: str, note: str = NOTICE) -> tuple:
    """From when to when something can have happened, a bar a row, and a ring where it is shown.

    Columns: `label`, `lowest`, `highest`, `shown` and `event`; where there was none, an arrow in
    place of the ring.
    """
    figure, axes = new_figure(0.9 + 0.3 * len(ranges), note)
    edge = ranges.loc[ranges["event"].astype(bool), "highest"].max()
    until = 3 * np.ceil((edge + 1) / 3)
    for y, row in enumerate(ranges.itertuples()):
        if row.event:
            axes.barh(y, row.highest - row.lowest, left=row.lowest, height=0.5, color=BLUE,
                      alpha=0.3)  # fmt: skip
            axes.plot(row.shown, y, "o", ms=6, mec=BLUE, mfc="white", mew=1.5)
        else:
            axes.plot((0, until), (y, y), color=GREY, lw=1.4, ls=(0, (3, 1.5)))
            axes.plot(until, y, ">", ms=7, color=GREY, clip_on=False)
    axes.set(xlim=(0, until), ylim=(len(ranges) - 0.4, -0.6), xlabel=xlabel)
    axes.set_xticks(np.arange(0, until + 1, 3))
    axes.set_yticks(range(len(ranges)), ranges["label"])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, describe_ranges(ranges)


def describe_ranges(ranges: pd.DataFrame) -> str:
    """Alternative text of `figure_ranges`, from the same frame."""
    with_event = ranges[ranges["event"].astype(bool)]
    spans = [
        f"{r.label} {number(r.lowest)} to {number(r.highest)}" for r in with_event.itertuples()
    ]
    free = listed(ranges.loc[~ranges["event"].astype(bool), "label"])
    return (
        f"{counted(len(with_event), 'bar')} from the earliest to the latest possible month: "
        f"{'; '.join(spans)}. Without the event: {free}."
    )

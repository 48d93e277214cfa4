"""The figure of pairs: each patient before and after."""

import numpy as np
from matplotlib.axes import Axes

from thirteen.data import NOTICE
from thirteen.style import BLUE, GREY, INK, ORANGE, new_figure, picture
from thirteen.text import counted, listed, number

NOTE = f"""\
Open: chosen within bounds. Dashed: a rise.
Bars: mean ± standard deviation (dividing by n − 1); thin lines: range.
{NOTICE}"""


@picture
def figure_paired(before, after, title: str) -> tuple:
    """A slope a patient from `before` to `after`, and mean ± SD with the range on either side."""
    figure, axes = new_figure(4.9, NOTE)
    for a, b in zip(before, after, strict=True):
        color, style = (BLUE, "-") if b <= a else (ORANGE, (0, (3, 1.2)))
        axes.plot((0, 1), (a, b), color=color, ls=style, lw=1.6, zorder=3)
        axes.plot((0, 1), (a, b), "o", ms=6, color=color, mfc="white", zorder=4)
    for x, values in enumerate((before, after)):
        _summary(axes, x, values)
    axes.set(xlim=(-0.62, 1.92), ylim=(0, 1.08 * max(*before, *after)), title=title)
    axes.set_xticks((0, 1), ("Before", "After"))
    axes.tick_params(axis="x", length=0)
    return figure, _paired_words(before, after, title)


def _summary(axes: Axes, x: int, values) -> None:
    """Mean, SD and range beside the slopes, the numbers next to them."""
    step = 1 if x else -1
    place, mean, sd = x + 0.17 * step, np.mean(values), np.std(values, ddof=1)
    axes.plot((place, place), (min(values), max(values)), color=GREY, lw=1.2)
    axes.plot((place, place), (mean - sd, mean + sd), color=INK, lw=5, solid_capstyle="butt")
    axes.plot(place, mean, "D", color="white", mec=INK, ms=7, mew=1.5, zorder=4)
    side = {"ha": "left" if step > 0 else "right", "va": "center", "fontweight": "bold"}
    words = f"{number(mean)}\n± {number(sd)}"
    axes.annotate(words, (place, mean), (9 * step, 0), textcoords="offset points", **side)


def _paired_words(before, after, title: str) -> str:
    """Alternative text of `figure_paired`."""
    pairs = sorted(zip(before, after, strict=True))
    fell = sum(b < a for a, b in pairs)
    each = [f"{number(a)} to {number(b)}" for a, b in pairs]
    sums = [
        f"{name} {number(np.mean(values))} ± {number(np.std(values, ddof=1))}"
        for name, values in (("before", before), ("after", after))
    ]
    return (
        f"{counted(len(pairs), 'line')}, one a patient, from before to after; {title}: {fell} "
        f"fall, {len(pairs) - fell} rise or stay. {'; '.join(each)}. Beside them mean and standard "
        f"deviation: {listed(sums)}."
    )

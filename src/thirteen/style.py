"""The house style, and what survival curves are made of.

`plot_survival` draws a curve; each `add_` puts something onto its axes and hands them back.
Cohorts have the columns `time` (months) and `event` (True = died).
"""

from base64 import b64encode
from functools import wraps
from html import escape
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import rc_context, rc_params_from_file, rcParams
from matplotlib.figure import Figure

from recohort.paper.estimates import at_risk_table, kaplan_meier
from thirteen.data import NOTICE
from thirteen.text import escaped, number, told, typeset

HOUSE_STYLE = rc_params_from_file(Path(__file__).with_name("house.mplstyle"), False, False)
BLUE, ORANGE, GREY = HOUSE_STYLE["axes.prop_cycle"].by_key()["color"]
INK, PALE = HOUSE_STYLE["text.color"], "#d9dde1"
WIDTH, SMALL = 6.0, 10.5  # inches, points; on a phone a point is less than a pixel
SCROLLS, DENSE = "scrolls", 9  # a figure with many words side by side, and their size in points
YEAR = 12

in_house_style = rc_context(HOUSE_STYLE)  # a decorator of what draws


def new_figure(height: float, note: str = NOTICE, **grid):
    """A figure of the house's width and `height` inches, and its axes (as `Figure.subplots`).

    On a page, what is drawn from then on has the house's letters, lines and colors as well.
    """
    rcParams.update({k: v for k, v in HOUSE_STYLE.items() if "layout" not in k})
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(h_pad=HOUSE_STYLE["figure.constrained_layout.h_pad"])
    place = {"x": 0.01, "ha": "left", "linespacing": 1.4}
    figure.supxlabel(note, fontsize=SMALL, color=GREY, **place)
    return figure, figure.subplots(**grid)


class Picture:
    """A figure with what it shows in words; a notebook displays it with both, and its caption.

    Anything else asked of it is asked of its Matplotlib `figure`. One with the label `SCROLLS`
    keeps letters that can be read on a phone, and is moved there with a finger.
    """

    def __init__(self, figure: Figure, words: str, caption: str = ""):
        """Keep the figure, its alternative text and a caption, which may be empty."""
        self.figure, self.words, self.caption = figure, words, caption

    def __getattr__(self, name):
        """Hand on to the figure what a picture itself does not have."""
        return getattr(self.__dict__["figure"], name)

    def _repr_html_(self):
        """The figure as SVG in the page, with its alternative text and caption."""
        source = b64encode(to_svg(self.figure).encode()).decode()
        image = f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(self.words)}">'
        below = f"<figcaption>{escaped(typeset(self.caption))}</figcaption>" if self.caption else ""
        kind = f"align-default {self.figure.get_label()}".strip()
        return f'<figure class="{kind}">{image}{below}</figure>'


def picture(draw):
    """Let `draw`, which returns a figure and its words, return a `Picture`; adds `caption`."""

    @wraps(draw)
    def drawn(*args, caption: str = "", **kwargs) -> Picture:
        with rc_context(HOUSE_STYLE):
            return Picture(*draw(*args, **kwargs), caption)

    return drawn


def show(figure, words, caption: str = "") -> Picture:
    """A figure of your own, or its axes, with its words and, where given, a caption.

    Words are text, or a series of what is drawn, which is then read out.
    """
    return Picture(figure.figure, words if isinstance(words, str) else told(words), caption)


@in_house_style
def to_svg(figure: Figure) -> str:
    """The figure as SVG text; the same figure gives the same text."""
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


@in_house_style
def plot_survival(cohort: pd.DataFrame, axes=None, color=BLUE, style="-", until=None):
    """Kaplan-Meier curve in percent by months since the first ablation; returns the axes.

    The axis runs in years to `until`, by default the first full year after the last time.
    """
    axes = new_figure(4.2)[1] if axes is None else axes
    curve = kaplan_meier(cohort)
    axes.step(curve["time"], 100 * curve["survival"], where="post", color=color, ls=style, lw=2)
    until = YEAR * np.ceil(curve["time"].max() / YEAR) if until is None else until
    axes.set(xlim=(0, until), ylim=(0, 104), xticks=np.arange(0, until + 1, YEAR))
    axes.set_yticks(range(0, 101, 25))
    axes.spines["left"].set_bounds(0, 100)
    return axes


def add_confidence_band(axes, cohort: pd.DataFrame):
    """Shade the pointwise 95% limits (Greenwood, linear), from step to step."""
    curve = kaplan_meier(cohort)
    limits = 100 * curve["ci_lower"], 100 * curve["ci_upper"]
    axes.fill_between(curve["time"], *limits, step="post", color=BLUE, alpha=0.15, lw=0)
    return axes


def add_possible(axes, first: pd.DataFrame, second: pd.DataFrame):
    """Shade in grey all that lies between the curves of two cohorts."""
    curves = [kaplan_meier(cohort).set_index("time")["survival"] for cohort in (first, second)]
    times = sorted({time for curve in curves for time in curve.index})
    levels = [100 * curve.reindex(times).ffill() for curve in curves]
    axes.fill_between(times, *levels, step="post", color=GREY, alpha=0.3, lw=0, zorder=1)
    return axes


def add_censoring(axes, cohort: pd.DataFrame, color=BLUE, size=11):
    """Mark on the curve where patients were last seen alive, by ticks of `size` points."""
    curve = kaplan_meier(cohort)
    seen = curve[curve["censored"] > 0]
    axes.plot(seen["time"], 100 * seen["survival"], "|", color=color, ms=size, mew=1.6)
    return axes


def add_rates(axes, cohort: pd.DataFrame, months):
    """Write the survival rate at each of `months` beside the curve."""
    curve = kaplan_meier(cohort)
    for month in months:
        rate = 100 * curve.loc[curve["time"] <= month, "survival"].iloc[-1]
        axes.plot(month, rate, "o", color=BLUE, ms=6, mec="white", mew=1.2, zorder=4)
        below = rate > 85  # room for the ticks of a curve that stays high
        place = {"xytext": (5, -18 if below else 5), "textcoords": "offset points"}
        axes.annotate(f"{number(rate)}%", (month, rate), **place, fontweight="bold", color=BLUE)
    return axes


def slant(chosen) -> str:
    """How letters stand: in italics for what is chosen, being open."""
    return "italic" if chosen else "normal"


def add_risk_table(axes, cohort: pd.DataFrame, known=np.inf):
    """Under the axis: at risk, censored and events at each start; in italics after `known`."""
    table, place = at_risk_table(cohort, axes.get_xticks()), axes.get_xaxis_transform()
    below = {"xycoords": place, "textcoords": "offset points", "va": "center"}
    rows = {"at_risk": "No. at risk", "censored": "Censored", "events": "Events"}
    for i, (column, label) in enumerate(rows.items()):
        drop, shade = -52 - 17 * i, {"color": INK if i == 0 else GREY}
        axes.annotate(label, (0, 0), (-16, drop), ha="right", **below, **shade)
        for start, n in zip(table["start"], table[column], strict=True):
            shade["style"] = slant(start > known)
            axes.annotate(str(n), (start, 0), (0, drop), ha="center", **below, **shade)
    return axes

"""Pictures of the evidence: how many facts the others lead to."""

import pandas as pd
from matplotlib.figure import Figure

from thirteen.alt import listed
from thirteen.drawing import BLUE, GREY, INK, ORANGE, in_house_style, new_figure
from thirteen.registry import filter_of
from thirteen.text import labels

A_ROW = 26  # squares in a row


@in_house_style
def figure_roles(facts: pd.DataFrame) -> Figure:
    """One square a fact, filled where it is confirmed: a band for each `kind`.

    `facts` has the columns `kind` (text, in the order of the bands) and `role` ("confirmed" or
    "input").
    """
    kinds = list(dict.fromkeys(facts["kind"]))
    sizes = {kind: -(-int((facts["kind"] == kind).sum()) // A_ROW) for kind in kinds}
    height = 0.2 * sum(sizes.values()) + 0.34 * len(kinds) + 0.7
    figure, axes = new_figure(height, note="Filled: all other figures lead to it. Open: needed.")
    top = 0.0
    for kind in kinds:
        filled = facts.loc[facts["kind"] == kind, "role"].eq("confirmed").sort_values()[::-1]
        axes.text(-0.5, -top, f"{kind}: {filled.sum()} of {len(filled)}", color=INK, va="center")
        for i, good in enumerate(filled):
            place = i % A_ROW, -top - 1.1 - i // A_ROW
            axes.plot(
                *place, "s", ms=7.5, mec=BLUE if good else GREY, mfc=BLUE if good else "white"
            )
        top += sizes[kind] + 1.7
    axes.set(xlim=(-0.8, A_ROW), ylim=(-top, 0.8))
    axes.set_axis_off()
    return figure


def describe_roles(facts: pd.DataFrame) -> str:
    """`figure_roles` in words."""
    good = facts["role"].eq("confirmed").groupby(facts["kind"], sort=False)
    parts = [f"{kind.lower()}: {found.sum()} of {len(found)}" for kind, found in good]
    return "One square for each printed fact, filled where all others lead to it: " + (
        listed(parts) + "."
    )


@in_house_style
def figure_tests(tests: pd.DataFrame, level: float = 0.05) -> Figure:
    """P values on a log scale, a line a factor, from the lowest to the highest of all cohorts.

    `tests` has the columns `factor`, `kind` (at most three, each with a mark of its own),
    `lowest` and `highest`. A dotted line stands at `level`.
    """
    factors, kinds = (list(dict.fromkeys(tests[c])) for c in ("factor", "kind"))
    figure, axes = new_figure(1.5 + 0.42 * len(factors))
    marks = dict(zip(kinds, (("o", BLUE), ("D", ORANGE), ("s", GREY)), strict=False))
    for kind, own in tests.groupby("kind", sort=False):
        mark, color = marks[kind]
        y = [factors.index(factor) for factor in own["factor"]]
        axes.hlines(y, own["lowest"], own["highest"], color=color, lw=2)
        axes.plot(own["highest"], y, mark, color=color, mec="white", ms=8, label=kind)
    axes.axvline(level, color=INK, lw=1, ls=":")
    axes.set(xscale="log", ylim=(len(factors) - 0.5, -0.7), xlabel="P", xlim=(3e-4, 1.2))
    axes.set_xticks((0.001, 0.01, level, 0.2, 1), ("0.001", "0.01", f"{level:g}", "0.2", "1"))
    axes.minorticks_off()
    axes.set_yticks(range(len(factors)), factors)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(0, 1.16), ncols=3, frameon=False, fontsize=9)
    return figure


def describe_tests(tests: pd.DataFrame, level: float = 0.05) -> str:
    """`figure_tests` in words."""
    parts = []
    for kind, own in tests.groupby("kind", sort=False):
        below = own.loc[own["highest"] < level, "factor"]
        parts.append(f"{kind} below {level:g} for {listed(below) if len(below) else 'none'}")
    many = tests["factor"].nunique()
    return f"P values of {many} factors on a log scale: " + "; ".join(parts) + "."


def name_groups(spans: pd.DataFrame) -> pd.DataFrame:
    """The frame of `all_cohorts.spans` with each group's `factor` and `name` in plain words."""
    words = spans["group"].map(_words_of_group)
    return spans.assign(factor=[factor for factor, _ in words], name=[name for _, name in words])


def _words_of_group(group):
    if not group:
        return "", "All patients"
    column, _, value = filter_of(group)
    if column == "at":
        return "", f"All patients at {value} months"
    known = labels(column)
    return known[""], f"{known['']}: {known[value]}"

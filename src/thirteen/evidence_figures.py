"""Pictures of the evidence: how many facts the others lead to."""

import pandas as pd

from recohort.paper.rows import filter_of
from thirteen.data import labels
from thirteen.style import BLUE, GREY, INK, ORANGE, PALE, new_figure, picture
from thirteen.text import listed

ROLES = ["confirmed", "open", "input"]
A_ROW = 26  # squares in a row


@picture
def figure_roles(facts: pd.DataFrame) -> tuple:
    """One square a fact, filled where it is confirmed: a band for each `kind`.

    `facts` has the columns `kind` (text, in the order of the bands) and `role` ("confirmed",
    "input" or "open").
    """
    kinds = list(dict.fromkeys(facts["kind"]))
    sizes = {kind: -(-int((facts["kind"] == kind).sum()) // A_ROW) for kind in kinds}
    height = 0.2 * sum(sizes.values()) + 0.34 * len(kinds) + 0.7
    note = "Filled: all other figures lead to it. Empty: needed."
    if facts["role"].eq("open").any():
        note += " Grey: neither is known."
    figure, axes = new_figure(height, note=note)
    top = 0.0
    for kind in kinds:
        own = facts.loc[facts["kind"] == kind, "role"].sort_values(key=lambda r: r.map(ROLES.index))
        good = own.eq("confirmed").sum()
        axes.text(-0.5, -top, f"{kind}: {good} of {len(own)}", color=INK, va="center")
        for i, role in enumerate(own):
            place = i % A_ROW, -top - 1.1 - i // A_ROW
            edge = BLUE if role == "confirmed" else GREY
            inside = {"confirmed": BLUE, "open": PALE}.get(role, "white")
            axes.plot(*place, "s", ms=7.5, mec=edge, mfc=inside)
        top += sizes[kind] + 1.7
    axes.set(xlim=(-0.8, A_ROW), ylim=(-top, 0.8))
    axes.set_axis_off()
    return figure, describe_roles(facts)


def describe_roles(facts: pd.DataFrame) -> str:
    """`figure_roles` in words."""
    good = facts["role"].eq("confirmed").groupby(facts["kind"], sort=False)
    parts = [f"{kind.lower()}: {found.sum()} of {len(found)}" for kind, found in good]
    return "One square for each printed fact, filled where all others lead to it: " + (
        listed(parts) + "."
    )


@picture
def figure_tests(tests: pd.DataFrame, level: float = 0.05) -> tuple:
    """P values on a log scale, a line a factor, from the lowest to the highest of all cohorts.

    `tests` has the columns `factor`, `kind` (at most three, each with a mark of its own),
    `lowest` and `highest`. A dotted line stands at `level`.
    """
    factors, kinds = (list(dict.fromkeys(tests[c])) for c in ("factor", "kind"))
    figure, axes = new_figure(1.5 + 0.42 * len(factors))
    marks = dict(zip(kinds, (("o", BLUE), ("D", ORANGE), ("s", GREY)), strict=False))
    for kind, own in tests.groupby("kind", sort=False):
        mark, color = marks[kind]
        shift = 0.15 * (2 * kinds.index(kind) - len(kinds) + 1)  # marks side by side
        y = [factors.index(factor) + shift for factor in own["factor"]]
        axes.hlines(y, own["lowest"], own["highest"], color=color, lw=2)
        axes.plot(own["highest"], y, mark, color=color, mec="white", ms=8, label=kind)
    axes.axvline(level, color=INK, lw=1, ls=":")
    axes.set(xscale="log", ylim=(len(factors) - 0.5, -0.7), xlabel="P", xlim=(3e-4, 1.2))
    axes.set_xticks((0.001, 0.01, level, 0.2, 1), ("0.001", "0.01", f"{level:g}", "0.2", "1"))
    axes.minorticks_off()
    axes.set_yticks(range(len(factors)), factors)
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=9)
    return figure, describe_tests(tests, level)


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


@picture
def figure_options(needed: pd.DataFrame) -> tuple:
    """A bar an option: how many numbers fit it alone. Columns `switch`, `option`, `numbers`."""
    figure, axes = new_figure(0.9 + 0.34 * len(needed))
    names = needed["switch"] + ": " + needed["option"]
    axes.barh(names, needed["numbers"], color=BLUE, height=0.6)
    axes.bar_label(axes.containers[0], padding=4)
    axes.invert_yaxis()
    axes.set(xlabel="Numbers that fit no other option")
    axes.tick_params(axis="y", length=0)
    return figure, describe_options(needed)


def describe_options(needed: pd.DataFrame) -> str:
    """`figure_options` in words."""
    parts = [f"{r.switch}, {r.option}: {r.numbers}" for r in needed.itertuples()]
    return "Numbers that fit one option of a switch and no other. " + "; ".join(parts) + "."


@picture
def figure_sharpness(exhibits: pd.DataFrame, names: dict) -> tuple:
    """Stacked shares of changes by the check that notices them, a bar an exhibit.

    `exhibits` has a row an exhibit and a column a check (`sharpness.by_exhibit`), `names` plain
    words for the columns. Blue: by proof; grey: by the edition alone, or open; orange: not noticed.
    """
    colors = {"ledger": "#9aa2a9", "missed": ORANGE, "open": "#dcdcdc"}
    blues = ["#08415f", BLUE, "#3d86b0", "#7fb0ce", "#b5d0e2"]
    proof = [kind for kind in exhibits if kind not in colors]
    colors |= dict(zip(proof, blues, strict=False))
    figure, axes = new_figure(1.5 + 0.36 * len(exhibits))
    left = pd.Series(0.0, index=exhibits.index)
    total = exhibits.sum(axis=1)
    for kind in exhibits:
        share = exhibits[kind] / total
        axes.barh(range(len(exhibits)), share, left=left, height=0.66, color=colors[kind],
                  label=names[kind])  # fmt: skip
        left += share
    for y, count in enumerate(total):
        axes.text(1.02, y, f"{count}", va="center")
    axes.set(xlim=(0, 1.12), ylim=(len(exhibits) - 0.4, -0.6), xticks=())
    axes.set_yticks(range(len(exhibits)), exhibits.index)
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=9)
    return figure, describe_sharpness(exhibits, names)


def describe_sharpness(exhibits: pd.DataFrame, names: dict) -> str:
    """`figure_sharpness` in words."""
    parts = [
        f"{exhibit}: "
        + ", ".join(f"{names[k].lower()} {n}" for k, n in row.items() if n)
        for exhibit, row in exhibits.iterrows()
    ]  # fmt: skip
    return "Shares of changed digits by the check that notices them. " + "; ".join(parts) + "."


@picture
def figure_generating(facts: pd.DataFrame) -> tuple:
    """Given facts at the left, the facts that they predict at the right, a line an `about`.

    `facts` has the columns `about` (plain words, in order) and `role` ("given" or "predicted").
    """
    order = list(dict.fromkeys(facts["about"]))
    counts = pd.crosstab(facts["about"], facts["role"]).reindex(order)
    note = "Orange: given. Blue: predicted by all that is given."
    figure, axes = new_figure(0.9 + 0.5 * len(order), note)
    for y, (name, row) in enumerate(counts.iterrows()):
        given, predicted = int(row.get("given", 0)), int(row.get("predicted", 0))
        axes.text(-0.6, y - 0.38, f"{name}: {given} given, {predicted} predicted", va="center")
        axes.plot(range(given), [y] * given, "s", ms=8, color=ORANGE)
        places = range(given, given + predicted)
        axes.plot(places, [y] * predicted, "s", ms=8, mfc="white", mec=BLUE, mew=1.5)
    axes.set(xlim=(-0.8, max(22, counts.sum(axis=1).max())), ylim=(len(order) - 0.4, -0.8))
    axes.set_axis_off()
    return figure, describe_generating(facts)


def describe_generating(facts: pd.DataFrame) -> str:
    """`figure_generating` in words."""
    parts = [
        f"{name}: {(own == 'given').sum()} given, {(own == 'predicted').sum()} predicted"
        for name, own in facts.groupby("about", sort=False)["role"]
    ]
    return "Given facts and those that they predict, a line a factor. " + "; ".join(parts) + "."

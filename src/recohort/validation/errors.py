"""Single errors planted in a clean paper, and what a reader's simple checks find of them."""

import numpy as np
import pandas as pd

KINDS = {  # kinds of number, by their statistics
    "number of patients": ("count",),
    "percentage": ("percent",),
    "follow-up": ("mean", "sd", "minimum", "maximum", "median", "quantile"),
    "rate": ("survival",),
    "limit of a rate": ("survival_lower", "survival_upper"),
    "median survival": ("median_survival",),
    "P": ("p_value", "hazard_ratio_p"),
    "hazard ratio": ("hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"),
}
DIGITS = ("any", "last")
ORDERED = (  # numbers of one group that cannot stand in another order
    ("minimum", "quantile 0.25", "median", "quantile 0.75", "maximum"),
    ("survival_lower", "survival", "survival_upper"),
    ("hazard_ratio_lower", "hazard_ratio", "hazard_ratio_upper"),
)


def plant(
    published: pd.DataFrame, kind: str, digit: str, random: np.random.Generator
) -> tuple | None:
    """A copy of the paper with one digit changed, and the label of its row; None without one.

    `kind` is of `KINDS`; `digit` "any" or "last". The number of all patients is spared:
    everything is measured by it.
    """
    rows = published[published["statistic"].isin(KINDS[kind]) & (published["id"] != "n.count")]
    if rows.empty:
        return None
    place, changed = random.choice(rows.index), published.copy()
    printed = list(published.loc[place, "printed"])
    places = [i for i, c in enumerate(printed) if c.isdigit()]
    at = places[-1] if digit == "last" else random.choice(places)
    printed[at] = str((int(printed[at]) + random.integers(1, 10)) % 10)
    changed.loc[place, "printed"] = "".join(printed)
    return changed, place


def simple_checks(published: pd.DataFrame) -> list[str]:
    """What a careful reader finds with a pencil: the names of the checks that fail.

    ``"share"``: a count against its percentage; ``"sum"``: the groups make all patients;
    ``"order"``: lower limit, rate, upper limit, and minimum, quartiles, median, maximum;
    ``"fall"``: no rate rises with time.
    """
    numbers = published.assign(value=pd.to_numeric(published["printed"]))
    parts = published["arguments"].map(_parts)
    numbers["at"], q = parts.map(lambda p: p.pop("at", "")), parts.map(lambda p: p.pop("q", ""))
    numbers["statistic"] += q.map(lambda text: f" {text}" if text else "")
    numbers["group"] = parts.map(lambda p: "; ".join(f"{k}={v}" for k, v in p.items()))
    kinds = {name: some.set_index("group")["value"] for name, some in numbers.groupby("statistic")}
    size, counts = kinds["count"][""], kinds["count"].drop(["", "event=True"])
    places = published.loc[published["statistic"] == "percent", "printed"].str.partition(".")[2]
    off = (100 * counts / size - kinds["percent"]).abs().to_numpy() >= 0.1 ** places.str.len()
    sums = counts.groupby(counts.index.str.split("=").str[0]).sum()
    curves = [some for _, some in kinds.get("survival", pd.Series()).groupby(level=0)]
    groups = [some.set_index("statistic")["value"] for _, some in numbers.groupby(["group", "at"])]
    failed = {
        "fall": not all(curve.is_monotonic_decreasing for curve in curves),
        "order": not all(
            some.reindex(names).dropna().is_monotonic_increasing
            for some in groups
            for names in ORDERED
        ),
        "share": off.any(),
        "sum": (sums != size).any(),
    }
    return [name for name, found in failed.items() if found]


def _parts(arguments):
    return dict(part.split("=", 1) for part in arguments.split("; ") if part)

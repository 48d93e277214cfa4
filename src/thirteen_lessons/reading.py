"""Reading a paper with a pencil: printed percentages beside the counts they come from."""

from fractions import Fraction

import pandas as pd

from recohort.paper.reading import number_of, parse_arguments
from recohort.paper.rounding import prints_as
from thirteen_lessons.tasks import ANSWERS

COLUMNS = ["id", "quantity", "location", "k", "n", "printed", "computed", "fits"]


def page_of_slips(published: pd.DataFrame) -> pd.DataFrame:
    """The page to correct in Lesson 11: `line` is what it prints, filled with printed numbers.

    `rounded` and `cut` say whether the count, divided by the whole, prints so; `unit` whether the
    two count the same things ("same" or "mixed"), `times` is 100 where the result is in percent.
    """
    printed = published.set_index("id")["printed"].map(number_of)
    lines = pd.read_csv(ANSWERS / "slips.csv")
    parts = lines[["count", "whole", "result"]].map(printed.get)
    shares = [
        Fraction(times * int(k), int(n))
        for times, k, n in zip(lines["times"], parts["count"], parts["whole"], strict=True)
    ]
    filled = {
        "line": [words.format(*row) for words, row in zip(lines["line"], parts.values, strict=True)]
    }
    for column, halves in {"rounded": "up", "cut": "cut"}.items():
        filled[column] = [
            prints_as(share, shown, halves)
            for share, shown in zip(shares, parts["result"], strict=True)
        ]
    return lines[["unit", "times"]].assign(**filled)


def fractions(published: pd.DataFrame) -> pd.DataFrame:
    """Each printed percentage with its count `k`, its denominator `n`, and whether it `fits`.

    The count is the row `...numerator` or `...n` of the same place; the denominator the row
    `...denominator`, or else the printed number of rows of the table that the count is about.
    Percentages without a printed count are left out. Columns: `id`, `quantity`, `location`, `k`,
    `n`, `printed`, `computed` (in percent), `fits` (prints as 100 k / n, halves up).
    """
    printed = published.set_index("id")["printed"].map(number_of)
    totals = _totals(published)
    rows = published[published["id"].str.endswith(".percent")].copy()
    stems = rows["id"].str.removesuffix("percent")
    tables = [dict(parse_arguments(a)[1]).get("table", "patients") for a in rows["arguments"]]
    rows["k"] = [printed.get(f"{s}numerator", printed.get(f"{s}n")) for s in stems]
    rows["n"] = [
        printed.get(f"{s}denominator", totals[t]) for s, t in zip(stems, tables, strict=True)
    ]
    rows = rows.dropna(subset="k").astype({"k": int, "n": int}).reset_index(drop=True)
    shares = [Fraction(100 * k, n) for k, n in zip(rows["k"], rows["n"], strict=True)]
    rows["computed"] = [float(share) for share in shares]
    rows["fits"] = list(map(prints_as, shares, rows["printed"]))
    return rows[COLUMNS]


def _totals(published):
    """The printed number of rows of each table: the counts without any filter."""
    whole = published[(published["statistic"] == "count") & published["printed"].ne("")]
    found = {}
    for row in whole.itertuples():
        filters, options = parse_arguments(row.arguments)
        if not filters and {name for name, _ in options} <= {"table"}:
            found.setdefault(dict(options).get("table", "patients"), number_of(row.printed))
    return found

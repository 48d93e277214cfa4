"""Reading a paper with a pencil: printed percentages beside the counts they come from."""

from fractions import Fraction

import pandas as pd

from recohort.paper.reading import number_of, parse_arguments
from recohort.paper.rounding import prints_as


def fractions(published: pd.DataFrame) -> pd.DataFrame:
    """Each printed percentage with its count `k`, its denominator `n`, and whether it `fits`.

    The count is the row `...numerator` or `...n` of the same place; the denominator the row
    `...denominator`, or else the printed number of rows of the table that the count is about.
    Percentages without a printed count are left out. Columns: `id`, `quantity`, `location`, `k`,
    `n`, `printed`, `computed` (in percent), `fits` (prints as 100 k / n, halves up).
    """
    printed = published.set_index("id")["printed"].map(number_of)
    totals = _totals(published)
    rows = []
    for row in published[published["id"].str.endswith(".percent")].itertuples():
        stem = row.id.removesuffix("percent")
        table = dict(parse_arguments(row.arguments)[1]).get("table", "patients")
        k = printed.get(f"{stem}numerator", printed.get(f"{stem}n"))
        n = printed.get(f"{stem}denominator", totals[table])
        if k is not None:
            share = Fraction(100 * int(k), int(n))
            fits = prints_as(share, row.printed)
            rows.append(
                (
                    row.id,
                    row.quantity,
                    row.location,
                    int(k),
                    int(n),
                    row.printed,
                    float(share),
                    fits,
                )
            )
    columns = "id quantity location k n printed computed fits".split()
    return pd.DataFrame(rows, columns=columns)


def _totals(published):
    """The printed number of rows of each table: the counts without any filter."""
    whole = published[(published["statistic"] == "count") & published["printed"].ne("")]
    found = {}
    for row in whole.itertuples():
        filters, options = parse_arguments(row.arguments)
        if not filters and {name for name, _ in options} <= {"table"}:
            found.setdefault(dict(options).get("table", "patients"), number_of(row.printed))
    return found

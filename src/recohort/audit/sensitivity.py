"""One digit off: would the search notice a misprint of one unit in the last place?"""

from decimal import Decimal

import pandas as pd

from recohort.paper.reading import number_of, rows_of
from recohort.paper.rounding import decimals_of
from recohort.survival import Result, search_kept
from recohort.survival.problem import problem_of
from recohort.witness import cohort_in_words


def neighbors(printed: str) -> list[str]:
    """A printed number one unit lower and higher in its last place; none changes its sign."""
    unit, value = Decimal(1).scaleb(-decimals_of(printed)), Decimal(printed)
    return [str(v) for v in (value - unit, value + unit) if v * value >= 0 and (value or v >= 0)]


def changed_digits(
    published: pd.DataFrame, statements: pd.DataFrame, result: Result, location: str
) -> pd.DataFrame:
    """Each number of one place, changed by one unit either way: is it noticed, and how?

    Columns: `id`, `printed`, `changed`, `noticed` and `how`: ``"set_aside"`` (its fact is
    one that the ledger marks already), ``"no_cohort"`` (what was set aside no longer
    suffices), or empty where a cohort prints the changed table: `witness`, its times with
    ``+`` for a death, and its groups.
    """
    used = {row.id: row for row in rows_of(published) if row.statistic}
    places = published[(published["location"] == location) & (published["kind"] == "number")]
    found = []
    for index, row in places[places["id"].isin(used)].iterrows():
        for value in neighbors(number_of(row["printed"])):
            if row["fact"] in result.corrections[0]:
                found.append((row["id"], row["printed"], value, True, "set_aside", ""))
                continue
            trial = published.copy()
            trial.loc[index, "printed"] = value
            problem = problem_of(trial, statements, dict(result.paper.conventions))
            witness = search_kept(problem, result)
            how, text = "" if witness else "no_cohort", cohort_in_words(witness)
            found.append((row["id"], row["printed"], value, not witness, how, text))
    names = "id printed changed noticed how witness".split()
    return pd.DataFrame(found, columns=names)

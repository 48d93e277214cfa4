"""The search, slowly: printed rows chosen one by one, and the candidates that they leave.

A candidate is an order of deaths and landmarks with a group chosen for every factor that has
rates. The page's script counts the same for any choice of rows; tests hold the two together.
"""

from decimal import Decimal
from fractions import Fraction
from math import prod

from recohort.paper.rounding import decimals_of
from recohort.paper.statistics import COUNTS, DASHES, RANKS, RATES, TESTS
from recohort.survival.orders import all_orders
from recohort.survival.problem import (
    Problem,
    about,
    chosen_settings,
    group_of,
    group_sizes,
    is_joint,
    many_sets,
    settings,
    steps_of,
)
from recohort.survival.terms import time_ways

# What is tried at the most: orders with their groups, and groups with their ties. Beyond that,
# rows on groups (or their P values) wait until other rows have left fewer.
MOST_ORDERS, MOST_TIES = 1_000, 50_000


def sieve_steps(problem: Problem) -> list[tuple]:
    """The (column, level) pairs with printed rates: the groups of a candidate."""
    return [step for step in steps_of(problem) if about(problem, step, RATES).rows]


def sieve_rows(problem: Problem) -> list:
    """The rows to choose from: rates, tests, deaths and ranked times, of all and of groups.

    All patients first, then group by group; within each the rates by month. Sizes of groups
    are not among them: they are taken as printed from the start.
    """
    rows = [r for r in problem.rows if not r.filters and r.statistic in RATES]
    rows = sorted(rows, key=_by_month)
    rows += [r for r in problem.rows if r.statistic in COUNTS and _deaths(r)]
    ranked = (r for r in problem.rows if not r.filters and r.statistic in RANKS)
    rows += sorted(ranked, key=lambda r: Decimal(r.printed))
    for step in sieve_steps(problem):
        own = [r for r in about(problem, step, RATES + TESTS).rows if not is_joint(problem, r)]
        sides = {r.id: group_of(problem, r.filters[0])[2] for r in own}
        rows += sorted(own, key=lambda r: (r.statistic in TESTS, sides[r.id], *_by_month(r)))
    return rows


def _by_month(row):
    parts = ("survival", "survival_lower", "survival_upper", *DASHES, *TESTS)
    return Fraction(dict(row.options).get("at", "0")), parts.index(row.statistic)


def _deaths(row):
    return bool(row.filters) and all(column == "event" for column, _, _ in row.filters)


def everything(problem: Problem) -> int:
    """Orders of all deaths and landmarks, with every group of a printed size for each factor."""
    return all_orders(problem) * prod(many_sets(problem, *step) for step in sieve_steps(problem))


def sieve_data(problem: Problem, words: dict, named) -> dict:
    """What the script starts from, ready for JSON.

    `words` says in plain words what each row (by id) prints; `named` gives, for a step, the
    names of its factor and of both sides. Raises ValueError for rows that the script does not
    know: a middle between two patients, or a test under another convention.
    """
    steps = sieve_steps(problem)
    return {
        "size": problem.size,
        "landmarks": [float(month) for month in problem.landmarks],
        "mostOrders": MOST_ORDERS,
        "mostTies": MOST_TIES,
        "everything": str(everything(problem)),
        "groups": [
            dict(
                zip(("label", "inside", "outside"), named(step), strict=True),
                sizes=group_sizes(problem, *step),
            )
            for step in steps
        ],
        "rows": [_row_data(problem, steps, row, words[row.id]) for row in sieve_rows(problem)],
    }


def _row_data(problem, steps, row, words):
    """One row: what it is about, its kind, and all that its printing depends on."""
    data = {"id": row.id, "words": words, "printed": row.printed, "kind": row.statistic}
    data["decimals"] = 0 if row.statistic in DASHES else decimals_of(row.printed)
    data["about"], data["other"] = -1, False
    if row.filters and not _deaths(row):
        column, level, data["other"] = group_of(problem, row.filters[0])
        data["about"] = steps.index((column, level))
    if row.statistic in RATES:
        data["at"] = problem.landmarks.index(Fraction(dict(row.options)["at"]))
        (data["path"],) = settings(problem, row)["interval_rounding"]
        data["kind"] = "dash" if row.statistic in DASHES else row.statistic
    if row.statistic in RANKS:
        (way,) = time_ways(problem, row, tuple(range(problem.size)), 0)
        if len(way.terms) != 1:
            raise ValueError(f"sieve: {row.id} lies between two patients")
        data |= {"kind": "time", "rank": way.terms[0][0]}
    if row.statistic in COUNTS and row.filters != (("event", "=", "True"),):
        raise ValueError(f"sieve: {row.id} counts something else than deaths")
    if row.statistic in TESTS:
        (found,) = chosen_settings(problem, row, ("test", "ties", "p_rounding"))
        test = found["test"] if row.statistic == "p_value" else found["ties"]
        if test not in ("log_rank", "breslow"):
            raise ValueError(f"sieve: {row.id} asks for {test}")
        data["path"] = found["p_rounding"]
    return data

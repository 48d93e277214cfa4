"""One fact left out: do all other printed figures lead to it again?"""

from itertools import islice

import pandas as pd

from recohort.paper.options import ANY, DEFAULTS
from recohort.survival import Result, survival_steps, without
from recohort.survival.cohorts import Cohort, UndecidedError, cohorts, grid_cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.escapes import escape, missed_by
from recohort.survival.printing import printed_facts
from recohort.witness import cohort_in_words

MOST = 20_000  # cohorts on the grid among which a witness is looked for


def left_out(result: Result) -> pd.DataFrame:
    """Each fact that the search used, taken out: `confirmed` where every cohort fits it still.

    Every cohort with every choice of its real times.

    The facts set aside stay aside. Columns: `fact`, `role` ("confirmed" or "input"), `cohorts`
    (how many print all others: all of them where confirmed, empty where not) and `witness`: a
    cohort that prints all other facts and not this one. Takes some minutes.
    """
    rows = []
    for fact in facts_of(result.problem):
        count, witness = left_out_one(result, fact)
        role = "input" if witness else "confirmed"
        rows.append((fact, role, "" if witness else count, cohort_in_words(witness)))
    return pd.DataFrame(rows, columns=["fact", "role", "cohorts", "witness"])


def left_out_one(result: Result, fact) -> tuple[int, Cohort | None]:
    """Cohorts that fit all facts but one, up to the first that does not fit it either.

    That one has times on the grid where there are some, which other tables are searched beside.
    """
    own = keeping(result.problem, [fact])
    every_word = _names_a_word(result, own)
    count = 0
    rest = without(result.problem, {fact})
    for cohort in cohorts(rest, every_word=every_word):
        count += 1
        other = cohort if not printed_facts(own, cohort) else missed_by(rest, own, cohort)
        if other:
            on_grid = islice(grid_cohorts(rest, every_word), MOST)
            return count, next((c for c in on_grid if not printed_facts(own, c)), other)
    return count, None


def _names_a_word(result, own):
    """Do the rows name a column that nothing but words and counts tell of?"""
    words = {column for column, _ in survival_steps(result.problem)[1]}
    return any(column in words for row in own.rows for column, _, _ in row.filters)


def given_back(result: Result, fact) -> str:
    """Is a fact left out given back where each other number may be formed in any named way?

    "yes" where every cohort that is left fits it, formed as the paper forms it; "no" where one
    does not; "open" where an order with groups is neither shown nor refuted.
    """
    own = keeping(result.problem, [fact])
    rows = tuple(r._replace(switches=()) for r in result.problem.rows if r.fact != fact)
    free = result.problem._replace(rows=rows, conventions=tuple((DEFAULTS | ANY).items()))
    every_word = _names_a_word(result, own)
    try:
        for cohort in cohorts(free, every_word=every_word):
            found = escape(free, own, cohort).status if printed_facts(own, cohort) else "some"
            if found != "none":
                return {"some": "no"}.get(found, found)
    except UndecidedError:
        return "open"
    return "yes"


def free_options(result: Result, facts) -> pd.DataFrame:
    """`given_back` for each of some facts: columns `fact`, `given_back`. Minutes."""
    rows = [(fact, given_back(result, fact)) for fact in facts]
    return pd.DataFrame(rows, columns=["fact", "given_back"])

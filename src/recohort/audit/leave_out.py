"""One fact left out: do all other printed figures lead to it again?"""

import pandas as pd

from recohort.survival import Result, in_words, survival_steps, without
from recohort.survival.cohorts import Cohort, cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.printing import printed_facts


def left_out(result: Result) -> pd.DataFrame:
    """Each fact that the search used, taken out: `confirmed` where every cohort prints it still.

    The facts set aside stay aside. Columns: `fact`, `role` ("confirmed" or "input"), `cohorts`
    (how many print all others: all of them where confirmed, empty where not) and `witness`: a
    cohort that prints all other facts and not this one. Takes some minutes.
    """
    rows = []
    for fact in facts_of(result.problem):
        count, witness = left_out_one(result, fact)
        role = "input" if witness else "confirmed"
        rows.append((fact, role, "" if witness else count, in_words(witness)))
    return pd.DataFrame(rows, columns=["fact", "role", "cohorts", "witness"])


def left_out_one(result: Result, fact) -> tuple[int, Cohort | None]:
    """Cohorts that print all facts but one, up to the first that does not print it either."""
    own = keeping(result.problem, [fact])
    words = {column for column, _ in survival_steps(result.problem)[1]}
    every_word = any(column in words for row in own.rows for column, _, _ in row.filters)
    count = 0
    for cohort in cohorts(without(result.problem, {fact}), every_word=every_word):
        count += 1
        if not printed_facts(own, cohort):
            return count, cohort
    return count, None

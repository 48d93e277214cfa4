"""One fact left out: do all other printed figures lead to it again?"""

import pandas as pd

from recohort.blocks import Survival, names_a_word
from recohort.paper.options import ANY, DEFAULTS
from recohort.survival import Result
from recohort.survival.cohorts import UndecidedError, cohorts
from recohort.survival.corrections import keeping
from recohort.survival.escapes import escape
from recohort.survival.printing import printed_facts
from recohort.witness import cohort_in_words


def left_out(result: Result) -> pd.DataFrame:
    """Each fact that the search used, taken out: `confirmed` where every cohort fits it still.

    Every cohort with every choice of its real times.

    The facts set aside stay aside. Columns: `fact`, `role` ("confirmed" or "input"), `cohorts`
    (how many print all others: all of them where confirmed, empty where not) and `witness`: a
    cohort that prints all other facts and not this one. Takes some minutes.
    """
    rows = []
    for fact in Survival(result).facts:
        count, witness = Survival(result).without(fact)
        role = "input" if witness else "confirmed"
        rows.append((fact, role, "" if witness else count, cohort_in_words(witness)))
    return pd.DataFrame(rows, columns=["fact", "role", "cohorts", "witness"])


def given_back(result: Result, fact: str) -> str:
    """Is a fact left out given back where each other number may be formed in any named way?

    "yes" where every cohort that is left fits it, formed as the paper forms it; "no" where one
    does not; "open" where an order with groups is neither shown nor refuted.
    """
    own = keeping(result.problem, [fact])
    rows = tuple(r._replace(switches=()) for r in result.problem.rows if r.fact != fact)
    free = result.problem._replace(rows=rows, conventions=tuple((DEFAULTS | ANY).items()))
    every_word = names_a_word(result, own)
    try:
        for cohort in cohorts(free, every_word=every_word):
            found = escape(free, own, cohort).status if printed_facts(own, cohort) else "some"
            if found != "none":
                return {"some": "no"}.get(found, found)
    except UndecidedError:
        return "open"
    return "yes"


def free_options(result: Result, facts: list[str]) -> pd.DataFrame:
    """`given_back` for each of some facts: columns `fact`, `given_back`. Minutes."""
    rows = [(fact, given_back(result, fact)) for fact in facts]
    return pd.DataFrame(rows, columns=["fact", "given_back"])

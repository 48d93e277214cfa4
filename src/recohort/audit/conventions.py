"""Every combination of the named conventions: which printed numbers does it print?

A statistic knows only its own switches and how halves are rounded. So the product of all
switches falls apart: each number is computed under the combinations of its own, and that
answers for every combination of all of them. Whether one cohort can be consistent with the whole
survival block at once is another question; there the search lets every number be formed in any
way, and then holds one option after the other.
"""

from itertools import product

import pandas as pd

from recohort.audit.ledger import rebuilt
from recohort.audit.roles import any_way
from recohort.edition import Work
from recohort.folder import read_tables
from recohort.paper.options import CONVENTIONS, DEFAULTS
from recohort.paper.printed import printed_form, prints
from recohort.paper.reading import columns_of, rows_of
from recohort.paper.statistics import DASHES, REGISTRY
from recohort.survival.cohorts import some_cohort
from recohort.witness import cohort_in_words

HALVES = "halves"
NUMBERS = "id fact switches tried printing".split()
SEARCHES = "switch option status witness".split()


def tried_numbers(work: Work) -> dict:
    """`convention_numbers.csv`: each number under each combination of its options.

    Those that the edition's tables can print, each under its own switches.
    Columns: `id`, `fact`, `switches` (its own, then halves), `tried` (combinations) and
    `printing`: those that print the number, joined by "; ", options in the order of the
    switches. Bounds and dashes are left out: they are no digits.
    """
    tables, known, found = read_tables(work.folder), {}, []
    for row in rows_of(work.data[0]):
        plain = row.relation == "rounds to" and row.statistic not in DASHES
        if plain and columns_of(row) and rebuilt(row, tables):
            if row[1:] not in known:
                known[row[1:]] = _printing(row, tables)
            found.append((row.id, row.fact, *known[row[1:]]))
    return {"convention_numbers": pd.DataFrame(found, columns=NUMBERS)}


def _printing(row, tables):
    """A row's switches, how many combinations they have, and those that print it."""
    own = REGISTRY[row.statistic].switches
    every = list(product(*(CONVENTIONS[s] for s in own)))
    good = []
    for chosen in every:
        named = dict(zip(own, chosen, strict=True))
        value = REGISTRY[row.statistic].compute(tables, row, DEFAULTS | named)
        good += [
            " ".join((*chosen, halves))
            for halves in CONVENTIONS[HALVES]
            if prints(printed_form(value, row, DEFAULTS | named | {HALVES: halves}), row)
        ]
    return " ".join((*own, HALVES)), len(every) * len(CONVENTIONS[HALVES]), "; ".join(good)


def tried_searches(work: Work) -> dict:
    """`convention_searches.csv`: each option held for all of survival, the others free.

    Is a cohort left without the facts set aside? One row an option, the first for none held:
    `switch`, `option`, `status` (some, none or open) and `witness`, a cohort consistent with all
    numbers.
    """
    paper, rows = any_way(work.result.problem), []
    used = {s for row in paper.rows for s in REGISTRY[row.statistic].switches} | {HALVES}
    held = [("", ""), *((s, o) for s in CONVENTIONS if s in used for o in CONVENTIONS[s])]
    for switch, option in held:
        ways = dict(paper.conventions) | ({switch: option} if switch else {})
        status, found = some_cohort(paper._replace(conventions=tuple(ways.items())))
        rows.append((switch, option, status, cohort_in_words(found)))
    return {"convention_searches": pd.DataFrame(rows, columns=SEARCHES)}

"""Every combination of the named conventions: which printed numbers does it print?

A statistic knows only its own switches and how halves are rounded. So the product of all
switches falls apart: each number is computed under the combinations of its own, and that
answers for every combination of all of them. Whether one cohort can be consistent with the whole
survival block at once is another question; there the search lets every number be formed in any
way, and then holds one option after the other.
"""

from itertools import combinations, product

import pandas as pd

from recohort.paper.options import ANY
from recohort.paper.reading import DASHES, columns_of, rows_of
from recohort.paper.statistics import CONVENTIONS, REGISTRY
from recohort.survival import in_words, without
from recohort.survival.cohorts import possible, some_cohort
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.problem import COUNTS, problem_of
from thirteen.ledger import printed_form, prints, rebuilt

HALVES = "halves"
NUMBERS = "id fact switches tried printing".split()


def tried_numbers(published, tables) -> pd.DataFrame:
    """Each number that the edition's tables can print, under each combination of its switches.

    Columns: `id`, `fact`, `switches` (its own, then halves), `tried` (combinations) and
    `printing`: those that print the number, joined by "; ", options in the order of the
    switches. Bounds and dashes are left out: they are no digits.
    """
    rows, known, found = rows_of(published), {}, []
    for row in rows:
        plain = row.relation == "rounds to" and row.statistic not in DASHES
        if plain and columns_of(row) and rebuilt(row, tables):
            if row[1:] not in known:
                known[row[1:]] = _printing(row, tables)
            found.append((row.id, row.fact, *known[row[1:]]))
    return pd.DataFrame(found, columns=NUMBERS)


def _printing(row, tables):
    """A row's switches, how many combinations they have, and those that print it."""
    own = REGISTRY[row.statistic].switches
    every = list(product(*(CONVENTIONS[s] for s in own)))
    good = []
    for chosen in every:
        named = dict(zip(own, chosen, strict=True))
        first = {s: options[0] for s, options in CONVENTIONS.items()}
        value = REGISTRY[row.statistic].compute(tables, row, first | named)
        good += [
            " ".join((*chosen, halves)) for halves in CONVENTIONS[HALVES]
            if prints(printed_form(value, row, first | named | {HALVES: halves}), row)
        ]  # fmt: skip
    return " ".join((*own, HALVES)), len(every) * len(CONVENTIONS[HALVES]), "; ".join(good)


def by_switch(numbers: pd.DataFrame) -> pd.DataFrame:
    """For each switch: how many numbers print only with one option, with any, with none.

    One row a switch and kind; columns `switch`, `option` (empty: any; "none"), `numbers`. A
    number counts for an option when some combination with it prints the number.
    """
    rows = []
    for switch, options in CONVENTIONS.items():
        counts = dict.fromkeys([*options, "", "none"], 0)
        for number in numbers.itertuples():
            own = number.switches.split()
            if switch in own:
                place = own.index(switch)
                seen = {c.split(" ")[place] for c in number.printing.split("; ") if c}
                kind = "none" if not seen else "" if len(seen) == len(options) else min(seen)
                counts[kind] += 1
        rows += [(switch, option, count) for option, count in counts.items()]
    return pd.DataFrame(rows, columns=["switch", "option", "numbers"])


def smallest_sets(numbers: pd.DataFrame) -> pd.DataFrame:
    """The fewest combinations that print every number that some combination prints.

    Switches that meet in a number belong together (halves meet all, so they are settled first);
    each such part is covered by itself. One row a part and smallest set: `halves`, `part`
    (switches), `numbers` (to be printed), `lost` (that only other halves print), `set`
    (combinations, joined by "; ").
    """
    rows = []
    for halves in CONVENTIONS[HALVES]:
        for part in _parts(numbers):
            sets, lost = _sets_of(numbers, part, halves)
            every = frozenset().union(*sets.values())
            start = halves, " ".join(part), len(every), lost
            rows += [(*start, "; ".join(chosen)) for chosen in _covers(sets, every)]
    return pd.DataFrame(rows, columns="halves part numbers lost set".split())


def _parts(numbers):
    """Switches that meet in some number, as tuples in the order of `CONVENTIONS`."""
    parts = [{s} for s in CONVENTIONS if s != HALVES]
    for switches in numbers["switches"].unique():
        own = set(switches.split()) - {HALVES}
        meeting = [p for p in parts if p & own]
        parts = [p for p in parts if not p & own] + ([set().union(*meeting)] if meeting else [])
    ordered = [tuple(s for s in CONVENTIONS if s in part) for part in parts]
    return sorted(ordered, key=lambda part: list(CONVENTIONS).index(part[0]))


def _sets_of(numbers, part, halves):
    """For each combination of a part's options the numbers that it prints; those lost."""
    sets = {chosen: set() for chosen in product(*(CONVENTIONS[s] for s in part))}
    lost = 0
    for number in numbers.itertuples():
        own = number.switches.split()
        if set(own) & set(part) and number.printing:
            good = [dict(zip(own, c.split(" "), strict=True)) for c in number.printing.split("; ")]
            good = [g for g in good if g[HALVES] == halves]
            lost += not good
            for chosen, ids in sets.items():
                here = dict(zip(part, chosen, strict=True))
                if any(all(here[s] == g[s] for s in own if s != HALVES) for g in good):
                    ids.add(number.id)
    return {" ".join(chosen): frozenset(ids) for chosen, ids in sets.items()}, lost


def _covers(sets, every):
    """All smallest choices of combinations that together print `every` number."""
    for size in range(1, len(sets) + 1):
        found = [c for c in combinations(sets, size) if every <= set().union(*map(sets.get, c))]
        if found:
            return found
    return []


def never_printed(problem, halves) -> list[str]:
    """Facts that no group of the printed size can print with halves rounded this way.

    Each fact is asked alone, beside the numbers of patients: is there a pattern of deaths and
    last visits in a group so large that prints its rates, whatever the order of all patients? Only
    counts and rates are asked; so a fact not named may be out of reach all the same.
    """
    own = dict(problem.conventions) | {HALVES: halves}
    trial = problem._replace(conventions=tuple(own.items()))
    by_fact = {f: keeping(trial, [f]).rows for f in facts_of(trial)}
    counts = [f for f, rows in by_fact.items() if all(r.statistic in COUNTS[:2] for r in rows)]
    return [f for f in by_fact if not possible(keeping(trial, [f, *counts]))]


def tried_searches(published, statements, aside) -> pd.DataFrame:
    """Each option held for every number of the survival block, all others free: is a cohort left?

    The facts of `aside` are left out. One row an option, the first for none held: `switch`,
    `option`, `status` (some, none or open) and `witness`, a cohort consistent with all numbers.
    """
    paper = without(problem_of(published, statements, ANY), aside)
    used = {s for row in paper.rows for s in REGISTRY[row.statistic].switches} | {HALVES}
    held = [("", ""), *((s, o) for s in CONVENTIONS if s in used for o in CONVENTIONS[s])]
    rows = []
    for switch, option in held:
        ways = ANY | ({switch: option} if switch else {})
        status, found = some_cohort(paper._replace(conventions=tuple(ways.items())))
        rows.append((switch, option, status, in_words(found)))
    return pd.DataFrame(rows, columns=["switch", "option", "status", "witness"])

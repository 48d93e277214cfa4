"""Each fact about survival left out: do all others lead to it again?

`roles.csv`. A fact is confirmed where every cohort that fits all others fits it still, with every
choice of its real times; it is an input where one does not, which is kept. The facts set aside stay
aside, and the dictionary's rules about survival columns hold as well. What is printed of other
columns is not asked: there a count comes back from a sum, and what is measured as a rule not.
"""

from itertools import islice

import pandas as pd

from recohort.cells.cells import FIRST
from recohort.edition import Work
from recohort.folder import confirmed_facts
from recohort.paper.options import ANY, DEFAULTS
from recohort.paper.printed import ROUNDED
from recohort.paper.reading import columns_of, levels_in
from recohort.paper.rows import Row
from recohort.paper.rules import columns_of_rule, rules_of_columns
from recohort.survival import survival_steps, without
from recohort.survival.cohorts import Cohort, UndecidedError, cohorts, grid_cohorts
from recohort.survival.corrections import facts_of, keeping
from recohort.survival.printing import escape, printed_facts
from recohort.survival.problem import Problem
from recohort.witness import cohort_in_words

RULE = "rule."
ROLES = {"yes": "confirmed", "no": "input", "open": "open"}
SHARES = ("count", "percent")
MOST = 20_000  # cohorts on the grid among which a witness is looked for


def roles(work: Work) -> dict:
    """`roles.csv`: each fact about survival left out, do all others lead to it?

    Columns: `fact`; `role`: "confirmed", "input" or "open"; `cohorts`: how many fit all others, and
    so it, where it is confirmed; `witness` of an input, a cohort that fits all others and not this
    one, with times on the grid where one has them; `distinct`: is it no complement of others?
    """
    problem, table = work.result.problem, []
    implied = complements(problem.rows, work.dictionary)
    ruled = with_rules(problem, work.dictionary)
    for fact in facts_of(problem):
        answer, count, witness = given_back(ruled, fact)
        if witness:
            own, rest = keeping(ruled, [fact]), without(ruled, {fact})
            on_grid = islice(grid_cohorts(rest, names_a_word(ruled, own)), MOST)
            witness = next((c for c in on_grid if not printed_facts(own, c)), witness)
        known = count if answer == "yes" else "", cohort_in_words(witness)
        table.append((fact, ROLES[answer], *known, fact not in implied))
    names = "fact role cohorts witness distinct".split()
    return {"roles": pd.DataFrame(table, columns=names)}


def names_a_word(problem: Problem, own: Problem) -> bool:
    """Do rows name a column that nothing but words and counts tell of?"""
    words = {column for column, _ in survival_steps(problem)[1]}
    return any(column in words for row in own.rows for column, _, _ in row.filters)


def given_back(problem: Problem, fact: str, freely: bool = False) -> tuple[str, int, Cohort | None]:
    """Do all other facts lead to one that is left out? And how many cohorts were looked at.

    "yes" where every cohort that fits the others fits it, with all its times; "no", and a cohort,
    where one does not; "open" where an order with groups is neither shown nor refuted. `freely`
    forms each other number in any named way.
    """
    own, rest, count = keeping(problem, [fact]), without(problem, {fact}), 0
    rest = any_way(rest) if freely else rest
    try:
        for cohort in cohorts(rest, every_word=names_a_word(problem, own)):
            count += 1
            if not printed_facts(own, cohort):
                return "no", count, cohort
            status, times = escape(rest, own, cohort)
            if status == "some":
                return "no", count, cohort._replace(times=tuple(map(float, times)))
            if status == "open":
                return "open", count, None
    except UndecidedError:
        return "open", count, None
    return "yes", count, None


def any_way(problem: Problem) -> Problem:
    """The problem with every number formed in any named way."""
    rows = tuple(row._replace(switches=()) for row in problem.rows)
    return problem._replace(rows=rows, conventions=tuple((DEFAULTS | ANY).items()))


def free_options(work: Work) -> dict:
    """`free_options.csv`: what is given back where all other numbers are formed in any way."""
    problem, confirmed = work.result.problem, confirmed_facts(work.folder)
    ruled = with_rules(problem, work.dictionary)
    asked = [fact for fact in facts_of(problem) if fact in confirmed]
    rows = [(fact, given_back(ruled, fact, freely=True)[0]) for fact in asked]
    return {"free_options": pd.DataFrame(rows, columns=["fact", "given_back"])}


def with_rules(problem: Problem, dictionary: pd.DataFrame) -> Problem:
    """The problem with the dictionary's rules between survival columns as further rows."""
    rows, survival = [], dictionary[dictionary["block"] == "survival"]
    known = {(FIRST, column) for column in survival["column"]}
    for rule in rules_of_columns(survival):
        if columns_of_rule(rule) <= known:
            given = tuple(piece[:3] for piece in rule.given)
            for k, piece in enumerate(p for part in rule.then for p in part):
                name = f"{RULE}{rule.id}.{len(rows)}.{k}"
                rows.append(Row(name, name, "count", (*given, _not(piece)), (), "=", "0"))
    return problem._replace(rows=(*problem.rows, *rows))


def _not(piece):
    """The filter that is met where a piece of a rule is not."""
    other = {"True": "False", "False": "True"}.get(piece.value)
    return (piece.column, "=", other) if other else (piece.column, "!=", piece.value)


def complements(rows: tuple[Row, ...], dictionary: pd.DataFrame) -> set[str]:
    """The facts that say nothing but the count, or percentage, that all other levels leave.

    Of a column whose every level is counted, the last fact in the file is the complement of the
    others.
    """
    levels = levels_in(dictionary)
    counted: dict[str, dict] = {}
    for row in rows:
        plain = row.statistic == "count" and len(row.filters) == 1 and not row.options
        if plain and row.relation == ROUNDED:
            ((column, operator, value),) = row.filters
            counted.setdefault(column, {}).setdefault((operator, value), row.fact)
    found = set()
    for column, told in counted.items():
        if {("=", level) for level in levels[column]} <= set(told):
            found.add(list(told.values())[-1])
    return found - {r.fact for r in rows if r.statistic not in SHARES and columns_of(r)}

"""Which single facts about the table of pairs, given up, let all others print.

Of each fact there is either a table that prints all others, or an argument that there is none:
from signs alone (`search.negatives`), by weights (`search.pair_proofs`), or in whole numbers by a
solver of constraints (`search.pair_integers`). Two routes for each, wherever they get there.
"""

import pandas as pd

from recohort.paper.reading import Row
from recohort.paper.rounding import printed_bounds
from thirteen.pair_conflicts import conflict, in_words, is_about_percent, problem_of
from thirteen.pair_descent import settle_by_descent
from thirteen.pair_integers import no_table_of_integers
from thirteen.pair_proofs import no_table, small_changes
from thirteen.pair_table import flag_column, flags_of, holds
from thirteen.pairs_search import Pairs, attainable, pairs_of, with_changes

COLUMNS = "fact mends by parts integer_parts witness".split()
TIE = 1.25  # two equal falls, so many times as great as the printed rise


def pair_facts(rows, needed, exceptions, tables, settings) -> pd.DataFrame:
    """One row a fact: does giving it up mend the conflict, and by what is that known?

    Who was measured and who is of the part is given. `needed` are the facts of
    `identify.needed_facts`, `exceptions` those that print under another convention. `mends` is
    yes, no or open; `by` is exception, witness, or the routes that show it, of signs, weights and
    integers; `parts` says in how many parts weights were found, `integer_parts` in how many the
    solver was done, `witness` has the pairs. Takes minutes.
    """
    flags = flags_of(rows, tables, settings[2])
    found = []
    for fact in dict.fromkeys(r.fact for r in rows):
        rest = [r for r in rows if r.fact != fact]
        about = [r for r in rest if is_about_percent(r)]
        if fact in exceptions:
            found.append((fact, "yes", "exception", "", "", ""))
        elif fact not in needed or conflict(about, rows, flags, settings):
            parts = parts_without(rest, flags, settings)
            by = "signs" if parts is None else "signs; weights"
            found.append((fact, "no", by, parts, "", ""))
        else:
            found.append((fact, *_answer(rest, flags, tables, settings)))
    return pd.DataFrame(found, columns=COLUMNS)


def _answer(rest, flags, tables, settings):
    """Whether some rows have a table, by what it is known, parts of both routes and witness."""
    own = witness_without(rest, tables, settings)
    if own:
        return "yes", "witness", "", "", own
    found = {
        "weights": parts_without(rest, flags, settings),
        "integers": parts_without(rest, flags, settings, no_table_of_integers),
    }
    known = [route for route, parts in found.items() if parts is not None]
    parts = ("" if own is None else own for own in found.values())
    return "no" if known else "open", "; ".join(known), *parts, ""


def witness_without(rest, tables, settings) -> str | None:
    """A table that prints some rows, in words; None where none is found.

    With a printed P of signed ranks, two rises, then two equal falls, are the least changes:
    with one rise only, `identify.pair_corrections` is the place to look.
    """
    conventions, bounds, table = settings
    flag, tests = flag_column(rest), [r for r in rest if r.statistic == "paired_p"]
    for problem in (p for p in pairs_of(rest, conventions, bounds) if attainable(p)):
        low, high = problem.changes[0]
        tie = round(-TIE * low)
        two = ((low, low), (low, -1), (tie, tie), (tie, tie), (tie, high))
        for trial in with_changes(problem, two) if tests else [problem]:
            found = settle_by_descent(trial)
            if found is None:
                continue
            numbers = found / trial.scale
            whole = given_to_patients(numbers, trial.flags, trial.columns, flag, tables, table)
            if all(holds(row, whole, conventions) for row in rest):
                return in_words(numbers, trial, flag)
    return None


def given_to_patients(numbers, flags, columns, flag, tables, table) -> dict:
    """The edition's tables with other pairs (2 x rows), flagged ones to flagged patients."""
    marked = tables["patients"].set_index("patient_id")[flag]
    names = sorted(tables[table]["patient_id"], key=lambda name: not marked[name])
    order = sorted(range(len(flags)), key=lambda i: not flags[i])
    pairs = pd.DataFrame({c: [own[i] for i in order]
                          for c, own in zip(columns, numbers, strict=True)})  # fmt: skip
    return tables | {table: pairs.assign(patient_id=names)}


def parts_without(rest: list[Row], flags, settings, route=no_table) -> int | None:
    """In how many parts a route shows that no table prints some rows; None where it does not.

    `flags` say of each pair whether it belongs to the part. `route` is `no_table`, by weights, or
    `no_table_of_integers`.
    """
    below = min(printed_bounds(r.printed)[1] for r in rest if r.statistic == "paired_p")
    total = 0
    for problem in _problems(rest, flags, settings):
        if not any(f.statistic == "minimum" and f.quantity[1] and f.high <= 0
                   for f in problem.figures):  # fmt: skip
            return None  # no rise is printed, so there may be none
        low, high = problem.changes[0]
        patterns = small_changes(len(flags), low, high, below, _has_least_change(problem))
        parts = route(problem, patterns)
        if parts is None:
            return None
        total += parts
    return total


def _problems(rest, flags, settings):
    """The problems of some rows; without classes where their counts do not make up the table."""
    try:
        return [p for p in pairs_of(rest, *settings[:2]) if attainable(p)]
    except (NotImplementedError, ValueError):
        return [problem_of(rest, rest, flags, settings)]


def _has_least_change(problem: Pairs):
    names = (*problem.columns, None)
    return any(f.quantity == names and f.statistic == "minimum" and f.low < 0
               and len(f.rows) == len(problem.boxes) for f in problem.figures)  # fmt: skip

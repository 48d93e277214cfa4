"""The edition's cohort: which solution is shown, and what else the solutions allow."""

import pandas as pd

from recohort.numbers.choosers import choose_column
from recohort.numbers.measured import Column, fewest_switches
from recohort.paper.printed import without_facts
from recohort.paper.reading import rows_of
from recohort.paper.rounding import Interval
from recohort.survival import Result, survival_steps
from recohort.survival.cohorts import ties_in
from recohort.survival.corrections import keeping
from recohort.survival.printing import printed_facts
from recohort.survival.questions import question
from recohort.survival.reals import extremes, spans


def frame_of(result: Result, cohort) -> pd.DataFrame:
    """One solution as a frame, a row a patient in order of time (deaths first at ties)."""
    n = result.problem.size
    frame = pd.DataFrame({"patient_id": [f"P{i + 1:02d}" for i in range(n)]})
    for column, levels in result.problem.columns:
        masks = {level: mask for (c, level), mask in cohort.masks if c == column}
        default = (levels[1] if len(levels) == 2 else "") or result.unprinted.get(column, "")
        frame[column] = [
            next((level for level, mask in masks.items() if mask >> i & 1), default)
            for i in range(n)
        ]
        if set(levels) <= {"True", "False", None}:
            frame[column] = frame[column] == "True"
    frame["time"] = cohort.times
    frame["event"] = [bool(cohort.pattern >> i & 1) for i in range(n)]
    return frame


def edition(result: Result):
    """The solution that the edition shows, by a rule with no chance in it.

    Its times have one decimal. First the one that fits most of the facts set aside; then the
    fewest tied times; then the earliest times, patient by patient; then the groups in
    alphabetical order.
    """
    aside = keeping(result.paper, result.corrections[0])

    def facts_and_times(cohort):
        ties = len(cohort.times) - len(set(cohort.times))
        return -len(printed_facts(aside, cohort)), ties, cohort.times

    def groups(cohort):
        cells = frame_of(result, cohort).drop(columns=["time", "event"]).astype(str)
        return cells.values.tolist()

    ranks = [facts_and_times(cohort) for cohort in result.grid]
    lowest = min(ranks)
    first = [c for c, rank in zip(result.grid, ranks, strict=True) if rank == lowest]
    return min(first, key=groups)


def distinct(result: Result) -> list[pd.DataFrame]:
    """The solutions as frames, one for each order, groups and times; the edition's first.

    Times are those of the grid, and of real numbers next to each end of what each time can be.
    """
    first = frame_of(result, edition(result))
    used = len(survival_steps(result.problem)[0])
    known = {(c.times, c.masks[:used]): c for c in (*result.grid, *result.cohorts)}
    found = {}
    for (_, masks), cohort in known.items():
        found.setdefault(masks, cohort)
    for cohort in found.values():
        for own in _at_ends(result, cohort):
            known[own.times, own.masks[:used]] = own
    return [first, *(frame_of(result, c) for c in known.values())]


def number_columns(published, statements) -> dict:
    """Columns of numbers other than follow-up, each with the rows that print something of it."""
    rows = list({r[1:]: r for r in rows_of(published, statements)}.values())
    names = dict.fromkeys(v for r in rows for k, v in r.options if k in ("column", "since"))
    return {name: [r for r in rows if _mentions(r, name)] for name in names if name != "time"}


def measured_columns(result: Result, rows, **more) -> list[Column]:
    """A measured column beside each cohort of the search, follow-up as free as its order admits.

    What the rows ask of real times, the spread aside, ties them to one another.
    """
    found = {}
    for cohort in result.cohorts:
        own, asked = frame_of(result, cohort), _asked(result, cohort)
        names = [c for c in own if c in {name for row in rows for name, *_ in row.filters}]
        facts = *(((fact,),) for fact in asked.order), *asked.facts
        conventions = dict(result.problem.conventions)
        kind = cohort.pattern, own[names].to_csv(), facts
        found.setdefault(kind, Column(tuple(rows), own, facts, conventions, **more))
    return list(found.values())


def people_over_reals(result: Result) -> tuple[list[pd.DataFrame], dict]:
    """The search's cohorts without times, and what each patient's time can be in any of them.

    The times are intervals, under the name `time`.
    """
    frames = [frame_of(result, cohort).drop(columns="time") for cohort in result.cohorts]
    ends = spans(_asked(result, cohort) for cohort in result.cohorts)
    return frames, {"time": [Interval(*own) for own in ends]}


def people_at_ends(result: Result, decimals: int) -> list[pd.DataFrame]:
    """The search's cohorts with real times next to the ends of each, where few decimals will do."""
    every = (own for cohort in result.cohorts for own in _at_ends(result, cohort))
    written = (own for own in every if all(t == round(t, decimals) for t in own.times))
    return [frame_of(result, own) for own in dict.fromkeys(written)]


def _at_ends(result, cohort):
    """A cohort with real times, one of them next to one of its ends, for every end."""
    for times in extremes(_asked(result, cohort)):
        yield cohort._replace(times=tuple(map(float, times)))


def _asked(result, cohort):
    """What the times of one cohort of the search have to meet."""
    masks = dict(cohort.masks)
    return question(result.problem, cohort.pattern, cohort.counts, masks, ties_in(cohort))


def corrections_frame(result: Result, published, statements, dictionary) -> pd.DataFrame:
    """All smallest corrections, one row a fact in a correction.

    Columns: `block` (survival, or the column of numbers), `correction` (1, 2, ...), `fact`,
    `kind` (set_aside; excepted where another convention prints it), `convention`. A measured
    column is excepted by the fewest switches under which it exists; ArithmeticError without any.
    """
    rows = [
        ("survival", number, fact, *_exception(result, fact))
        for number, facts in enumerate(result.corrections, 1)
        for fact in sorted(facts)
    ]
    measured = set(dictionary.loc[dictionary["type"] == "number", "column"])
    for column, own in number_columns(published, statements).items():
        if column not in measured:
            continue
        found = fewest_switches(measured_columns(result, own))
        if found is None:
            raise ArithmeticError(f"{column}: no options will do, facts have to be given up")
        rows += [
            (column, number, fact, "excepted", f"{name}={option}")
            for number, switches in enumerate(found, 1)
            for fact, name, option in switches
        ]
    return pd.DataFrame(rows, columns="block correction fact kind convention".split())


def _exception(result, fact):
    if fact in result.exceptions:
        return "excepted", "=".join(result.exceptions[fact])
    return "set_aside", ""


def patients(result: Result, published, statements, dictionary, corrections) -> pd.DataFrame:
    """The edition's `patients.csv`: the chosen solution, and columns of chosen numbers.

    A column's figures are read under the first of its corrections. `dictionary` gives the columns
    in their order; those of which nothing is known yet are left empty.
    """
    frame = frame_of(result, edition(result))
    conventions = dict(result.problem.conventions)
    own = dictionary[dictionary["table"] == "patients"].set_index("column")
    for column, rows in number_columns(published, statements).items():
        first = corrections[(corrections["block"] == column) & (corrections["correction"] == 1)]
        kept, kind = without_facts(rows, first), own.at[column, "type"]
        frame[column] = choose_column(kind, kept, frame, conventions, nearest=True)
    return frame.reindex(columns=own.index)


def _mentions(row, column):
    return any(value == column for _, value in row.options) or any(
        c == column for c, _, _ in row.filters
    )


def identifiability(result: Result, frame: pd.DataFrame) -> pd.DataFrame:
    """For each cell of `patients`: is it the same in all solutions, and if not, what can it be?

    Columns as in the contract: `status` is determined, bounded or chosen. A time is a real number:
    it has ends in place of a number of values, and `attained` says which of them it can have.
    """
    every = [frame_of(result, cohort) for cohort in result.cohorts]
    times, found = spans([_asked(result, cohort) for cohort in result.cohorts]), []
    for column in frame.columns.drop("patient_id"):
        for i, patient in enumerate(frame["patient_id"]):
            if column == "time":
                ends = float(times[i].lowest), float(times[i].highest)
                cell = "bounded", "", *ends, times[i].attained
                found.append(("patients", patient, column, *cell))
                continue
            if column not in every[0]:
                status, values = "chosen", []
            else:
                values = sorted({solution.at[i, column] for solution in every})
                status = "determined" if len(values) == 1 else "bounded"
            ends = (values[0], values[-1]) if values else ("", "")
            found.append(("patients", patient, column, status, len(values) or "", *ends, ""))
    names = "table row_id column status values lowest highest attained".split()
    return pd.DataFrame(found, columns=names)

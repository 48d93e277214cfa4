"""The edition's cohort: from the search's solutions to `data/cohort/*.csv`, and back."""

from pathlib import Path

import pandas as pd

from recohort.numbers.measured import (
    Column,
    fewest_switches,
)
from recohort.paper.by_block import read_options, with_options, without_facts
from recohort.paper.reading import (
    blocks_of,
    homes_of,
    of_blocks,
    read_dictionary,
    read_published,
    read_statements,
    rows_of,
)
from recohort.paper.statistics import REGISTRY, SHARE
from recohort.survival import Result, problem_of, search_cohorts, survival_steps, with_exceptions
from recohort.survival.cohorts import ties_in
from recohort.survival.corrections import keeping
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem
from recohort.survival.reals import extremes, question, spans
from thirteen import tables
from thirteen.choosers import CHOOSERS

NOTICE = "A cohort consistent with the printed numbers, not patient records."
DATA = Path(__file__).resolve().parents[2] / "data"  # the repository's own


def read_data(folder=DATA) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Printed figures, statements and paper-wide conventions of a folder.

    Raises PublishedError for a malformed row.
    """
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    published = read_published(Path(folder) / "published.csv", dictionary)
    statements = read_statements(Path(folder) / "statements.csv", dictionary)
    return published, statements, read_options(Path(folder) / "conventions.csv")[""]


def rows_as_formed(published, statements=None, folder=DATA) -> list:
    """`rows_of`, each row with the options of its block where these are not the paper-wide ones."""
    homes = homes_of(read_dictionary(Path(folder) / "dictionary.csv"))
    options = read_options(Path(folder) / "conventions.csv")
    return with_options(rows_of(published, statements), homes, options)


def read_blocks(*blocks, folder=DATA) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """`read_data` with only the facts that look at no column outside some blocks."""
    published, statements, conventions = read_data(folder)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    return (*of_blocks(published, statements, dictionary, blocks), conventions)


def read_survival(folder=DATA) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """What the survival search is told: the facts about the columns of its block."""
    return read_blocks("survival", folder=folder)


def put_in(folder=DATA) -> set[str]:
    """Facts that speak for no convention: their tables were sought under their block's options."""
    homes = homes_of(read_dictionary(Path(folder) / "dictionary.csv"))
    own = set(read_options(Path(folder) / "conventions.csv")) - {""}
    rows = (r for r in rows_of(read_data(folder)[0]) if REGISTRY[r.statistic].switches)
    return {row.fact for row in rows if blocks_of(row, homes) & own}


def read_table(name: str, folder=DATA) -> pd.DataFrame:
    """A generated table of `data/cohort/`: identifiability, corrections or stages."""
    return pd.read_csv(Path(folder) / "cohort" / f"{name}.csv", keep_default_na=False)


def kept_problem(folder=DATA) -> Problem:
    """The survival block as the search keeps it, read from `corrections.csv`.

    Without what had to be set aside, and with the exceptions: the problem of `run`, without
    finding out first what has to be set aside.
    """
    table = read_table("corrections", folder)
    table = table[(table["block"] == "survival") & (table["correction"] == 1)]
    excepted = table[table["kind"] == "excepted"].set_index("fact")["convention"]
    exceptions = {fact: tuple(text.split("=")) for fact, text in excepted.items()}
    exceptions = {fact: own for fact, own in exceptions.items() if own[0] != SHARE}
    return with_exceptions(problem_of(*read_survival(folder)), set(table["fact"]), exceptions)


def read_tables(folder=DATA) -> dict[str, pd.DataFrame]:
    """The edition's tables by name, every rule of `thirteen.tables` checked.

    Booleans as bool, empty cells as missing. Raises PublishedError at the first fault.
    """
    return tables.read_tables(folder)


def confirmed_facts(folder=DATA) -> set[str]:
    """The facts that all others lead to, by `roles.csv`; none where it is not written yet."""
    if not (Path(folder) / "cohort" / "roles.csv").exists():
        return set()
    roles = read_table("roles", folder)
    return set(roles.loc[roles["role"] == "confirmed", "fact"])


def read_patients(folder=DATA) -> pd.DataFrame:
    """`patients.csv` of the edition's cohort, as `read_tables` has it, without empty columns."""
    return read_tables(folder)["patients"].dropna(axis="columns", how="all")


def run(folder=DATA) -> Result:
    """The whole search on the files of a folder."""
    return search_cohorts(*read_survival(folder))


def frame_of(result: Result, cohort) -> pd.DataFrame:
    """One solution as a frame, a row a patient in order of time (deaths first at ties)."""
    n = result.problem.size
    frame = pd.DataFrame({"patient_id": [f"P{i + 1:02d}" for i in range(n)]})
    for column, levels in result.problem.columns:
        masks = {level: mask for (c, level), mask in cohort.masks if c == column}
        default = levels[1] if len(levels) == 2 else ""
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
        for times in extremes(_asked(result, cohort)):
            own = cohort._replace(times=tuple(map(float, times)))
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


def _asked(result, cohort):
    """What the times of one cohort of the search have to meet."""
    masks = dict(cohort.masks)
    return question(result.problem, cohort.pattern, cohort.counts, masks, ties_in(cohort))


def measured_corrections(result: Result, published, statements, dictionary) -> dict:
    """For each measured column beside follow-up, the fewest switches under which it exists.

    Raises ArithmeticError where no options will do.
    """
    numbers = set(dictionary.loc[dictionary["type"] == "number", "column"])
    found = {}
    for column, rows in number_columns(published, statements).items():
        if column in numbers:
            found[column] = fewest_switches(measured_columns(result, rows))
            if found[column] is None:
                raise ArithmeticError(f"{column}: no options will do, facts have to be given up")
    return found


def corrections_frame(result: Result, published, statements, dictionary) -> pd.DataFrame:
    """All smallest corrections, one row a fact in a correction.

    Columns: `block` (survival, or the column of numbers), `correction` (1, 2, ...), `fact`,
    `kind` (set_aside; excepted where another convention prints it), `convention`.
    """
    rows = [
        ("survival", number, fact, *_exception(result, fact))
        for number, facts in enumerate(result.corrections, 1)
        for fact in sorted(facts)
    ]
    for column, found in measured_corrections(result, published, statements, dictionary).items():
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
    for column, rows in number_columns(published, statements).items():
        first = corrections[(corrections["block"] == column) & (corrections["correction"] == 1)]
        center = next(r.printed for r in rows if r.statistic in ("mean", "median"))
        frame[column] = CHOOSERS[column](without_facts(rows, first), frame, conventions, center)
    order = dictionary.loc[dictionary["table"] == "patients", "column"]
    return frame.reindex(columns=order)


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

"""The edition's cohort: what is found from a folder, and which solution is shown of all."""

from functools import cached_property
from pathlib import Path

import pandas as pd

from recohort.folder import read_blocks, read_data, run
from recohort.numbers.columns import choose_column
from recohort.numbers.measured import Column, fewest_switches
from recohort.pairs.table import pair_settings, write_pairs
from recohort.paper.printed import printed_by, without_facts
from recohort.paper.reading import columns_of, read_dictionary, rows_of
from recohort.paper.rounding import Interval
from recohort.paper.statistics import options_of
from recohort.survival import Result, survival_steps
from recohort.survival.cohorts import ties_in
from recohort.survival.corrections import keeping
from recohort.survival.printing import printed_facts
from recohort.survival.questions import question
from recohort.survival.reals import extremes, spans

CORRECTIONS = "block correction fact kind convention".split()


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

    def rank(cohort):
        ties = len(cohort.times) - len(set(cohort.times))
        groups = frame_of(result, cohort).drop(columns=["time", "event"]).astype(str)
        return -len(printed_facts(aside, cohort)), ties, cohort.times, groups.values.tolist()

    return min(result.grid, key=rank)


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
    named = [{v for _, v in r.options} | {c for c, _, _ in r.filters} for r in rows]
    about = {n: [r for r, own in zip(rows, named, strict=True) if n in own] for n in names}
    return {name: own for name, own in about.items() if name != "time"}


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


class Work:
    """A folder's printed files, and what has been found from them so far, each once."""

    def __init__(self, folder):
        """`folder` holds the printed files; nothing is read before it is asked for."""
        self.folder = Path(folder)

    @cached_property
    def data(self) -> tuple:
        """Printed numbers, statements and paper-wide conventions."""
        return read_data(self.folder)

    @cached_property
    def dictionary(self) -> pd.DataFrame:
        """Every column of every file."""
        return read_dictionary(self.folder / "dictionary.csv")

    @cached_property
    def result(self) -> Result:
        """What the survival search finds."""
        return run(self.folder)

    @cached_property
    def numbers(self) -> dict:
        """`number_columns` of the facts that look at no other table."""
        told = read_blocks("survival", "ages", "intervals", folder=self.folder)
        return number_columns(*told[:2])

    @cached_property
    def measured(self) -> set[str]:
        """The columns of numbers that are measured, not counted."""
        return set(self.dictionary.loc[self.dictionary["type"] == "number", "column"])

    @cached_property
    def corrections(self) -> pd.DataFrame:
        """All smallest corrections but those of related tables, one row a fact in a correction.

        Columns: `block` (survival, the column of numbers, or arithmetic), `correction` (1, 2, ...),
        `fact`, `kind` (set_aside; excepted where another convention prints it), `convention`. A
        measured column is excepted by the fewest switches under which it exists; ArithmeticError
        without any.
        """
        exceptions = self.result.exceptions
        rows = [
            ("survival", number, fact, *_excepted(exceptions.get(fact)))
            for number, facts in enumerate(self.result.corrections, 1)
            for fact in sorted(facts)
        ]
        for column in (name for name in self.numbers if name in self.measured):
            found = fewest_switches(measured_columns(self.result, self.numbers[column]))
            if found is None:
                raise ArithmeticError(f"{column}: no options will do, facts have to be given up")
            rows += [
                (column, number, fact, *_excepted(switch))
                for number, switches in enumerate(found, 1)
                for fact, *switch in switches
            ]
        rows += arithmetic_slips(self.data[0], self.data[2])
        return pd.DataFrame(rows, columns=CORRECTIONS)

    @cached_property
    def first(self) -> dict[str, pd.DataFrame]:
        """The edition's patients and their table of pairs: all but what the related tables tell.

        The chosen solution, with columns of chosen numbers, each under the first of its
        corrections; in the dictionary's order, empty where nothing is known yet.
        """
        frame = frame_of(self.result, edition(self.result))
        conventions = dict(self.result.problem.conventions)
        own = self.dictionary[self.dictionary["table"] == "patients"].set_index("column")
        for column, rows in self.numbers.items():
            kept, kind = readings(rows, self.corrections, column)[0][1], own.at[column, "type"]
            frame[column] = choose_column(kind, kept, frame, conventions, nearest=True)
        frame = frame.reindex(columns=own.index)
        settings = pair_settings(self.folder)
        found = write_pairs(*self.data[:2], frame, settings) if settings else None
        return found or {"patients": frame}


def readings(rows, corrections: pd.DataFrame, column: str) -> list[tuple[str, list]]:
    """The ways to read a column of numbers: what each switches, and the rows read so."""
    own = corrections[corrections["block"] == column].groupby("correction")
    return [
        ("; ".join(one["fact"] + " " + one["convention"]), without_facts(rows, one))
        for _, one in own
    ] or [("", list(rows))]


def arithmetic_slips(published: pd.DataFrame, conventions: dict) -> list[tuple]:
    """Printed arithmetic that is wrong by itself, as rows of `corrections.csv`.

    No cohort could print it: a percentage beside another study's own fraction, for instance. What
    an option prints (digits cut off) is excepted. All of it is one correction.
    """
    rows, found = [row for row in rows_of(published) if not columns_of(row)], []
    for fact in dict.fromkeys(r.fact for r in rows if not printed_by(r, {}, conventions)):
        own = [r for r in rows if r.fact == fact]
        mends = (
            s
            for s in options_of(own[0])
            if all(printed_by(r, {}, conventions | {s[0]: s[1]}) for r in own)
        )
        found.append(("arithmetic", 1, fact, *_excepted(next(mends, ()))))
    return found


def _excepted(switch):
    """Kind and convention of a correction: under another option, or set aside without one."""
    return ("excepted", "=".join(switch)) if switch else ("set_aside", "")

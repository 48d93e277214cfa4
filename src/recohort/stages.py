"""Everything made from a paper's printed files: the stages in order, run or taken up again.

A stage is finished when its files are there as it wrote them, made from the very files that are
there now; it is then kept.
"""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path
from string import Template
from time import monotonic
from typing import NamedTuple

import pandas as pd

from recohort import NOTICE
from recohort.audit.conflicts import conflicts
from recohort.audit.conventions import tried_numbers, tried_searches
from recohort.audit.identify import numbers
from recohort.audit.known import known
from recohort.audit.ledger import ledger
from recohort.audit.loosened import loosened, month_lengths
from recohort.audit.one_switch import cells_that_stay
from recohort.audit.related_cells import related_cells
from recohort.audit.roles import free_options, roles
from recohort.audit.sharpness import sharpness
from recohort.cells.related import related_corrections, related_tables, shared_facts
from recohort.digests import (
    COHORT,
    PROSE,
    Made,
    digest_of,
    marks_of,
    place_of,
    read_digests,
    write_beside,
    write_digests,
)
from recohort.edition import Work
from recohort.folder import confirmed_facts, read_if_there, read_table, read_tables
from recohort.paper.files import PublishedError
from recohort.paper.options import read_options
from recohort.paper.rows import SHARE
from recohort.paper.tables import UNWRITTEN
from recohort.progress import Progress

RELATED = frozenset({"tumors", "progression", "history"})
EVERY = RELATED | {"ages", "intervals", "renal"}
NOTE = "cohort_readme.md"  # in the data folder: what the README beside the cohort says
PLAIN_NOTE = "# A cohort consistent with the paper\n\n**$notice**\n"


class Stage(NamedTuple):
    """One step: `make` gives what it writes, tables or texts by name."""

    name: str
    seconds: int  # about, on one idle core
    make: Callable[[Work], dict]
    after: tuple[str, ...] = ()  # stages whose files it needs
    uses: tuple[str, ...] = ()  # stages whose files it reads where they are
    reads: tuple[str, ...] = ()  # further files of the folder
    blocks: frozenset[str] = frozenset()  # of columns; a paper without them skips the stage
    quick: bool = False


def cohort(work: Work) -> dict:
    """One cohort's tables, `corrections.csv` (what was given up for them) and `stages.csv`."""
    given_up = read_if_there("related_corrections", work.folder)
    corrections = pd.concat([work.corrections, given_up], ignore_index=True)
    tables = dict(work.first)
    if not given_up.empty:
        shared = shared_facts(work, corrections)
        for fact, table in shared.items():
            kept = ["excepted", f"{SHARE}={table}"]
            corrections.loc[corrections["fact"] == fact, ["kind", "convention"]] = kept
        found, people = related_tables(work, given_up, shared), tables["patients"].copy()
        for column in found["patients"]:
            if people[column].isna().all():
                people[column] = found["patients"][column].array
        shown = work.dictionary[work.dictionary["empty"] != UNWRITTEN]
        for name, table in (found | {"patients": people}).items():
            order = shown.loc[shown["table"] == name, "column"]
            tables[name] = table.reindex(columns=[c for c in order if c in table])
    return tables | {"corrections": corrections, "stages": work.result.stages}


def ledger_of(work: Work) -> dict:
    """`ledger.csv`: each printed number beside what the cohort, and every solution, prints."""
    folder = work.folder
    options = read_options(folder / "conventions.csv")
    told = read_table("corrections", folder), work.dictionary, confirmed_facts(folder), options
    return {"ledger": ledger(work.data[0], work.result, read_tables(folder), *told)}


def note(work: Work) -> dict:
    """`README.md` beside the cohort: the data folder's own words, with the numbers put in."""
    path = work.folder / NOTE
    words = path.read_text(encoding="utf8") if path.is_file() else PLAIN_NOTE
    stages = read_table("stages", work.folder).set_index("unit")["left"]
    told = {"notice": NOTICE, "cohorts": stages["cohorts"]}
    return {"README.md": Template(words).substitute(told)}


STAGES = (
    Stage("corrections", 30, related_corrections, blocks=RELATED, quick=True),
    Stage("cohort", 15, cohort, uses=("corrections",), quick=True),
    Stage("numbers", 25, numbers, after=("cohort",)),
    Stage("cells", 230, related_cells, after=("corrections", "cohort"), blocks=RELATED),
    Stage("conflicts", 70, conflicts, uses=("corrections",)),
    Stage("sharpness", 25, sharpness, after=("cohort",), blocks=EVERY),
    Stage("roles", 60, roles),
    Stage("free", 480, free_options, after=("roles",)),
    Stage("stay", 80, cells_that_stay, after=("cohort",), uses=("corrections", "numbers", "cells")),
    Stage("loosened", 30, loosened),
    Stage("months", 30, month_lengths),
    Stage("options", 30, tried_numbers, after=("cohort",)),
    Stage("held", 60, tried_searches),
    Stage("known", 5, known, after=("cohort",), uses=("numbers", "cells", "stay"), quick=True),
    Stage("ledger", 5, ledger_of, after=("cohort",), uses=("roles",), quick=True),
    Stage("note", 1, note, after=("cohort",), reads=(NOTE,), quick=True),
)


def stages_for(work: Work) -> list[Stage]:
    """The stages of a paper, in order: those whose blocks of columns it has."""
    return [stage for stage in STAGES if stage.blocks <= set(work.dictionary["block"])]


class Report(NamedTuple):
    """The names of the stages that a run made, and of those that it found finished."""

    made: list[str]
    kept: list[str]


def run_stages(
    folder: Path | str,
    names: Iterable[str] | None = None,
    quick: bool = False,
    again: bool = False,
) -> Report:
    """Make what is not finished of a data folder's `cohort/`.

    All stages, the `quick` ones, or those named with the stages that they need; `again` makes
    the named ones anew even where they are finished. Raises PublishedError for a faulty file or an
    unknown name.
    """
    work = Work(folder)
    named = {stage.name: stage for stage in stages_for(work)}
    asked = list(names or (name for name, own in named.items() if own.quick or not quick))
    wanted = [named[name] for name in with_needs(asked, named)]
    spent, total = 0, sum(stage.seconds for stage in wanted)
    progress, report = Progress(), Report([], [])
    for stage in wanted:
        if not (again and stage.name in asked) and finished(stage, work.folder):
            report.kept.append(stage.name)
            total -= stage.seconds
            continue
        _make(stage, work, progress, spent, total)
        spent += stage.seconds
        report.made.append(stage.name)
    progress.write()
    return report


def _make(stage, work, progress, spent, total):
    def say(seconds):
        done = spent + min(seconds, stage.seconds)
        progress("seconds of work", done, total, f": {stage.name}")

    say(0)
    if stage.quick:
        make(stage, work)
    else:
        make_apart(stage, work.folder, say)


def with_needs(names: Iterable[str], stages: dict[str, Stage]) -> list[str]:
    """Some stages with all that they need, in order; PublishedError for a name that is none."""
    wanted = set(names)
    for name in wanted - set(stages):
        raise PublishedError(f"no stage {name!r}: expected one of {', '.join(stages)}")
    for name in reversed(stages):
        if name in wanted:
            wanted |= set(stages[name].after) & set(stages)
    return [name for name in stages if name in wanted]


def finished(stage: Stage, folder: Path) -> bool:
    """Are a stage's files as it wrote them, made from the files that are there?"""
    record, told = read_digests(folder), _sources(stage, folder)
    own = {name: made for name, made in record.items() if made.stage == stage.name}
    return bool(own) and all(
        made.made_from == told and made.digest == digest_of(folder, name)
        for name, made in own.items()
    )


def _sources(stage: Stage, folder: Path) -> str:
    """All that a stage is told, as name=digest: inputs, and files of the stages before."""
    before = {*stage.after, *stage.uses}
    files = [name for name, made in read_digests(folder).items() if made.stage in before]
    digests = {name: digest_of(folder, name) for name in (*PROSE, *stage.reads, *files)}
    return " ".join(f"{name}={digest}" for name, digest in digests.items() if digest)


def make(stage: Stage, work: Work) -> None:
    """Make one stage's files and record them; nothing is written before all of it is made."""
    told, made = _sources(stage, work.folder), stage.make(work)
    record = read_digests(work.folder)
    record = {name: own for name, own in record.items() if own.stage != stage.name}
    for name, table in made.items():
        if not isinstance(table, str):
            name, table = f"{name}.csv", table.to_csv(index=False, lineterminator="\n")
        name = f"{COHORT}/{name}"
        if place := place_of(work.folder, name):
            print(f"{name}{place}: edited, and now made anew", file=sys.stderr)
        write_beside(work.folder / name, table)
        digest, marks = digest_of(work.folder, name), marks_of(work.folder / name)
        record[name] = Made(stage.name, digest, told, marks)
    write_digests(work.folder, record)


def make_apart(stage: Stage, folder: Path, say: Callable) -> None:
    """`make` in a process of its own: a solver's witnesses depend on all it was asked before.

    `say` is told every few seconds for how long the stage has run.
    """
    began = monotonic()
    with processes(1, [(make, stage, Work(folder))]) as (made,):
        while not wait([made], timeout=5).done:
            say(monotonic() - began)
        made.result()


@contextmanager
def processes(workers: int | None, tasks: Iterable[tuple]) -> Iterator[list[Future]]:
    """Futures of tasks, (function, *arguments) each, done in fresh processes; None: on all cores.

    They end with the context. Raises ChildProcessError where the system ended one of them.
    """
    others, pool = set(active_children()), ProcessPoolExecutor(workers, get_context("spawn"))
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # for them, who inherit it
        futures = [pool.submit(*task) for task in tasks]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield futures
    except BrokenExecutor:
        said = "the system ended a process, most often because memory ran out"
        raise ChildProcessError(f"{said}; what was finished is kept") from None
    finally:
        for child in set(active_children()) - others:
            child.kill()
        pool.shutdown(cancel_futures=True)

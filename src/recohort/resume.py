"""Running the stages in order, from an empty folder or from where an earlier run ended.

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
from time import monotonic
from typing import NamedTuple

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
from recohort.paper.files import PublishedError
from recohort.progress import Progress
from recohort.stages import Stage, stages_for


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
    known = {stage.name: stage for stage in stages_for(work)}
    asked = list(names or (name for name, own in known.items() if own.quick or not quick))
    wanted = [known[name] for name in with_needs(asked, known)]
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


def with_needs(names: Iterable[str], known: dict[str, Stage]) -> list[str]:
    """Some stages with all that they need, in order; PublishedError for a name that is none."""
    wanted = set(names)
    for name in wanted - set(known):
        raise PublishedError(f"no stage {name!r}: expected one of {', '.join(known)}")
    for name in reversed(known):
        if name in wanted:
            wanted |= set(known[name].after) & set(known)
    return [name for name in known if name in wanted]


def finished(stage: Stage, folder: Path) -> bool:
    """Are a stage's files as it wrote them, made from the files that are there?"""
    record, told = read_digests(folder), sources(stage, folder)
    own = {name: made for name, made in record.items() if made.stage == stage.name}
    return bool(own) and all(
        made.made_from == told and made.digest == digest_of(folder, name)
        for name, made in own.items()
    )


def sources(stage: Stage, folder: Path) -> str:
    """All that a stage is told, as name=digest: inputs, and files of the stages before."""
    before = {*stage.after, *stage.uses}
    files = [name for name, made in read_digests(folder).items() if made.stage in before]
    digests = {name: digest_of(folder, name) for name in (*PROSE, *stage.reads, *files)}
    return " ".join(f"{name}={digest}" for name, digest in digests.items() if digest)


def make(stage: Stage, work: Work) -> None:
    """Make one stage's files and record them; nothing is written before all of it is made."""
    told, made = sources(stage, work.folder), stage.make(work)
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

"""A short file searched, within time and memory, and its solutions as tables."""

import signal
import sys
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import chain, combinations, islice, pairwise, zip_longest
from math import inf
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from recohort.paper.options import ANY
from recohort.paper.short_file import read_own
from recohort.survival.cohorts import ties_of, times_for
from recohort.survival.found import Bounds, find
from recohort.survival.join import Candidate, Joint, extend
from recohort.survival.known import Found, Told
from recohort.survival.printing import carried
from recohort.survival.problem import Problem, group_sizes, problem_of, steps_of
from recohort.survival.questions import question
from recohort.survival.reals import real_times, spans
from recohort.survival.tied import free_ties

TRIED = 10_000  # sets of patients for a level that only counts name
INTERRUPTED = "it was interrupted"
OTHER = "other"  # patients of whom no level is printed


def search_own(path: str | Path, conventions: dict | None = None) -> tuple[pd.DataFrame, Found]:
    """The file's numbers, and every order with groups consistent with them (within bounds).

    Without `conventions` each number may be formed in any named way.
    """
    published = read_own(path)
    return published, rebuild(published, conventions)


def rebuild(
    published: pd.DataFrame, conventions: dict | None = None, bounds: Bounds | None = None
) -> Found:
    """Every order with groups that is consistent with the paper, as far as the bounds allow.

    `published` has the rows of `published.csv`, `conventions` the options of each switch (any
    named one where nothing is said).
    """
    return find(problem_of(published, None, conventions or ANY), bounds)


def quiet(*_: object) -> None:
    """Say nothing."""


def find_within(
    problem: Problem,
    seconds: float = inf,
    megabytes: int | None = None,
    tell: Told = quiet,
    bounds: Bounds | None = None,
) -> Found:
    """What `find` finds in so many seconds and so much memory (None: no bound).

    `tell` is called now and then with the stage, how much of it is done, of how much, and what is
    known by then. Where a bound, or an interruption, ends the search, the last of that is
    returned; its `stopped` says why.
    """
    known = [Found("open", [], 0, None, None, [], problem)]

    def keep(*told):
        known[0] = told[-1]
        tell(*told)

    found, stopped = ended(partial(find, problem, bounds), seconds, megabytes, keep)
    return known[0]._replace(stopped=stopped) if stopped else found


def ended(
    work: Callable, seconds: float = inf, megabytes: int | None = None, tell: Callable = quiet
) -> tuple:
    """What `work(tell)` returns, with no word; or None, and the word that says what ended it.

    Memory is bounded where the system can (Linux). What the work raises is raised here.
    """
    context: Any = get_context("fork" if sys.platform == "linux" else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, work, megabytes), daemon=True)
    process.start()
    sender.close()
    until = monotonic() + seconds
    try:
        while receiver.poll(None if until == inf else max(0, until - monotonic())):
            word, *rest = receiver.recv()
            if word == "done":
                return rest[0], ""
            if word == "failed":
                raise rest[0]
            tell(*rest)
        return None, f"{round(seconds, 1):g} s were spent"
    except EOFError:  # the process is gone without a last word
        return None, f"{megabytes} MB were spent" if megabytes else "all memory was spent"
    except KeyboardInterrupt:
        return None, INTERRUPTED
    finally:
        process.kill()
        process.join()
        receiver.close()


def _work(sender, work, megabytes):
    """The work itself; an interruption is the parent's to deal with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if megabytes is not None:
        with suppress(ImportError):  # Windows has none
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, resource.RLIM_INFINITY))
    try:
        sender.send(("done", work(lambda *told: sender.send(("told", *told)))))
    except MemoryError:
        pass
    except Exception as error:
        sender.send(("failed", error))


def solutions_frame(found: Found, times: list | None = None) -> pd.DataFrame:
    """One row a patient of each solution, in order of time.

    `solution`, `patient`, `event`, `earliest` and `latest`, between which real numbers the
    patient's time lies, whatever the other times are (empty: no end), and a column a factor (empty
    where only counts are printed of it, which any patients may make up). `times` are those of the
    first solutions, from `times_between`; of others the landmarks around each time stand there.
    """
    rows, problem = [], found.problem
    if times is None:
        times = [times_between(problem, joint) for joint in found.solutions]
    around = [*pairwise([0, *problem.landmarks, None])]
    for number, (joint, ends) in enumerate(zip_longest(found.solutions, times), start=1):
        if ends is None:
            ends = [around[bisect_right(joint.counts, place)] for place in range(problem.size)]
        for place, (earliest, latest) in enumerate(ends):
            row: dict = {"solution": number, "patient": place + 1}
            row["event"] = bool(joint.pattern >> place & 1)
            row["earliest"] = float(earliest)
            row["latest"] = "" if latest is None else float(latest)
            rows.append(row | _levels(problem, joint, place))
    return pd.DataFrame(rows)


def times_between(problem: Problem, joint: Joint) -> list[tuple[Fraction, Fraction | None]]:
    """The lowest and highest time of each place (None: no end), under any ties that have times.

    All ways to tie deaths are asked together; where one may be refuted, in turn, as need be.
    """
    place = joint.pattern, joint.counts, joint.masks
    every, whole = ties_of(problem, joint), question(problem, *place, None)
    widest = [end[:2] for end in spans([whole])]
    free = len(free_ties(problem.size, joint.pattern, set(joint.counts)))
    if len(every) == 2**free and not whole.spreads:
        return widest
    some, found = [], []
    for asked in (question(problem, *place, ties) for ties in every):
        if real_times(asked).status != "none":
            some.append(asked)
            found = [end[:2] for end in spans(some)]
        if found == widest:
            break
    return found


def first_cohort(found: Found) -> pd.DataFrame:
    """The first solution in which the fewest rates are only carried on, nobody being followed."""
    first = min(found.solutions, key=lambda joint: len(carried(found.problem, joint)))
    return one_cohort(found.problem, first)


def one_cohort(problem: Problem, joint) -> pd.DataFrame:
    """A solution with the first times that print everything: `patient_id`, `time`, `event`, ...

    A level of which only counts are printed has some patients that do.
    """
    some = {}
    for step in (step for step in steps_of(problem) if step not in joint.masks):
        sizes = group_sizes(problem, *step)
        sets = chain.from_iterable(combinations(range(problem.size), size) for size in sizes)
        masks = (sum(1 << place for place in places) for places in islice(sets, TRIED))
        some[step] = [Candidate(mask, joint.ties, ()) for mask in masks]
    joint = next(extend(problem, some, joint), joint)
    answers = (times_for(problem, joint, ties) for ties in ties_of(problem, joint))
    times = next(a.witness for a in answers if a.status == "some")
    rows = [
        {
            "patient_id": f"P{place + 1:02d}",
            "time": float(time),
            "event": bool(joint.pattern >> place & 1),
            **_levels(problem, joint, place),
        }
        for place, time in enumerate(times)
    ]
    return pd.DataFrame(rows)


def _levels(problem, joint, place):
    """The level of each factor at a place of a solution; empty where it is open."""
    found = {}
    for column, levels in problem.columns:
        named = {level: mask for (c, level), mask in joint.masks.items() if c == column}
        rest = "" if not named else levels[1] if len(levels) == 2 and levels[1] else OTHER
        here = (level for level, mask in named.items() if mask >> place & 1)
        found[column] = next(here, rest)
    return found

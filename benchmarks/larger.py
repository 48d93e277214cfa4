"""How far a search reaches: honest papers of 8 to 20 patients, no convention told.

`python benchmarks/larger.py` searches each within `SECONDS` of the processor and `MEGABYTES`, and
adds its row to `data/validation/larger.csv`; rows that are there are kept, so that a run goes on
where it ended.
"""

import argparse
import signal
from functools import partial
from pathlib import Path
from time import process_time

import pandas as pd

from recohort.digests import write_beside
from recohort.own.answer import outcome
from recohort.own.search import ended
from recohort.survival.found import FAR, find
from recohort.survival.known import Found
from recohort.survival.problem import Problem, problem_of
from recohort.validation.draw import FACTORS, LEVELS, SETTINGS, draw_cohort, exactly
from recohort.validation.papers import is_listed, template_of
from recohort.validation.printers import PROGRAMS, print_paper
from recohort.validation.truth import truth_passes

TABLE = Path(__file__).parents[1] / "data" / "validation" / "larger.csv"
SIZES, SMALL = tuple(range(8, 21)), 13
SEED, PAPERS = 20, 200
SECONDS, MEGABYTES = 60, 2000  # of the processor, of memory
LONGEST = 20  # seconds by the clock for one of the processor: others may use it, too


def setting_of(number: int) -> dict:
    """What a paper's cohort is, all in turn: one to four factors, days in a month, the rest."""
    names = "month", "censoring", "groups"
    setting = dict(zip(names, SETTINGS[number * 7 % len(SETTINGS)], strict=True))
    factors = 1 + number // len(SIZES) % len(FACTORS)
    return {"size": SIZES[number % len(SIZES)], "factors": factors, **setting}


def paper(number: int) -> tuple[Problem, pd.DataFrame, dict]:
    """What the search is told of a paper, its true patients, and what is told of it in the table.

    Its times are whole days in months of one of four lengths; programs take turns.
    """
    setting, program = setting_of(number), list(PROGRAMS)[number % len(PROGRAMS)]
    cohort = draw_cohort(SEED, number, setting)
    names = dict.fromkeys(FACTORS[: setting["factors"]], LEVELS)
    published = print_paper(cohort, names, PROGRAMS[program], template_of(number))
    told = {"number": number, **setting, "program": program, "deaths": int(cohort["event"].sum())}
    told["numbers"] = len(published)
    return problem_of(published), exactly(cohort, setting["month"]), told


def searched(number: int, seconds: float = SECONDS) -> dict:
    """One row of the table: what the search said within so many seconds, and the truth."""
    problem, truth, row = paper(number)
    known = [Found("open", [], 0, None, None, [], problem)]
    answer, _ = ended(
        partial(_within, partial(find, problem, FAR), seconds),
        LONGEST * seconds,
        MEGABYTES,
        lambda *told: known.append(told[-1]),
    )
    found, spent = answer or (None, seconds)
    found = found or known[-1]
    row |= {"answer": outcome(found), "status": found.status, "solutions": found.least}
    row |= {"most": "" if found.most is None else found.most, "seconds": f"{spent:.1f}"}
    return row | _of_truth(problem, truth, found)


def _within(work, seconds, tell):
    """What some work returns in so many seconds of the processor (None: nothing), and how many."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    begun = process_time()
    try:
        return work(tell=tell), process_time() - begun
    except TimeoutError:
        return None, seconds
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(*_):
    raise TimeoutError


def _of_truth(problem, truth, found):
    """Does every stage let the true patients pass; are they in a list that is whole?"""
    passes, _ = ended(lambda _: truth_passes(problem, truth), LONGEST * SECONDS, MEGABYTES)
    listed = is_listed(found, truth) if found.status == "complete" else ""
    return {"truth": "" if passes is None else passes, "listed": listed}


def main(arguments: list | None = None) -> None:
    """Search the papers that the table does not have yet, those of up to `SMALL` patients first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=PAPERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--out", type=Path, default=TABLE)
    told = parser.parse_args(arguments)
    done = set(pd.read_csv(told.out)["number"]) if told.out.exists() else set()
    todo = {*range(told.papers)} - done
    for number in sorted(todo, key=lambda n: (setting_of(n)["size"] > SMALL, n)):
        row = searched(number, told.seconds)
        text = told.out.read_text(encoding="utf8") if told.out.exists() else ""
        text += pd.DataFrame([row]).to_csv(header=not text, index=False, lineterminator="\n")
        write_beside(told.out, text)
        print(*row.values(), flush=True)


if __name__ == "__main__":
    main()

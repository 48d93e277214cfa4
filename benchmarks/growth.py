"""How a search grows: patients by factors by landmarks, drawn papers, no convention told.

`python benchmarks/growth.py` measures each paper in a process of its own and writes
`growth.csv` beside this file, with the numbers of an earlier search (`before.csv`) where it
came to an end. Seconds are of the processor; a paper may take `SECONDS` of them.
"""

import argparse
import resource
import signal
import sys
from multiprocessing import get_context
from pathlib import Path
from time import process_time

import pandas as pd

from recohort.survival.found import find
from recohort.survival.problem import problem_of
from recohort.validation.draw import CENSORING, FACTORS, GROUPS, LEVELS, draw_cohort, exactly
from recohort.validation.printers import PROGRAMS, Template, print_paper
from recohort.validation.truth import truth_passes

HERE = Path(__file__).parent
MONTH = "30.4375"  # days
LANDMARKS = {3: (12, 36, 60), 6: range(10, 61, 10), 12: range(5, 61, 5)}
SIZES = [(n, f) for n in (8, 10, 13, 16, 20) for f in (1, 2, 4)] + [(24, 2), (30, 1), (30, 2)]
CASES = [(n, f, m) for n, f in SIZES for m in LANDMARKS]
SEED, SECONDS, MEGABYTES = 19, 60, 2000


def paper(size: int, factors: int, landmarks: int, number: int = 0) -> tuple:
    """A drawn cohort and its printed rows; programs take turns."""
    turn = size + factors + landmarks + number
    setting = {"size": size, "factors": factors, "month": MONTH}
    setting |= {"censoring": CENSORING[turn % 3], "groups": GROUPS[turn // 3 % 3]}
    cohort = draw_cohort(SEED, 1000 * number + 100 * landmarks + size, setting)
    template = Template(tuple(LANDMARKS[landmarks]), 1, 1, 2)
    names = dict.fromkeys(FACTORS[:factors], LEVELS)
    program = list(PROGRAMS)[turn % len(PROGRAMS)]
    return exactly(cohort, MONTH), print_paper(cohort, names, PROGRAMS[program], template)


def measured(case: tuple) -> dict:
    """One row of `growth.csv`."""
    truth, published = paper(*case)
    row = dict(zip(("patients", "factors", "landmarks"), case, strict=True))
    row |= {"numbers": len(published), "status": "time", "solutions": "", "most": ""}
    known, problem = [], problem_of(published)
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 2**20, resource.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1)
    start = process_time()
    try:
        known.append(find(problem, tell=lambda *told: known.append(told[-1])))
        row["status"] = known[-1].status
    except (TimeoutError, MemoryError) as error:
        row["status"] = "memory" if isinstance(error, MemoryError) else "time"
    signal.setitimer(signal.ITIMER_PROF, 0)
    row["seconds"] = f"{process_time() - start:.1f}"
    row["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if known:
        row |= {"solutions": known[-1].least, "most": f"{known[-1].most:.3g}"}
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 1)
    try:
        return row | {"truth": truth_passes(problem, truth)}
    except (TimeoutError, MemoryError):
        return row | {"truth": ""}


def _stop(*_):
    raise TimeoutError


def main(arguments=None):
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=30, help="patients at the most")
    most = parser.parse_args(arguments).most
    cases, rows = [case for case in CASES if case[0] <= most], []
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for row in pool.imap(measured, cases):
            rows.append(row)
            print(*row.values(), flush=True)
    table, before = pd.DataFrame(rows), HERE / "before.csv"
    if before.exists():
        keys = ["patients", "factors", "landmarks"]
        table = table.merge(
            pd.read_csv(before, dtype=object).astype(dict.fromkeys(keys, int)), "left", keys
        )
    table.to_csv(HERE / "growth.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    sys.exit(main())

"""Many papers on all cores, or on a Dask cluster: the tables of `data/validation/`."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from recohort.validation.counting import SIZES, count_one
from recohort.validation.papers import VARIANTS, err_one, validate_one, vary_one
from thirteen.disclosure import disclosure_table, withheld_table

SEED = 1
PAPERS = 1000
THIS_PAPER = {"disclosure": disclosure_table, "withheld": withheld_table}  # not made-up ones
KINDS = {"papers": validate_one, "variants": vary_one, "errors": err_one, "counts": count_one}


def tasks(kind: str, papers: int = PAPERS, seed: int = SEED) -> list[tuple]:
    """What one table asks for: all papers; of the first, 210 with errors, 20 in each variant."""
    with_errors, varied, counted = (min(papers, most) for most in (210, 20, 10))
    return {
        "papers": [(seed, number) for number in range(papers)],
        "errors": [(seed, number) for number in range(with_errors)],
        "variants": [(seed, number, name) for number in range(varied) for name in VARIANTS],
        "counts": [(seed, number, size) for number in range(counted) for size in SIZES],
    }[kind]


def compute(kind: str, todo: list[tuple], scheduler: str | None = None, workers=None):
    """The rows of one table, in the order of the tasks, whoever did the work.

    `scheduler` is the address of a Dask cluster whose workers have this package; without it
    all cores of this machine are used, or `workers` of them.
    """
    work = KINDS[kind]
    if scheduler:
        from distributed import Client

        with Client(scheduler) as client:
            return client.gather(client.map(work, todo, pure=False))
    if workers == 1:
        return list(map(work, todo))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, todo, chunksize=4))


def write_validation(out, papers: int = PAPERS, scheduler=None, workers=None, kinds=None) -> None:
    """Compute the tables and write them to the folder `out`, a CSV file each."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    rows = partial(compute, scheduler=scheduler, workers=workers)
    for kind in kinds or (*KINDS, *THIS_PAPER):
        if kind in THIS_PAPER:
            table = THIS_PAPER[kind]()
        else:
            table = pd.DataFrame(rows(kind, tasks(kind, papers)))
        table.to_csv(out / f"{kind}.csv", index=False, lineterminator="\n")

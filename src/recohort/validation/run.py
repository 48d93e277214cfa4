"""Many papers on all cores: the tables of `data/validation/`, resumed where they ended."""

from collections.abc import Iterable
from concurrent.futures import as_completed
from pathlib import Path

import pandas as pd

from recohort.digests import write_beside
from recohort.progress import Progress
from recohort.resume import processes
from recohort.validation.papers import TOLD, err_one, options_one, validate_one

SEED = 1
PAPERS = 308
WORK = {"papers": validate_one, "options": options_one, "errors": err_one}
KEYS = {kind: ["number"] for kind in WORK} | {"options": ["number", "told"]}
KINDS = tuple(WORK)


def tasks(kind: str, papers: int = PAPERS) -> list[tuple]:
    """What one table asks for: each paper; of the first quarter, what the search may be told."""
    if kind == "options":
        return [(number, told) for number in range(-(-papers // 4)) for told in TOLD]
    return [(number,) for number in range(papers)]


def write_validation(
    out: str | Path,
    papers: int = PAPERS,
    workers: int | None = None,
    kinds: Iterable[str] = KINDS,
) -> None:
    """Compute the tables and write them to the folder `out`, a CSV file each.

    Rows that a file has already are kept; each new one is put in its place as soon as it is there,
    so that a run that was ended goes on where it was.
    """
    out, progress = Path(out), Progress()
    out.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        path, keys = out / f"{kind}.csv", KEYS[kind]
        wanted = {tuple(map(str, task)): task for task in tasks(kind, papers)}
        known = dict.fromkeys(wanted) | _finished(path, keys)  # those of a longer run stand last
        todo = [task for key, task in wanted.items() if known[key] is None]
        for made, row in enumerate(_rows(kind, todo, workers), start=1):
            known[tuple(str(row[key]) for key in keys)] = row
            table = pd.DataFrame([row for row in known.values() if row], dtype=object)
            write_beside(path, table.to_csv(index=False, lineterminator="\n"))
            progress(kind, made, len(todo))


def _rows(kind, todo, workers):
    if workers == 1:
        yield from (WORK[kind](SEED, *task) for task in todo)
        return
    with processes(workers, [(WORK[kind], SEED, *task) for task in todo]) as futures:
        yield from (future.result() for future in as_completed(futures))


def _finished(path, keys):
    """The rows of a table that is there, by their keys."""
    if not path.exists():
        return {}
    rows = pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
    return {tuple(row[key] for key in keys): row for row in rows}

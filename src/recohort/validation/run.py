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
    seed: int = SEED,
) -> None:
    """Compute the tables and write them to the folder `out`, a CSV file each.

    Rows that a file has already are kept; each new one is added as soon as it is there, so that
    a run that was ended goes on where it was. At the end rows stand in order.
    """
    out, progress = Path(out), Progress()
    out.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        path, keys = out / f"{kind}.csv", KEYS[kind]
        done = _finished(path, keys)
        wanted = tasks(kind, papers)
        todo = [task for task in wanted if tuple(map(str, task)) not in done]
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for made, row in enumerate(_rows(kind, todo, workers, seed), start=1):
            frame = pd.DataFrame([row])
            text += frame.to_csv(header=not text, index=False, lineterminator="\n")
            write_beside(path, text)
            progress(kind, made, len(todo))
        _sort(path, keys, wanted)


def _rows(kind, todo, workers, seed):
    if workers == 1:
        yield from (WORK[kind](seed, *task) for task in todo)
        return
    with processes(workers, [(WORK[kind], seed, *task) for task in todo]) as futures:
        yield from (future.result() for future in as_completed(futures))


def _finished(path, keys):
    if not path.exists():
        return set()
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return set(table[keys].itertuples(index=False, name=None))


def _sort(path, keys, wanted):
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    place = {tuple(map(str, task)): i for i, task in enumerate(wanted)}
    last = len(place)  # rows of an earlier, longer run stay, behind
    order = [place.get(key, last) for key in table[keys].itertuples(index=False, name=None)]
    table = table.iloc[pd.Series(order).sort_values(kind="stable").index]
    write_beside(path, table.to_csv(index=False, lineterminator="\n"))

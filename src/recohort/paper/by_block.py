"""How a paper's figures are formed: for the whole paper, block by block, fact by fact.

The first two stand in `conventions.csv`, the last in `corrections.csv`.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from recohort.paper.faults import one_of, require
from recohort.paper.files import read_lines
from recohort.paper.options import CONVENTIONS, DEFAULTS
from recohort.paper.reading import blocks_of
from recohort.paper.rows import Row
from recohort.paper.statistics import REGISTRY


def read_options(
    path: str | Path, base: dict = DEFAULTS, known: dict = CONVENTIONS, loose: bool = False
) -> dict[str, dict]:
    """The options of each block that has its own, and under "" those of the whole paper.

    What the file does not name is as Methods states it, or as in `base`. A block takes what it does
    not name from the whole paper; `loose` is that of `read_lines`. Raises PublishedError at the
    first name that is not `known`.
    """
    own = {"": dict(base)}
    for line, row in read_lines(path, ["convention", "option"], ["block", "meaning"], loose):
        allowed = {"convention": known, "option": known.get(row["convention"], ())}
        for column, names in allowed.items():
            require(row[column] in names, path, line, column, row[column], one_of(names))
        own.setdefault(row.get("block", ""), {})[row["convention"]] = row["option"]
    return {block: own[""] | named for block, named in own.items()}


def with_options(rows: Iterable[Row], homes: dict, options: dict) -> list[Row]:
    """The rows, those of a block with options of its own switched to them.

    `homes` as `reading.homes_of` has them, `options` as `read_options`.
    """
    return [_switched(row, blocks_of(row, homes), options) for row in rows]


def _switched(row, blocks, options):
    own = {}
    for name in sorted(blocks & set(options)):
        own |= {
            s: options[name][s]
            for s in REGISTRY[row.statistic].switches
            if options[name][s] != options[""][s]
        }
    return row._replace(switches=(*own.items(), *row.switches)) if own else row


def without_facts(rows: Iterable[Row], corrections: pd.DataFrame) -> list[Row]:
    """The rows without the facts set aside; excepted ones under their own convention."""
    kinds = {c.fact: (c.kind, c.convention) for c in corrections.itertuples()}
    kept = []
    for row in rows:
        kind, convention = kinds.get(row.fact, ("", ""))
        if kind == "excepted":
            row = row._replace(switches=(tuple(convention.split("=")),))
        if kind != "set_aside":
            kept.append(row)
    return kept

"""What `make identify` writes: its quick parts done again and compared with the committed files.

The rest is checked by its witnesses: `test_numbers`, `test_related_cells`, `test_blocks`.
"""

import pandas as pd

from thirteen.cohort import DATA
from thirteen.related_blocks import _cycles, _own_ways, _sizes, given_by


def committed(name):
    """A committed table, all cells as text."""
    return pd.read_csv(DATA / "cohort" / f"{name}.csv", dtype=str, keep_default_na=False)


def test_some_factors_of_tumors():
    """The ways to give cycles and sizes divide the committed count below."""
    given = given_by(DATA, committed("related_cells"))
    shared = given.tables["tumors"]["session_id"].duplicated(keep=False)
    (kept,) = committed("blocks").query("block == 'tumors'")["count_lower"]
    frozen = given.tables["tumors"]["freeze_thaw_cycles"].notna()
    cycles = _cycles(given, shared)
    assert cycles == frozen.sum() - (frozen & shared).sum()  # one of them has three cycles
    sides = [("tumors", "side"), ("patients", "bilateral")]
    both = {t: ["right", "left"] for t in given.tables["tumors"]["tumor_id"]}
    flags = {p: [True, False] for p in given.tables["patients"]["patient_id"]}
    ways = _own_ways(given, dict(zip(sides, (both, flags), strict=True)), sides, shared)
    assert int(kept) % (cycles * ways * _sizes(given, shared)[0]) == 0

"""What `make identify` writes: its quick parts done again and compared with the committed files.

The rest is checked by its witnesses: `test_numbers`, `test_related_cells`, `test_blocks`.
"""

import pandas as pd

from recohort.paper.reading import read_dictionary
from thirteen.cohort import DATA, read_data, read_patients, read_table
from thirteen.identify import CELLS, _pair_cells, pair_settings
from thirteen.pair_bounds import upper_bound
from thirteen.pair_table import pair_rows, without_facts
from thirteen.pairs_search import attainable, pairs_of
from thirteen.related_blocks import _cycles, _own_ways, _sizes, given_by


def committed(name):
    """A committed table, all cells as text."""
    return pd.read_csv(DATA / "cohort" / f"{name}.csv", dtype=str, keep_default_na=False)


def test_cells_of_pairs():
    """Cells of the table of pairs and their witnesses, as written."""
    cells, witnesses = _pair_cells(DATA, read_patients())
    for made, name in ((cells, "number_cells"), (witnesses, "witnesses")):
        kept = committed(name).query("table == 'renal_function'")
        kept = kept.iloc[:, : len(made[0])]  # what is measured beside follow-up has one more
        assert [tuple(map(str, row)) for row in made] == list(kept.itertuples(index=False))
    assert committed("number_cells").columns.tolist() == CELLS


def test_upper_bound_of_pairs():
    """No more tables of pairs than the committed count says."""
    published, statements, conventions = read_data()
    settings = pair_settings(read_dictionary(DATA / "dictionary.csv"), conventions)
    rows = pair_rows(published, statements, settings[2])
    rows = without_facts(rows, read_table("pair_corrections").head(1))
    found = sum(upper_bound(p) for p in pairs_of(rows, *settings[:2]) if attainable(p))
    (kept,) = committed("blocks").query("block == 'renal'")["count_upper"]
    assert abs(found / int(kept) - 1) < 1e-3  # weights are searched for in floating point


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

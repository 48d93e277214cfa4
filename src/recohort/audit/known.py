"""What is known of each cell of the cohort's tables: files to take away that say so."""

from decimal import Decimal

import numpy as np
import pandas as pd

from recohort.edition import Work, people_over_reals
from recohort.folder import read_if_there
from recohort.paper.tables import UNWRITTEN
from recohort.survival.reals import Ends

BELOW = ("lowest", "neither")  # under `attained`: the highest value is only come near to
KEYS = ["table", "row_id", "column"]
CELLS = [*KEYS, *"status values lowest highest attained".split()]


def known(work: Work) -> dict:
    """`identifiability.csv`: what each cell can be; and two copies of the patients that say so."""
    cells, free = cells_so_far(work), read_if_there("free_cells", work.folder)
    marked = cells.merge(free, "left", KEYS).fillna("") if len(free) else cells
    return {"identifiability": marked} | downloads(_people(work), cells)


def _people(work):
    path = work.folder / "cohort" / "patients.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def cells_so_far(work: Work) -> pd.DataFrame:
    """What each cell can be, by all that has been searched so far; no column that is not written.

    Columns as in the contract: `status` is determined, bounded or chosen. A time is a real number:
    it has ends in place of a number of values (empty: no end), and `attained` says which of them it
    can have.
    """
    cells = {row[:3]: row for row in _by_survival(work.result, _people(work))}
    for name in ("number_cells", "related_cells"):
        found = read_if_there(name, work.folder).astype(str)
        cells |= {row[:3]: row for row in found.itertuples(index=False, name=None)}
    own = work.dictionary[work.dictionary["empty"] == UNWRITTEN]
    hidden = {*zip(own["table"], own["column"], strict=True)}
    kept = [row for row in cells.values() if (row[0], row[2]) not in hidden]
    return pd.DataFrame(kept, columns=CELLS)


def _by_survival(result, people):
    """For each cell of `patients`: is it the same in all solutions, and if not, what can it be?"""
    every, spans = people_over_reals(result)
    for column in people.columns.drop("patient_id"):
        for i, patient in enumerate(people["patient_id"]):
            if column == "time":
                ends = Ends(*spans["time"][i])
                low, high = ("" if end is None else float(end) for end in ends[:2])
                cell = "bounded", "", low, high, ends.attained
            elif column in every[0]:
                values = sorted({solution.at[i, column] for solution in every})
                status = "determined" if len(values) == 1 else "bounded"
                cell = status, len(values), values[0], values[-1], ""
            else:
                cell = "chosen", "", "", "", ""
            yield "patients", patient, column, *cell


def settled(cells: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """`identifiability.csv`, *determined* also where every value rounds to the one written.

    A measured number is real and has ends; written with a decimal it can be the same all the
    same: 2.65 to 2.75, the end not attained, are 2.7. `people` holds the written cells.
    """
    written = people.set_index("patient_id")
    alike = [
        row.table == "patients"
        and bool(row.attained)
        and _rounds_to(written.at[row.row_id, row.column], row)
        for row in cells.itertuples()
    ]
    return cells.assign(status=cells["status"].mask(np.array(alike, bool), "determined"))


def _rounds_to(value, row):
    """Does all between the ends of a cell round to the value as it is written, halves up?"""
    if pd.isna(value) or "" in (value, row.highest):
        return False
    value, low, high = (Decimal(str(x)) for x in (value, row.lowest, row.highest))
    half = Decimal(5).scaleb(value.as_tuple().exponent - 1)
    below = high < value + half or (high == value + half and row.attained in BELOW)
    return low >= value - half and below


def downloads(people: pd.DataFrame, cells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """`patients.csv` twice more: each cell with its status beside it, and determined cells alone.

    `cells` is `identifiability.csv`; a cell that it does not name counts as chosen.
    """
    own = settled(cells, people).query("table == 'patients'")
    status = own.pivot(index="row_id", columns="column", values="status")
    status = status.reindex(index=people["patient_id"], columns=people.columns[1:]).fillna("chosen")
    status = status.reset_index(drop=True)
    text = people.astype(object).where(people.notna(), "")
    named = [name for column in status for name in (column, f"{column}_status")]
    marked = text.join(status.add_suffix("_status"))[["patient_id", *named]]
    known = text[[*status]].where(status == "determined", "")
    return {"patients_marked": marked, "patients_determined": text.assign(**known)}

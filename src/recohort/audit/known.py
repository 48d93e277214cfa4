"""What is known of each cell of `patients.csv`: files to take away that say so."""

from decimal import Decimal

import pandas as pd

BELOW = ("lowest", "neither")  # under `attained`: the highest value is only come near to


def settled(cells: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """`identifiability.csv`, *determined* also where every value rounds to the one written.

    A measured number is real and has ends; written with a decimal it can be the same all the
    same: 2.65 to 2.75, the end not attained, are 2.7. `people` holds the written cells.
    """
    written = people.set_index("patient_id")
    own = (cells["table"] == "patients") & (cells.get("attained", "") != "")
    alike = [
        known and _rounds_to(written.at[row.row_id, row.column], row)
        for known, row in zip(own, cells.itertuples(), strict=True)
    ]
    alike = pd.Series(alike, index=cells.index, dtype=bool)
    return cells.assign(status=cells["status"].mask(alike, "determined"))


def _rounds_to(value, row):
    """Does all between the ends of a cell round to the value as it is written, halves up?"""
    if pd.isna(value) or value == "":
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
    pairs = [(c, text[c], status[c]) for c in status]
    beside = {n: cells for c, own, said in pairs for n, cells in ((c, own), (f"{c}_status", said))}
    marked = pd.DataFrame({"patient_id": text["patient_id"]} | beside)
    determined = text.assign(**{c: text[c].where(status[c] == "determined", "") for c in status})
    return {"patients_marked": marked, "patients_determined": determined}

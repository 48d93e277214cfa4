"""More switches: does a determined cell of overall survival stay so?

Asked where every number about survival may be formed in any named way, each in its own: more than
one switch. What the least readings switch stays switched.
"""

import pandas as pd

from recohort.audit.roles import any_way
from recohort.edition import frame_of
from recohort.survival import Result
from recohort.survival.cohorts import UndecidedError, cohorts

CELLS = "table row_id column one_more_switch".split()


def cells_that_stay(result: Result, cells: pd.DataFrame) -> pd.DataFrame:
    """For each determined cell of the survival search whether more switches leave it so.

    "yes" is a proof, "no" has a cohort with another value, "open" has neither.
    """
    frames, found = [], "no"
    try:
        frames.extend(cohorts(any_way(result.problem), every_word=True))
    except UndecidedError:
        found = "open"
    frames = [frame_of(result, cohort).astype(str) for cohort in frames]
    places = dict(zip(frames[0]["patient_id"], frames[0].index, strict=True))
    own = cells[
        (cells["status"] == "determined")
        & (cells["table"] == "patients")
        & cells["column"].isin(frames[0].columns)
    ]
    rows = []
    for cell in own[["table", "row_id", "column"]].itertuples(index=False):
        varies = len({f.at[places[cell.row_id], cell.column] for f in frames}) > 1
        rows.append((*cell, found if varies or found == "open" else "yes"))
    return pd.DataFrame(rows, columns=CELLS)

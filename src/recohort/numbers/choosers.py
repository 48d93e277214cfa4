"""Values of columns that survival leaves open, as the edition writes them: ages, intervals."""

from collections.abc import Iterable

import pandas as pd

from recohort.numbers.columns import choose_column
from recohort.numbers.measured import Column, exactly, nearest_column, some_column, unit_of
from recohort.paper.rows import Row


def choose_measured(
    rows: Iterable[Row], cohort: pd.DataFrame, conventions: dict, center: float | str | None = None
) -> list[float] | None:
    """Cells of a measured column to the last printed decimal, with follow-up as written."""
    times = exactly(cohort["time"])
    column = Column(tuple(rows), cohort, times, conventions, unit=unit_of(rows))
    if center is not None:
        found = nearest_column(column, center)
    else:  # a hundredth of the unit where the unit itself will not do
        found = some_column(column) or some_column(column._replace(unit=column.unit / 100))
    return found and [float(value) for value in found.values]


CHOOSERS = {"age_years": choose_column, "diagnosis_interval": choose_measured}

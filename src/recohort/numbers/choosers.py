"""Values of columns that survival leaves open, as the edition writes them: ages, intervals."""

from recohort.numbers.columns import choose_column, column_with
from recohort.numbers.measured import Column, exactly, nearest_column, some_column, unit_of


def ages(rows, cohort, conventions, center=None) -> list | None:
    """Whole numbers that print every row, as near `center` as can be if there is one."""
    if center is None:
        return column_with(rows, cohort, conventions, {})
    return choose_column(rows, cohort, conventions, center)


def measured(rows, cohort, conventions, center=None) -> list | None:
    """Cells of a measured column to the last printed decimal, with follow-up as written."""
    times = exactly(cohort["time"])
    column = Column(tuple(rows), cohort, times, conventions, unit=unit_of(rows))
    if center is not None:
        found = nearest_column(column, center)
    else:  # a hundredth of the unit where the unit itself will not do
        found = some_column(column) or some_column(column._replace(unit=column.unit / 100))
    return found and [float(value) for value in found.values]


CHOOSERS = {"age_years": ages, "diagnosis_interval": measured}  # values of a column, or None

"""The ends of what a measured cell beside follow-up can be, each with a whole column."""

from fractions import Fraction
from pathlib import Path

from recohort.edition import measured_columns, number_columns
from recohort.folder import read_blocks, read_table, run
from recohort.numbers.measured import end_of
from recohort.paper.printed import without_facts
from recohort.paper.reading import read_dictionary
from recohort.survival.reals import Ends


def measured_ends(folder: Path | str) -> tuple[list, list]:
    """Rows of `number_cells.csv` and of `witnesses.csv` for the measured columns of patients.

    Over all least readings, all groups of the survival search and all real follow-up times that go
    with them; `attained` says whether each end is reached.
    """
    cells, witnesses, names = [], [], None
    for column, readings in _readings(folder).items():
        names = names or [f"P{i + 1:02d}" for i in range(len(readings[0][1].cohort))]
        for i, name in enumerate(names):
            ends = [_end(readings, i, sign) for sign in (1, -1)]
            reached = Ends(ends[0][0], ends[1][0], ends[0][1], ends[1][1]).attained
            written = [decimal(end[0]) for end in ends]
            cells.append(("patients", name, column, "bounded", "", *written, reached))
            for _, _, found, reading in ends:
                own, times = (" ".join(map(decimal, part)) for part in found)
                witnesses.append(
                    ("patients", name, column, decimal(found.values[i]), reading, own, times)
                )
    return cells, witnesses


def _readings(folder):
    """By column: (what the reading switches, a column of real numbers) for each way to read it."""
    published, statements, _ = read_blocks("survival", "ages", "intervals", folder=folder)
    dictionary = read_dictionary(Path(folder) / "dictionary.csv").set_index("column")
    corrections, result, found = read_table("corrections", folder), run(folder), {}
    for column, rows in number_columns(published, statements).items():
        if dictionary.loc[column, "type"] == "number":
            ends = {end: Fraction(dictionary.loc[column, end]) for end in ("lowest", "highest")}
            own = corrections[corrections["block"] == column]
            found[column] = [
                ("; ".join(reading["fact"] + " " + reading["convention"]), one)
                for _, reading in own.groupby("correction")
                for one in measured_columns(result, without_facts(rows, reading), **ends)
            ]
    return found


def _end(readings, i, sign):
    """The furthest end of a patient over all readings: end, attained, column, reading."""
    every = [(*end_of(column, i, sign), text) for text, column in readings]
    return min(every, key=lambda end: (sign * end[0], not end[1]))


def decimal(value: Fraction) -> str:
    """A fraction as a decimal where it is one, else as a quotient."""
    text = f"{float(value):.10g}"
    return text if Fraction(text) == value else str(value)

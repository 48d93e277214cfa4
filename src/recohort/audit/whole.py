"""How a solution of some columns becomes a whole cohort."""

from pathlib import Path

import pandas as pd

from recohort.cells.cells import FIRST, beside_of
from recohort.cells.relations import BLOCKS
from recohort.edition import number_columns, readings
from recohort.folder import read_blocks, read_data, read_table, read_tables, rows_as_formed
from recohort.numbers.columns import choose_column
from recohort.paper.printed import printed_by
from recohort.paper.reading import columns_of, read_dictionary
from recohort.paper.rules import columns_of_rule, read_rules

FLAGS = ("boolean", "category")
NUMBERS = ("ages", "intervals")  # blocks of numbers beside survival


class Completion:
    """What gives a solution all that is not searched for with it, by a folder's files."""

    def __init__(self, survival: list[pd.DataFrame], folder: Path | str):
        """`survival` are cohorts of the survival search.

        Columns of numbers beside them are read under every smallest correction.
        """
        dictionary = read_dictionary(Path(folder) / "dictionary.csv")
        published, statements, self.conventions = read_blocks(
            "survival", *NUMBERS, *BLOCKS, folder=folder
        )
        own = dictionary[(dictionary["table"] == FIRST) & dictionary["block"].isin(NUMBERS)]
        given_up = read_table("corrections", folder)
        self.kinds = own.set_index("column")["type"].to_dict()
        self.columns = {  # the rows about each in each reading
            column: [own for _, own in readings(rows, given_up, column)]
            for column, rows in number_columns(published, statements).items()
            if column in self.kinds
        }
        self.edition, self.survival = read_tables(folder), survival
        self.beside = tied_columns(folder)

    def __call__(self, tables: dict, k: int) -> dict:
        """Whole tables: the rest of the k-th cohort that fits; columns and tables beside it.

        Columns of numbers are the edition's wherever these print all rows about them. The rows of
        tables beside go to other patients where that keeps columns tied to them. Raises
        ArithmeticError where a column of numbers has no reading that leaves one.
        """
        people = self._with_survival(tables["patients"], k)
        for column, ways in self.columns.items():
            people[column] = self.edition["patients"][column]
            trial = tables | {"patients": people}
            if not any(self._printed(rows, trial) for rows in ways):
                people[column] = self._column(column, ways, people)
        more = {table: self._handed(table, flags, people) for table, flags in self.beside.items()}
        people = people.reindex(columns=self.edition["patients"].columns)
        return tables | {"patients": people} | more

    def _printed(self, rows, tables):
        return all(printed_by(row, tables, self.conventions) for row in rows)

    def _column(self, column, ways, people):
        """A column under the first of its readings that leaves one."""
        for rows in ways:
            found = choose_column(self.kinds[column], rows, people, self.conventions)
            if found is not None:
                return found
        raise ArithmeticError(f"a solution without {column}")

    def _with_survival(self, people, k):
        """Patients with every column of a cohort that agrees with them."""
        shared = [c for c in self.survival[0] if c in people]
        words = people[shared].astype(str)
        fitting = [frame for frame in self.survival if frame[shared].astype(str).equals(words)]
        found = fitting[k % len(fitting)]
        return people.assign(**{c: found[c] for c in found if c not in people})

    def _handed(self, table, flags, people):
        """The edition's rows of a table, handed to patients who are alike in the columns tied."""
        rows = self.edition[table]
        old, new = (
            frame.set_index("patient_id").loc[rows["patient_id"], flags].astype(str)
            for frame in (self.edition["patients"], people)
        )
        if old.equals(new):
            return rows
        ranks = [own.reset_index(drop=True).sort_values(flags, kind="stable") for own in (old, new)]
        names = rows["patient_id"].iloc[ranks[1].index].tolist()
        found = rows.iloc[ranks[0].index].assign(patient_id=names)
        return found.sort_values("patient_id", ignore_index=True)


def tied_columns(folder: Path | str) -> dict[str, list[str]]:
    """Of each table with a row a patient, the flags of patients that a fact or rule ties to it."""
    dictionary = read_dictionary(Path(folder) / "dictionary.csv")
    own = dictionary[(dictionary["table"] == FIRST) & dictionary["type"].isin(FLAGS)]["column"]
    asked = [columns_of(row) for row in rows_as_formed(*read_data(folder)[:2], folder)]
    asked += [columns_of_rule(rule) for rule in read_rules(Path(folder) / "rules.csv")]
    found = {}
    for table in beside_of(dictionary):
        tied = [names for names in asked if table in {name for name, _ in names}]
        found[table] = sorted({c for names in tied for t, c in names if t == FIRST} & set(own))
    return found

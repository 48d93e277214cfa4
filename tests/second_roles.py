"""Each fact about survival left out once more, by the second route; writes `second_roles.csv`.

    python tests/second_roles.py

The table lies in `data/cohort/`, beside `roles.csv` and `generating.csv`, whose facts it goes
through again: first no fact is left out, then each one, then all that the few given ones predict.
Takes some minutes.
"""

import pandas as pd

import second_route as second
from recohort.paper.reading import read_dictionary
from thirteen.data import DATA, read_survival, read_table

PLACE = DATA / "cohort" / "second_roles.csv"
COLUMNS = "left_out another cohorts".split()
PREDICTED = "predicted"  # stands for all facts of this role in `generating.csv`


def paper_of_edition(changed=None) -> second.Paper:
    """Survival as the edition keeps it: what is set aside, what is excepted, and the rules.

    `changed` gives other printed figures, by id.
    """
    published, statements, _ = read_survival()
    published["printed"] = published["id"].map(changed or {}).fillna(published["printed"])
    dictionary = read_dictionary(DATA / "dictionary.csv")
    return second.edition(published, statements, read_table("corrections"), dictionary)


def facts_of(paper: second.Paper) -> list[str]:
    """The paper's facts, rules left out."""
    facts = dict.fromkeys(row.fact for row in paper.rows)
    return [f for f in facts if not f.startswith(second.RULES)]


def left_out(paper: second.Paper, facts, every, memory=None) -> tuple[bool, int | str]:
    """Is there another cohort without some facts, one not among `every`? If not, how many in all.

    Another one prints all that is left and not what was left out; the search ends with the first,
    and says no number (""). AssertionError where one of `every` is missing.
    """
    found = second.every_cohort(second.without(paper, facts), every, memory)
    another = not found <= every
    assert another or found == every
    return another, "" if another else len(found)


def table() -> pd.DataFrame:
    """One row a question: what is left out, is there another cohort, how many if not."""
    paper, memory = paper_of_edition(), {}
    every, roles = second.every_cohort(paper, memory=memory), read_table("generating")
    predicted = roles.loc[roles["role"] == PREDICTED, "fact"].tolist()
    questions = {"": []} | {fact: [fact] for fact in facts_of(paper)} | {PREDICTED: predicted}
    rows = [(name, *left_out(paper, facts, every, memory)) for name, facts in questions.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


if __name__ == "__main__":
    table().to_csv(PLACE, index=False, lineterminator="\n")

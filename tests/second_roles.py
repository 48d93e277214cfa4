"""Each fact about survival left out once more, by the second route: a helper of the tests."""

import second_route as second
from recohort.folder import read_blocks
from recohort.paper.reading import read_dictionary
from thirteen.data import DATA, read_table


def paper_of_edition(changed=None) -> second.Paper:
    """Survival as the edition keeps it: what is set aside, what is excepted, and the rules.

    `changed` gives other printed numbers, by id.
    """
    published, statements, _ = read_blocks("survival", folder=DATA)
    published["printed"] = published["id"].map(changed or {}).fillna(published["printed"])
    dictionary = read_dictionary(DATA / "dictionary.csv")
    return second.edition(published, statements, read_table("corrections"), dictionary)


def facts_of(paper: second.Paper) -> list[str]:
    """The paper's facts, rules left out."""
    facts = dict.fromkeys(row.fact for row in paper.rows)
    return [f for f in facts if not f.startswith(second.RULES)]


def leaves_another(paper: second.Paper, facts, every, memory=None) -> bool:
    """Is there another cohort without some facts, one not among `every`?

    It prints all that is left and not what was left out; the search ends with the first.
    AssertionError where one of `every` is missing.
    """
    found = second.every_cohort(second.without(paper, facts), every, memory)
    another = not found <= every
    assert another or found == every
    return another

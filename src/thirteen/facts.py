"""What a fact is, in words: for pages about which facts are needed, given up or given back."""

from pathlib import Path

import pandas as pd

from recohort.audit.role_proofs import RULE
from recohort.paper.reading import SENTENCE
from recohort.paper.rules import read_rules
from thirteen.data import DATA, labels
from thirteen.text import inside, sentence, typeset


def fact_names(published: pd.DataFrame, statements: pd.DataFrame) -> dict:
    """Each fact in plain words with what is printed of it; a statement in its own words."""
    printed = published.drop_duplicates("fact").set_index("fact")["printed"]
    return {fact: f"{words}: {typeset(printed[fact])}" if fact in printed else words
            for fact, words in fact_words(published, statements).items()}  # fmt: skip


def fact_words(published: pd.DataFrame, statements: pd.DataFrame) -> dict:
    """What each fact is about in plain words, no figure; a statement in its own words."""
    first = published.drop_duplicates("fact").set_index("fact")["quantity"].map(sentence)
    said = zip(SENTENCE + statements["id"], statements["statement"], strict=True)
    return first.to_dict() | dict(said)


def members_in_words(proofs, words, folder=DATA) -> pd.Series:
    """By fact, what it follows from in a line, a part a member.

    `words` say what a fact is. A rule of `rules.csv` has its own words; a rule of the dictionary
    is called by the label of its column.
    """
    rules = {r.id: r.meaning for r in read_rules(Path(folder) / "rules.csv")}

    def said(member):
        if member in words:
            return words[member]
        column = labels(member.rpartition(".")[2])[""] if member[len(RULE) :] not in rules else ""
        if member.startswith(RULE):
            return rules.get(member[len(RULE) :], f"the meaning of “{column}”")
        return f"“{column}” of each patient"

    parts = proofs["member"].map(said).str.rstrip(".").map(inside)
    return parts.groupby(proofs["fact"], sort=False).agg("; ".join).map(sentence)


def ways_to_mend(corrections: pd.DataFrame, names: dict) -> pd.DataFrame:
    """The smallest corrections of one block, a row each; `names` as from `fact_names`."""
    ways = corrections.assign(words=corrections["fact"].map(names)).groupby("correction")["words"]
    facts = ways.agg(lambda words: "; ".join(word.rstrip(".") for word in words))
    return pd.DataFrame({"": [f"{i}." for i in range(1, len(facts) + 1)],
                         "Give up together": facts.to_numpy()})  # fmt: skip

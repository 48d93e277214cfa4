"""Codes of the generated tables in words."""

import pandas as pd

from thirteen.data import fact_words, in_words, read_table
from thirteen.text import words


def test_counts_below_ten_are_words():
    """From none to nine in words, then in digits with their commas."""
    assert [words(n) for n in (0, 1, 9, 10, 1242)] == ["none", "one", "nine", "10", "1,242"]
    assert in_words(3) == "three"
    assert (in_words(3, 3), in_words(3, 4), in_words(11, 13)) == ("all", "three", "11")


def test_facts_conventions_and_ids_are_said():
    """A fact with its numbers, several codes of a cell one by one; the rest stays as it is."""
    codes = {"fact": ["mst.others"], "convention": ["halves=cut; sd=sample"], "count": [7]}
    told = in_words(pd.DataFrame(codes)).iloc[0]
    assert told["fact"].endswith("other than non-small cell lung cancer: 40.0")
    assert told["convention"] == "further digits cut off; standard deviation that divides by n − 1"
    assert told["count"] == 7
    assert in_words(pd.DataFrame({"id": ["abstract.n"]}))["id"][0] == "Number of all patients"


def test_every_fact_of_a_generated_table_has_words():
    """No code is left over in what the pages show."""
    known = fact_words()
    for name in ("corrections", "roles", "conflicts"):
        assert set(read_table(name)["fact"]) <= set(known), name

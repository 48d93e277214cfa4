"""The ledger's small questions: what is rebuilt, and arithmetic that is wrong by itself."""

import re

import pandas as pd
import pytest

from recohort.audit.ledger import judged, rebuilt
from recohort.edition import CORRECTIONS, arithmetic_slips
from recohort.paper.reading import parse_arguments
from recohort.paper.rows import Row
from thirteen.data import read_data, read_table
from thirteen.ledger import against, compare, read_ledger

TABLES = {
    "patients": pd.DataFrame({"time": [3.0, 5.0], "event": [True, False], "sex": [None, None]}),
    "tumors": pd.DataFrame({"side": ["", ""]}),
}


@pytest.mark.parametrize(
    ("statistic", "arguments", "expected"),
    [
        ("survival", "at=12", True),
        ("count", "", True),
        ("count", "sex=male", False),
        ("count", "table=tumors", True),
        ("count", "table=tumors; side=left", False),
        ("count", "table=sessions", False),
        ("mean", "column=age_years", False),
        ("fraction", "numerator=3; denominator=8", True),
    ],
)
def test_a_row_is_rebuilt_where_all_its_cells_are(statistic, arguments, expected):
    """A table that is missing, and a column that is missing or empty, leave it open."""
    row = Row("", "", statistic, *parse_arguments(arguments), "rounds to", "")
    assert rebuilt(row, TABLES) == expected


CUT = (("halves", "cut"),)
KEPT, LOST = [{"other"}], [{"fact"}]  # corrections without the row's fact, and with it


@pytest.mark.parametrize(
    ("own", "cut", "blocks", "expected"),
    [
        ("444", "333", [], ("reproduced", ())),
        ("333", "444", [], ("reproduced_under", CUT)),
        ("434", "333", [], ("underdetermined", ())),
        ("333", "434", [KEPT], ("underdetermined", CUT)),
        ("443", "333", [KEPT], ("underdetermined", ())),
        ("333", "333", [KEPT, LOST], ("contradicted", CUT)),
        ("434", "333", [LOST], ("contradicted", CUT)),
        ("444", "333", [LOST + KEPT], ("disputed", ())),
        ("333", "443", [LOST + KEPT], ("disputed", CUT)),
        ("333", "333", [LOST + KEPT], ("disputed", CUT)),
        ("443", "443", [LOST + KEPT], ("disputed", ())),
    ],
)
def test_a_status_and_the_convention_it_is_shown_under(own, cut, blocks, expected):
    """Three solutions, the edition's first; 4 is published, by Methods' own way or digits cut."""
    row = Row("row", "fact", "count", (), (), "rounds to", "4")
    values = {(): list(own), (("halves", "even"),): ["3"] * 3, CUT: list(cut)}
    assert judged(row, values, blocks) == expected


def test_what_nothing_gives_is_not_passed_over():
    """A row that no solution gives has to be given up somewhere."""
    row = Row("row", "fact", "count", (), (), "rounds to", "4")
    with pytest.raises(ValueError, match="row: no cohort"):
        judged(row, {(): ["3"]}, [KEPT])


def test_arithmetic_that_is_wrong_by_itself():
    """The committed corrections have just these; a wrong percentage is one more, and named."""
    published, _, conventions = read_data()
    known = read_table("corrections").query("block == 'arithmetic'")
    found = pd.DataFrame(arithmetic_slips(published, conventions), columns=CORRECTIONS)
    assert found.astype(str).to_numpy().tolist() == known.astype(str).to_numpy().tolist()
    fractions = published[(published["statistic"] == "fraction") & (published["kind"] == "number")]
    row = fractions[~fractions["fact"].isin(found["fact"])].iloc[0]
    wrong = published.assign(
        printed=published["printed"].where(published["id"] != row["id"], "99.9")
    )
    more = pd.DataFrame(arithmetic_slips(wrong, conventions), columns=CORRECTIONS)
    assert set(more["fact"]) - set(found["fact"]) == {row["fact"]}
    assert more.set_index("fact").at[row["fact"], "kind"] == "set_aside"


def test_a_page_whose_numbers_all_have_one_status_says_all():
    """A list of several statuses counts them; one alone reads as a sentence."""
    assert "(all reproduced as Methods describes)" in against("Figure 3").data
    assert "reproduced as Methods describes: 56; " in against("Table 1").data


def test_the_box_at_the_head_of_a_page():
    """Each line with its unit and as many decimals as were published; text stays as it is."""
    published = read_data()[0].set_index("id")
    rate, age = "abstract.os_1y.rate", "table1.age.mean"
    rows = {"Alive at one year": (rate, 76.923), "Age": (age, 60), "In words": (age, "none")}
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", compare(rows).data)
    printed = published.loc[[rate, age], "printed"].tolist()
    decimals = len(printed[1].partition(".")[2])
    assert cells[-9:] == [
        *("Alive at one year", f"{printed[0]}%", "76.9%"),
        *("Age", printed[1], f"{60:.{decimals}f}"),
        *("In words", printed[1], "none"),
    ]
    for chosen, said in ((rows, "two differ"), ({"Rate": (rate, 76.923)}, "all agree")):
        assert f"Box: {said}." in compare(chosen, "Box.").data
    assert "Box: one differs." in compare({"Age": (age, 60)}, "Box.").data


def test_rows_are_named_by_place_or_by_fact():
    """A place of the paper, or how its facts begin; what is nowhere is said."""
    published = read_data()[0]
    place = published["location"] == "Figure 3"
    assert read_ledger("Figure 3")["id"].tolist() == published.loc[place, "id"].tolist()
    begins = published["fact"].str.match("mst")
    counts = list(map(int, re.findall(r": (\d+)", against("mst").data)))
    assert len(counts) > 1
    assert sum(counts) == begins.sum()
    with pytest.raises(KeyError, match="nothing is published at or begins with"):
        against("Figure 33")
    with pytest.raises(KeyError, match="Figure 33"):
        read_ledger("Figure 33")

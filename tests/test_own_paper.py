"""A paper of one's own: a short file in, cohorts out, and faults that say what to mend."""

from pathlib import Path

import pandas as pd
import pytest

from thirteen.__main__ import main
from thirteen.own_paper import (
    example,
    first_cohort,
    print_example,
    read_conventions,
    read_own,
    search_own,
    solutions_frame,
)
from thirteen.published import PublishedError
from thirteen.validation.rebuild import lets_pass
from thirteen.validation.template import TEXTBOOK, Template, print_paper

TEMPLATE = Path(__file__).parents[1] / "data" / "template.csv"
FACTORS = {"group": ("RIT", "Control"), "sex": ("Female", "Male")}


@pytest.fixture(scope="module")
def searched():
    """The template's figures and what the search made of them."""
    return search_own(TEMPLATE)


def test_the_template_is_the_example_as_printed():
    """The file to start from is generated from the public data set, not typed."""
    printed = pd.read_csv(TEMPLATE, dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(printed, print_example())


def test_the_truth_is_found_behind_the_template(searched):
    """The real patients pass every stage, and are listed; an altered patient does not pass."""
    _, found = searched
    assert found.status == "complete"
    assert lets_pass(found.problem, example())
    wrong = example().assign(event=lambda f: f["event"].where(f.index != 3, ~f["event"]))
    assert not lets_pass(found.problem, wrong)
    columns, truth, matches = ["event", "group", "sex"], example(), 0
    for _, rows in solutions_frame(found).groupby("solution"):
        months = truth["time"].to_numpy()
        inside = rows["earliest"].to_numpy() <= months, months <= rows["latest"].to_numpy()
        same = rows[columns].to_numpy().tolist() == truth[columns].to_numpy().tolist()
        matches += same and bool(inside[0].all() and inside[1].all())
    assert matches == 1


def test_what_is_written_prints_the_paper_again(searched):
    """The first cohort, printed anew by lifelines, gives the very file that was read."""
    published, found = searched
    template = Template(landmarks=(12, 24, 48), time_decimals=0)
    again = print_paper(first_cohort(found), FACTORS, TEXTBOOK, template)
    assert again["printed"].tolist() == published["printed"].tolist()


@pytest.mark.parametrize(
    ("old", "new", "place", "mend"),
    [
        ("count,,13", "count,,130", "row 2, column 'printed'", "2 to 15 patients"),
        ("count,,13\n", "", "column 'statistic'", "number of all patients"),
        ("percent,sex=Male", "percent,sex=Mael", "'arguments'", "another spelling"),
        ("survival,at=12,", "survival,at12,", "row 11, column 'arguments'", "at=12; sex=male"),
        ("survival,at=12,", "survival,,", "row 11, column 'arguments'", "at=12"),
        ("sd,", "spread,", "row 5, column 'statistic'", "one of count"),
        ("statistic,", "name,", "row 1, column 'statistic'", "statistic, arguments, printed"),
        ("count,,13", "count,,13,1", "row 2", "quotes"),
        (",92.3", ",92.3%", "row 11, column 'printed'", "without a % sign"),
        (",92.3", ",-", "row 11, column 'statistic'", "curve_at_zero or follow_up_ended"),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_write(tmp_path, old, new, place, mend):
    """Each kind of slip in the file has its own sentence."""
    text = TEMPLATE.read_text(encoding="utf8")
    assert old in text
    (tmp_path / "mine.csv").write_text(text.replace(old, new, 1), encoding="utf8")
    with pytest.raises(PublishedError) as caught:
        read_own(tmp_path / "mine.csv")
    assert str(caught.value).startswith("mine.csv")
    assert place in str(caught.value)
    assert mend in str(caught.value)


def test_an_unknown_convention_is_named(tmp_path):
    """Switches and their options are checked against the registry."""
    path = tmp_path / "conventions.csv"
    path.write_text("convention,option\nmedian,middle\n", encoding="utf8")
    with pytest.raises(PublishedError, match="kaplan_meier, follow_up"):
        read_conventions(path)


def test_command(tmp_path, capsys):
    """Files are written; a slip leaves no cohort; a missing folder or file is said."""
    assert main(["search", "--published", str(TEMPLATE), "--out", str(tmp_path / "a")]) == 0
    assert len(pd.read_csv(tmp_path / "a" / "patients.csv")) == 13
    assert "not patient records" in (tmp_path / "a" / "README.md").read_text("utf8")
    wrong = tmp_path / "mine.csv"
    wrong.write_text(TEMPLATE.read_text("utf8").replace(",92.3", ",93.2", 1), "utf8")
    assert main(["search", "--published", str(wrong), "--out", str(tmp_path / "b")]) == 0
    assert "No cohort" in capsys.readouterr().out
    assert not (tmp_path / "b" / "patients.csv").exists()
    assert main(["search", "--published", str(wrong)]) == 1
    assert main(["search", "--published", "nowhere.csv", "--out", str(tmp_path)]) == 1
    assert "no such file" in capsys.readouterr().err

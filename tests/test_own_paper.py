"""A paper of one's own: a short file in, cohorts out, and faults that say what to mend."""

from pathlib import Path

import pandas as pd
import pytest

from glioma_paper import example, print_example
from recohort.__main__ import main
from recohort.own.answer import verdict
from recohort.own.search import first_cohort, search_own, solutions_frame
from recohort.paper.files import PublishedError
from recohort.paper.options import TEXTBOOK
from recohort.paper.short_file import read_conventions, read_own
from recohort.validation.printers import PROGRAMS, Template, print_paper
from recohort.validation.truth import truth_passes

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


@pytest.mark.slow
def test_the_truth_is_found_behind_the_template(searched):
    """The real patients pass every stage, and are listed; an altered patient does not pass."""
    _, found = searched
    assert found.status == "complete"
    assert truth_passes(found.problem, example())
    wrong = example().assign(event=lambda f: f["event"].where(f.index != 3, ~f["event"]))
    assert not truth_passes(found.problem, wrong)
    columns, truth, matches = ["event", "group", "sex"], example(), 0
    for _, rows in solutions_frame(found).groupby("solution"):
        months = truth["time"].to_numpy()
        inside = rows["earliest"].to_numpy() <= months, months <= rows["latest"].to_numpy()
        same = rows[columns].to_numpy().tolist() == truth[columns].to_numpy().tolist()
        matches += same and bool(inside[0].all() and inside[1].all())
    assert matches >= 1


def test_what_is_written_prints_the_paper_again():
    """The first cohort, printed anew by lifelines, gives the very file that was read.

    Told the conventions: what else might have been meant prints other numbers by these.
    """
    published, found = search_own(TEMPLATE, TEXTBOOK)
    template = Template(landmarks=(12, 24, 48), time_decimals=0)
    again = print_paper(first_cohort(found), FACTORS, PROGRAMS["SciPy"], template)
    assert again["printed"].tolist() == published["printed"].tolist()


@pytest.mark.parametrize(
    ("old", "new", "place", "mend"),
    [
        ("count,,13", "count,,130", "row 2, column 'printed'", "2 to 30 patients"),
        ("count,,13\n", "", "column 'statistic'", "number of all patients"),
        ("percent,sex=Male", "percent,sex=Mael", "'arguments'", "another spelling"),
        ("survival,at=12,", "survival,at12,", "row 11, column 'arguments'", "at=12; sex=male"),
        ("survival,at=12,", "survival,,", "row 11, column 'arguments'", "at=12"),
        ("sd,", "spread,", "row 5, column 'statistic'", "one of count"),
        ("statistic,", "name,", "row 1, column 'statistic'", "statistic, arguments, printed"),
        ("count,,13", "count,,13,1", "row 2", "quotes"),
        (",92.3", ",92.3%", "row 11, column 'printed'", "no %"),
        (",92.3", ",-", "row 11, column 'statistic'", "curve_at_zero or follow_up_ended"),
        (",92.3", ",923", "row 11, column 'printed'", "0 to 100"),
        (",92.3", ",-92.3", "row 11, column 'printed'", "no sign"),
        (",92.3", ',"92,3"', "row 11, column 'printed'", "digits and a point"),
        ("p_value,group=RIT,", "p_value,group=RIT,7", "column 'printed'", "0 to 1"),
        ("event=True,6", "event=True,16", "row 3, column 'printed'", "13 at the most"),
        ("event=True,6", "event=True,6.5", "row 3, column 'printed'", "a whole number"),
        ("event=True", "event=yes", "row 3, column 'arguments'", "event=True for the dead"),
        ("count,,13", "count,,13\ncount,,12", "row 3, column 'printed'", "13, as in row 2"),
        ("sd,", "\nsd,column=age,8\nsd,", "row 6, column 'arguments'", "column=time"),
        ("survival,at=12,", "survival,at=one year,", "row 11, column 'arguments'", "at=12"),
        ("survival,at=12,", "survival,at=12; of=9,", "row 11, column 'arguments'", "only at"),
        ("at=12; group=RIT", "at=12; group<RIT", "row 23, column 'arguments'", "group=yes"),
        ("at=12; group=RIT", "at=12; event=True", "row 23, column 'arguments'", "counts and perc"),
        ("q=0.25", "q=25", "row 9, column 'arguments'", "q=0.25"),
        ("p_value,group=RIT", "p_value,", "row 44, column 'arguments'", "compared with all others"),
        ("statistic,arguments,", "statistic;arguments;", "row 1", "with commas between them"),
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


@pytest.mark.slow
def test_no_figure_is_read_and_then_left_out(tmp_path):
    """Counts and shares of two groups, of the dead, after a time: each narrows down or fits."""
    more = {
        "count,group=RIT; sex=Male,": ("4", "5"),
        "percent,group=RIT; sex=Male,": ("30.8", "38.5"),
        "count,event=True; group=RIT,": ("2", "1"),
        "count,time>=50,": ("6", "5"),
    }
    text, path = TEMPLATE.read_text(encoding="utf8"), tmp_path / "mine.csv"
    (row,) = (line for line in text.splitlines() if line.startswith("count,group=RIT,"))
    path.write_text(text + "".join(f"{k}{right}\n" for k, (right, _) in more.items()), "utf8")
    assert truth_passes(search_own(path)[1].problem, example())
    for asked, (_, wrong) in list(more.items())[1:3]:
        path.write_text(text + f"{next(iter(more))}4\n{asked}{wrong}\n", "utf8")
        assert "No cohort" in verdict(search_own(path)[1]), asked
    path.write_text(text.replace(row, "count,group=RIT,8"), "utf8")
    assert "counts and percentages of 'group' do not agree" in verdict(search_own(path)[1])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("survival,at=12,92.3", "survival,at=12,93.2", "survival rates, limits or single times"),
        ("survival,at=48; group=RIT,85.7", "survival,at=48; group=RIT,87.5", "group=RIT, or"),
        ("p_value,sex=Female,0.52", "p_value,sex=Female,0.01", "or its P value"),
        pytest.param(
            "sd,column=time,18",
            "sd,column=time,11",
            "none of them the times as printed",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_slip_is_placed(tmp_path, old, new, said):
    """Where no cohort is found, the search says at which of its stages the last one was lost."""
    text, path = TEMPLATE.read_text(encoding="utf8"), tmp_path / "mine.csv"
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf8")
    assert said in verdict(search_own(path)[1])


def test_what_a_spreadsheet_does_to_a_file(tmp_path):
    """Empty lines, capitals and blanks in the head are passed over; another encoding is named."""
    text, path = TEMPLATE.read_text(encoding="utf8"), tmp_path / "mine.csv"
    path.write_text("Statistic, arguments ,Printed" + text[text.index("\n") :] + "\n,,\n", "utf8")
    pd.testing.assert_frame_equal(read_own(path), read_own(TEMPLATE))
    path.write_bytes(text.replace("Female", "Fémale").encode("latin1"))
    with pytest.raises(PublishedError, match=r"row 49.*UTF-8"):
        read_own(path)


def test_an_unknown_convention_is_named(tmp_path):
    """Switches and their options are checked against the registry."""
    path = tmp_path / "conventions.csv"
    path.write_text("convention,option\nmedian,middle\n", encoding="utf8")
    with pytest.raises(PublishedError, match="kaplan_meier, kaplan_meier_midpoint"):
        read_conventions(path)
    path.write_text("convention,option\nhalves,odd\n", encoding="utf8")
    with pytest.raises(PublishedError, match=r"row 2, column 'option'.*expected one of up"):
        read_conventions(path)
    path.write_text("switch,option\nmedian,follow_up\n", encoding="utf8")
    with pytest.raises(PublishedError, match="names convention, option"):
        read_conventions(path)
    path.write_text("convention,option\nmedian,follow_up\n", encoding="utf8")
    assert read_conventions(path) == TEXTBOOK | {"median": "follow_up"}
    assert read_conventions(TEMPLATE.with_name("conventions.csv"))["sd"] == "population"


@pytest.mark.slow
def test_command(tmp_path, capsys):
    """Files are written; a slip leaves no cohort; a missing folder or file is said."""
    assert main(["search", "--published", str(TEMPLATE), "--out", str(tmp_path / "a")]) == 0
    assert len(pd.read_csv(tmp_path / "a" / "patients.csv")) == 13
    assert "not patient records" in (tmp_path / "a" / "README.md").read_text("utf8")
    wrong = tmp_path / "mine.csv"
    wrong.write_text(TEMPLATE.read_text("utf8").replace(",92.3", ",93.2", 1), "utf8")
    assert main(["search", "--published", str(wrong), "--out", str(tmp_path / "b")]) == 3
    assert "No cohort" in capsys.readouterr().out
    assert not (tmp_path / "b" / "patients.csv").exists()
    assert main(["search", "--published", str(wrong), "--out", str(tmp_path / "a")]) == 1
    assert "there already; --force writes over it" in capsys.readouterr().err
    again = ["search", "--published", str(wrong), "--out", str(tmp_path / "a"), "--force"]
    assert main(again) == 3
    assert not (tmp_path / "a" / "patients.csv").exists()
    assert main(["search", "--published", str(wrong)]) == 2
    assert main(["search", "--published", str(TEMPLATE), "--out", str(wrong)]) == 1
    assert "not a folder" in capsys.readouterr().err
    assert main(["search", "--published", "nowhere.csv", "--out", str(tmp_path)]) == 1
    assert "no such file" in capsys.readouterr().err

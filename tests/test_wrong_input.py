"""What goes wrong with a file, a folder or a command: one sentence, a status, nothing written."""

import os
import sys
from itertools import chain
from pathlib import Path

import pytest

from eight_patients import GOOD
from recohort.__main__ import main
from recohort.own import answer as searching
from recohort.paper.reading import rows_of
from recohort.paper.short_file import read_own

HEAD = "row 1, column 'statistic'"
ARGUMENTS, PRINTED, STATISTIC = ("column " + repr(c) for c in ("arguments", "printed", "statistic"))


def lines(*more):
    """The good file with further lines."""
    return GOOD + "".join(f"{line}\n" for line in more)


def instead(old, new):
    """The good file with something else in place of a piece of it."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


FILES = {  # what is in the file, and words of the sentence
    "empty": ("", HEAD, "nothing"),
    "only a header": ("statistic,arguments,printed\n", "no such row", "count,,13"),
    "no header": (GOOD.partition("\n")[2], HEAD),
    "another column": (instead("printed", "value"), "row 1, column 'printed'"),
    "a column twice": (instead("printed", "printed,printed"), "row 1, column 'printed'"),
    "a column too many": (instead("printed", "printed,page"), "row 1, column 'page'", "only"),
    "semicolons": (GOOD.replace(",", ";"), HEAD, "with commas", "decimal point"),
    "semicolons and decimal commas": (
        GOOD.replace(",", ";").replace(".", ","),
        "row 1",
        "decimal comma",
    ),
    "tabs": (GOOD.replace(",", "\t"), HEAD, "with commas"),
    "UTF-16": (GOOD.encode("utf-16"), "row 1", "0xff", "UTF-8"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "row 1", "'\\x00'", "UTF-8"),
    "Latin-1": (instead("g=a", "g=ä").encode("latin-1"), "row 8", "0xe4", "UTF-8"),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00", "row 1", "spreadsheet", "CSV UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "row 1", "0x89", "UTF-8"),
    "a NUL": (instead("87.5", "87\x00.5"), "row 6", "'\\x00'"),
    "a blank without width": (instead("g=a", "g=\u200ba"), "row 8", "'\\u200b'"),
    "an open quote": (instead("at=12", '"at=12'), "row 6", "quotation mark"),
    "a sign behind a quote": (instead("at=12", '"at"=12'), "row 6", "quotation mark"),
    "a cell too many": (lines("count,g=a,4,"), "row 12", "4 cells", "3"),
    "a cell too few": (lines("survival,87.5"), "row 12", "2 cells"),
    "an unquoted decimal comma": (instead("87.5", "87,5"), "row 6", "decimal comma"),
    "a very long cell": (lines(f"count,g={'a' * 5000},4"), "row 12", ARGUMENTS, "200"),
    "a cell beyond all bounds": (lines(f"count,{'a' * 200_000},4"), "row 12"),
    "a number of 5000 digits": (instead("count,,8", "count,," + "8" * 5000), "row 2", PRINTED),
    "a P of 400 decimals": (lines("p_value,g=a,0." + "0" * 399 + "1"), "row 12", PRINTED, "signs"),
    "no number of patients": (instead("count,,8\n", ""), STATISTIC, "count,,13"),
    "no patients": (instead("count,,8", "count,,0"), "row 2", PRINTED),
    "one patient": (instead("count,,8", "count,,1"), "row 2", PRINTED, "patients"),
    "a million patients": (instead("count,,8", "count,,1000000"), "row 2", PRINTED),
    "a fraction of a patient": (instead("count,,8", "count,,8.0"), "row 2", PRINTED),
    "two numbers of patients": (lines("count,,7"), "row 12", PRINTED, "8, as in row 2"),
    "more dead than patients": (instead("event=True,4", "event=True,9"), "row 3", PRINTED),
    "an unknown statistic": (lines("survial,at=12,87.5"), "row 12", STATISTIC, "survival"),
    "a statistic in capitals": (lines("Survival,at=12,87.5"), "row 12", STATISTIC),
    "no statistic": (lines(",at=12,87.5"), "row 12", STATISTIC),
    "no number": (instead("87.5", ""), "row 6", PRINTED),
    "a word": (instead("87.5", "high"), "row 6", PRINTED),
    "nan": (instead("87.5", "nan"), "row 6", PRINTED),
    "infinity": (instead("87.5", "inf"), "row 6", PRINTED),
    "an exponent": (instead("87.5", "8.75e1"), "row 6", PRINTED),
    "a percent sign": (instead("87.5", "87.5%"), "row 6", PRINTED),
    "a sign": (instead("87.5", "+87.5"), "row 6", PRINTED),
    "a negative rate": (instead("87.5", "-87.5"), "row 6", PRINTED),
    "a typographic minus": (instead("87.5", "−87.5"), "row 6", PRINTED),
    "a negative time": (instead("time,9", "time,-9"), "row 4", PRINTED),
    "a rate above 100": (instead("87.5", "875"), "row 6", PRINTED, "100"),
    "a quoted decimal comma": (instead("87.5", '"87,5"'), "row 6", PRINTED),
    "a point at the end": (instead("87.5", "87."), "row 6", PRINTED),
    "a point first": (instead("87.5", ".5"), "row 6", PRINTED),
    "two points": (instead("87.5", "8.7.5"), "row 6", PRINTED),
    "Arabic digits": (instead("87.5", "٨٧.٥"), "row 6", PRINTED),
    "a superscript": (instead("87.5", "87.5²"), "row 6", PRINTED),
    "a rate with its limits": (instead("87.5", "87.5 (65-100)"), "row 6", PRINTED),
    "a count with its whole": (instead("g=a,4", "g=a,4/8"), "row 8", PRINTED),
    "a P above 1": (lines("p_value,g=a,1.2"), "row 12", PRINTED),
    "a P of all": (lines("p_value,,0.2"), "row 12", ARGUMENTS),
    "no time of a rate": (lines("survival,,87.5"), "row 12", ARGUMENTS, "at="),
    "a rate at zero": (lines("survival,at=0,100"), "row 12", ARGUMENTS, "above 0"),
    "a rate before zero": (lines("survival,at=-12,100"), "row 12", ARGUMENTS),
    "a year as a word": (lines("survival,at=1y,87.5"), "row 12", ARGUMENTS, "at=12"),
    "a time twice": (lines("survival,at=12; at=24,87.5"), "row 12", ARGUMENTS),
    "a piece without a sign": (lines("survival,at 12,87.5"), "row 12", ARGUMENTS),
    "a comma between pieces": (lines('survival,"at=48, g=a",75.0'), "row 12", ARGUMENTS),
    "an unknown option": (lines("survival,at=48; unit=m,50.0"), "row 12", ARGUMENTS),
    "a group of another name": (lines("survival,at=48; g=c,50.0"), "row 12", ARGUMENTS, "g=c"),
    "a group without a count": (lines("survival,at=48; x=a,50.0"), "row 12", ARGUMENTS, "x=a"),
    "two spellings of a factor": (lines("count,G=a,4"), "row 12", ARGUMENTS, "'G'"),
    "a column of numbers": (lines("mean,column=age,60"), "row 12", ARGUMENTS, "column=time"),
    "event by another word": (lines("count,event=yes,4"), "row 12", ARGUMENTS, "event=True"),
    "a contradicting copy": (lines("survival,at=12,75.0"), "row 12", PRINTED, "87.5, as in row 6"),
    "a header in German": (
        instead("statistic,arguments,printed", "Statistik,Argumente,Wert"),
        HEAD,
        "statistic, arguments, printed",
    ),
    "semicolons below the header": (
        "statistic,arguments,printed\n" + GOOD.partition("\n")[2].replace(",", ";"),
        "row 2",
        "commas stand between cells",
    ),
    "a remark among the lines": (lines("# from table 2"), "row 12", "1 cells"),
    "a no-break space in a number": (instead("87.5", "87\u00a0.5"), "row 6", PRINTED),
    "thousands": (lines('maximum,column=time,"1,234"'), "row 12", PRINTED, "1234 for thousands"),
    "thousands parted by a thin space": (lines("sd,column=time,1\u202f234"), "row 12", "u202f"),
    "a share above 1": (lines("survival,at=30; unit=share,87.5"), "row 12", PRINTED, "0 to 1"),
    "a percentage as a share": (lines("percent,g=a,0.5"), "row 12", PRINTED, "unit=share"),
    "an error above 100": (lines("standard_error,at=12,120"), "row 12", PRINTED, "100"),
    "a level as a share": (lines("survival_lower,at=12; level=0.95,62.0"), ARGUMENTS, "above 50"),
    "a level as alpha": (lines("survival_lower,at=12; level=5,62.0"), ARGUMENTS, "level=90"),
    "a level with its sign": (lines("survival_lower,at=12; level=95%,62.0"), ARGUMENTS, "level=90"),
    "P and its name": (lines("p_value,g=a,P<0.001"), "row 12", PRINTED, "<0.001"),
    "P not significant": (lines("p_value,g=a,NS"), "row 12", PRINTED, "no word"),
    "P with a star": (lines("p_value,g=a,0.03*"), "row 12", PRINTED, "as printed"),
    "a time and more": (lines("median_survival,,60+"), "row 12", PRINTED, ">60"),
    "a median with its unit": (lines("median_survival,,12 mo"), "row 12", PRINTED, "no word"),
    "a median not available": (lines("median_survival,,n/a"), "row 12", PRINTED),
    "a dash for a median": (lines("median_survival,,-"), "row 12", STATISTIC, "not reached"),
    "a range as a median": (lines("median,column=time,9-69"), "row 12", PRINTED, "one number"),
    "limits of a median as of SPSS": (
        lines(
            "median_survival,,31.0", "median_survival_lower,,18.2", "median_survival_upper,,43.8"
        ),
        "row 13",
        "enter the median, leave its limits out",
    ),
    "limits in brackets": (
        lines('survival,at=30,"87.5 [65.0; 100.0]"'),
        "row 12",
        "three lines, survival,at=30,87.5, survival_lower,at=30,65.0",
    ),
    "limits with decimal commas": (
        lines('survival,at=30,"87,5 (65,0-100,0)"'),
        "row 12",
        "three lines, survival,at=30,87.5, survival_lower,at=30,65.0",
    ),
    "a level in capitals": (lines("survival,at=30; g=A,75.0"), "row 12", ARGUMENTS, "spelling"),
    "a landmark before zero": (lines("count,time>=-3,8"), "row 12", ARGUMENTS, "time>=12"),
    "a count at one time": (lines("count,time=12,1"), "row 12", ARGUMENTS, "after >="),
    "a number as a factor": (lines("count,age>60,4"), "row 12", ARGUMENTS, "age=yes"),
    "death as a factor": (lines("count,died=yes,4"), "row 12", ARGUMENTS, "event=True"),
    "a patient of two times": (
        lines("patient,id=3; time=9,", "patient,id=3; time=12,"),
        "row 13",
        "time=9, as in row 12",
    ),
    "a patient of whom nothing is said": (lines("patient,id=3,"), "row 12", ARGUMENTS, "time=7"),
    "a patient with a number": (lines("patient,id=3; time=9,7"), "row 12", PRINTED, "nothing"),
    "a patient's time in words": (lines("patient,id=3; time=9 months,"), "row 12", "time=7"),
    "groups counted by a bound": (
        lines("count,h=a,<5", "count,h=b,3", "p_value,by=h,0.2"),
        "row 14",
        "a count of each",
    ),
}
NAMES = ("solution", "Patient", "patient_id", "place", "earliest", "latest")
FILES |= {
    f"a factor named {n}": (GOOD.replace("g=", f"{n}="), "row 8", ARGUMENTS, n) for n in NAMES
}
CONVENTIONS = {
    "another header": ("switch,option\nmedian,kaplan_meier\n", "row 1, column 'convention'"),
    "an unknown switch": ("convention,option\nmiddle,kaplan_meier\n", "row 2, column 'convention'"),
    "an unknown option": ("convention,option\nmedian,middle\n", "row 2, column 'option'"),
    "binary": (b"convention,option\n\xff", "row 2", "UTF-8"),
}
FOLDERS = {  # what the folder is made to be, and words of the sentence
    "a file": (lambda p: p.write_text(""), "not a folder"),
    "a link": (lambda p: p.symlink_to(p.parent, target_is_directory=True), "link"),
    "a link to nothing": (lambda p: p.symlink_to(p.parent / "nowhere"), "link"),
    "an answer": (lambda p: (p.mkdir(), (p / "README.md").write_text("")), "--force"),
    "a link in it": (
        lambda p: (p.mkdir(), (p / "patients.csv").symlink_to(p.parent / "mine.csv")),
        "patients.csv",
        "link",
    ),
    "a folder in it": (lambda p: (p / "solutions.csv").mkdir(parents=True), "solutions.csv"),
}
PLACES = {"below a file": "mine.csv/out", "a name too long": "x" * 300}
COMMANDS = {
    "no folder": (),
    "no seconds": ("--out", "out", "--time", "0"),
    "seconds before": ("--out", "out", "--time", "-5"),
    "seconds in words": ("--out", "out", "--time", "long"),
    "no memory": ("--out", "out", "--memory", "0"),
    "an unknown option": ("--out", "out", "--fast"),
}
CONTRADICTIONS = {  # further lines, and words of the sentences
    "limits in the wrong order": (
        ("survival_lower,at=12,90.0", "survival_upper,at=12,60.0"),
        "rows 6 and 12:",
        "rows 6 and 13:",
        "rows 12 and 13: the lower limit of survival (90.0) is above the upper limit",
    ),
    "survival that rises": (("survival,at=60,62.5",), "rows 7 and 12: survival cannot rise"),
    "levels beyond all": (("count,h=a,5", "count,h=b,4"), "rows 12 and 13:", "do not add up"),
    "percent and count": (("percent,g=a,62.5",), "rows 8 and 12:", "do not add up"),
    "no such percentage": (("percent,event=True,46.3",), "row 12:", "do not add up"),
    "dead of a group": (("count,event=True; g=a,5",), "row", "do not add up"),
    "dead of all groups": (
        ("count,event=True; g=a,1", "count,event=True; g=b,1"),
        "rows 3, 12 and 13:",
    ),
    "counts that grow with time": (("count,time>=12,3", "count,time>=24,5"), "rows 12 and 13:"),
    "median below the minimum": (("median,column=time,5",), "rows 4 and 12: minimum (9)"),
    "mean above the maximum": (("mean,column=time,75",), "rows 5 and 12: mean (75)"),
    "quartiles out of order": (
        ("quantile,column=time; q=0.25,50", "quantile,column=time; q=0.75,20"),
        "rows 12 and 13:",
    ),
    "a minimum of a group": (("minimum,column=time; g=a,5",), "rows 4 and 12:"),
    "a rate of no group of its size": (("survival,at=60; g=a,33.4",), "row 12: no 4 patients"),
    "a hazard ratio outside": (
        ("hazard_ratio,g=a,2.0", "hazard_ratio_lower,g=a,2.5"),
        "rows 12 and 13: the lower limit of hazard ratio",
    ),
}


@pytest.fixture(autouse=True)
def no_search(monkeypatch):
    """Nothing here may come to a search."""
    monkeypatch.setattr(searching, "find_within", lambda *_, **__: pytest.fail("searched"))


def run(folder, monkeypatch, content, *more, out="out"):
    """The exit status of a search in a folder, with what is in the folder before and after."""
    monkeypatch.chdir(folder)
    content = content if isinstance(content, bytes) else content.encode("utf8")
    Path("mine.csv").write_bytes(content)
    where = ["--out", out] if out else []
    before = everything(folder)
    try:
        status = main(["search", "--published", "mine.csv", *where, *more])
    except SystemExit as error:
        status = error.code
    return status, before == everything(folder)


SAME = {  # what a spreadsheet does to a file, and its reader need not know
    "a mark of the byte order": "\ufeff" + GOOD,
    "empty lines": GOOD.replace("\n", "\n\n"),
    "lines of commas": GOOD.replace("\n", "\n,,\n"),
    "ends of lines as in Windows": GOOD.replace("\n", "\r\n"),
    "blanks around a level": GOOD.replace("g=a", " g = a "),
    "a no-break space behind a number": GOOD.replace("87.5", "87.5\u00a0"),
    "times in another order": GOOD.replace("survival,at=12,87.5\n", "") + "survival,at=12,87.5\n",
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME)
def test_what_is_the_same_is_read_the_same(tmp_path, content):
    """Neither refused nor read as something else."""
    numbers = []
    for text in (GOOD, content):
        (tmp_path / "mine.csv").write_bytes(text.encode("utf8"))
        rows = rows_of(read_own(tmp_path / "mine.csv"))
        numbers.append({(r.statistic, r.filters, r.options, r.printed) for r in rows})
    assert numbers[0] == numbers[1]


def everything(folder):
    """All that is in a folder, links as links."""
    found = [Path(root, name) for root, *some in os.walk(folder) for name in chain(*some)]
    return {
        path: str(path.readlink()) if path.is_symlink() else path.is_dir() or path.read_bytes()
        for path in found
    }


def one_sentence(capsys, words):
    """What is said on the error stream: one line with the words, nothing on the other."""
    said = capsys.readouterr()
    assert not said.out
    assert said.err.count("\n") == 1
    assert len(said.err) < 600
    for word in words:
        assert word in said.err


@pytest.mark.parametrize(("content", "words"), [(c, w) for c, *w in FILES.values()], ids=FILES)
def test_a_wrong_file(tmp_path, monkeypatch, capsys, content, words):
    """A sentence with file, row and column."""
    assert run(tmp_path, monkeypatch, content) == (1, True)
    one_sentence(capsys, ["mine.csv, row", *words])


@pytest.mark.parametrize(
    ("content", "words"), [(c, w) for c, *w in CONVENTIONS.values()], ids=CONVENTIONS
)
def test_wrong_conventions(tmp_path, monkeypatch, capsys, content, words):
    """The same of the other file."""
    told = tmp_path / "told.csv"
    told.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert run(tmp_path, monkeypatch, GOOD, "--conventions", "told.csv") == (1, True)
    one_sentence(capsys, ["told.csv, row", *words])


@pytest.mark.parametrize(("make", "words"), [(m, w) for m, *w in FOLDERS.values()], ids=FOLDERS)
def test_a_wrong_folder(tmp_path, monkeypatch, capsys, make, words):
    """What stands there is not written over, and links are not followed, before any search."""
    make(tmp_path / "out")
    assert run(tmp_path, monkeypatch, GOOD) == (1, True)
    one_sentence(capsys, ["out", *words])


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_place_for_a_folder(tmp_path, monkeypatch, capsys, place):
    """A folder that cannot be made."""
    assert run(tmp_path, monkeypatch, GOOD, out=place) == (1, True)
    one_sentence(capsys, [place.partition("/")[0]])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system's own folder")
def test_a_folder_that_takes_no_files(tmp_path, monkeypatch, capsys):
    """Where not even its owner can write."""
    assert run(tmp_path, monkeypatch, GOOD, out="/proc/mine") == (1, True)
    one_sentence(capsys, ["/proc: nothing can be written here"])


@pytest.mark.parametrize("name", ["nowhere.csv", ".", "nowhere/mine.csv"])
@pytest.mark.parametrize("option", ["--published", "--conventions"])
def test_no_such_file(tmp_path, monkeypatch, capsys, option, name):
    """A file that is not there, or is a folder."""
    assert run(tmp_path, monkeypatch, GOOD, option, name) == (1, True)
    one_sentence(capsys, [f"{name}: no such file"])


@pytest.mark.parametrize("options", COMMANDS.values(), ids=COMMANDS)
def test_a_wrong_command(tmp_path, monkeypatch, capsys, options):
    """Status 2, as of every command."""
    assert run(tmp_path, monkeypatch, GOOD, *options, out=None) == (2, True)
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"), [(m, w) for m, *w in CONTRADICTIONS.values()], ids=CONTRADICTIONS
)
def test_what_contradicts_itself(tmp_path, monkeypatch, capsys, more, words):
    """All of it is told, with its rows, and nothing is searched; the answer is written: none."""
    assert run(tmp_path, monkeypatch, lines(*more))[0] == 3
    said = capsys.readouterr()
    assert not said.err
    assert "no search is needed" in said.out
    written = (tmp_path / "out" / "README.md").read_text("utf8")
    for word in words:
        assert word in said.out
        assert word in written
    assert not (tmp_path / "out" / "patients.csv").exists()

"""The engine's public face: names, README, and what importing it costs."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import recohort
from recohort.__main__ import main, parser

SRC = Path(__file__).parents[1] / "src"
README = SRC / "recohort" / "README.md"
HEAVY = "numpy pandas scipy lifelines ortools z3 matplotlib IPython".split()


def test_every_public_name_is_there_and_described():
    """Each name leads to something with a docstring; another name is an AttributeError."""
    assert dir(recohort) == sorted(recohort.__all__)
    for name in recohort.__all__:
        assert getattr(recohort, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(recohort, "nothing")  # noqa: B009


def test_importing_the_package_loads_nothing():
    """Names are loaded when they are asked for."""
    code = f"import recohort, sys; print(*[n for n in {HEAVY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "\n"


@pytest.mark.slow
def test_a_search_says_nothing_beside_its_answer(tmp_path):
    """No warning of a library, where times without an end are told as elsewhere."""
    paper = SRC.parent / "data" / "examples" / "01-aml-maintained" / "published.csv"
    words = [sys.executable, "-m", "recohort", "search", "--published", paper, "--out", tmp_path]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 orders with groups are consistent" in done.stdout


def test_the_readme_says_what_happens(tmp_path, monkeypatch):
    """Its example is run as it stands, on the file that it shows."""
    text = README.read_text(encoding="utf8")
    lines = re.search(r"\n    (statistic,.*?)\n\n", text, re.S)[1]
    (tmp_path / "mine.csv").write_text(re.sub("(?m)^ +", "", lines) + "\n")
    monkeypatch.chdir(tmp_path)
    done = doctest.testfile(str(README), module_relative=False, encoding="utf8")
    assert (done.failed, done.attempted) == (0, 5)


def test_readme_and_help_agree():
    """Commands, exit statuses and times stand in both, alike."""
    text, told = README.read_text(encoding="utf8"), parser().format_help()
    for command in re.findall(r"^\| `recohort (\w+)`", text, re.M):
        assert re.search(rf"^    {command}\b", told, re.M), command
    for status in re.findall(r"^\| (\d+) \|", text, re.M):
        assert re.search(rf"\b{status} ", parser().description), status
    times = re.findall(r"`recohort (\w+)`.*\(([\w ]+)\)(?:,.*)? \|$", text, re.M)
    assert len(times) == 6
    for command, time in times:
        assert f"({time})" in " ".join(told.split()), (command, time)


def test_the_map_leads_to_what_there_is():
    """Every file and folder of the map exists."""
    text = (SRC / "README.md").read_text(encoding="utf8")
    rooms = "recohort|thirteen|thirteen_lessons|data|chapters|_ext"
    named = re.findall(rf"`((?:{rooms})/[\w./]*)`", text)
    assert len(named) > 15
    for name in named:
        assert (SRC / name).exists() or (SRC.parent / name).exists(), name


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_an_empty_request_is_refused(number, capsys):
    """Nothing is written for no papers."""
    with pytest.raises(SystemExit) as ended:
        main(["validate", "--papers", number])
    assert ended.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


@pytest.mark.slow
def test_whoever_read_may_have_gone():
    """As with `recohort statistics | head -1`: no word of a broken pipe, and all is well."""
    command = [sys.executable, "-m", "recohort", "statistics"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 0

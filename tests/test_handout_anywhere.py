"""The handout away from the book: notebooks with only what lies beside them, R scripts, data."""

import json
import re
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pandas as pd
import pytest
from handout import write_handout
from handout_data import STATIC, read_codebook
from handout_sheet import log_rank_rows, write_sheet

from test_lessons import LESSONS, TASKS_THAT_COMPUTE
from thirteen import read_patients

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("handout")]  # the handout is made once

RSCRIPT = shutil.which("Rscript")
NOT_IN_R = {"10.4", "11.4"}  # Python's random numbers; a printed page
FIRST_CELL = (STATIC / "first_cell.py").read_text(encoding="utf-8")
NEEDED = re.search(r'needed = "([^"]+)"', FIRST_CELL)[1]  # libraries; theirs come with them
RUN = """
import json, re, sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from importlib.util import find_spec
sys.meta_path = [m for m in sys.meta_path if "editable" not in repr(m).lower()]
sys.path = [p for p in sys.path if not p.endswith("/src")]
assert find_spec("thirteen") is None and find_spec("recohort") is None

needed, brought = sys.argv[1].split(), set()
while needed:
    name = needed.pop().lower().replace("_", "-")
    if name not in brought:
        brought.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:  # for another system
            continue
        needed += [re.match(r"[\\w.-]+", x)[0] for x in lines if "extra ==" not in x]
installed = packages_distributions()

class OnlyThese:
    # Whatever else is installed here is not there for the notebooks.
    def find_spec(self, name, path=None, target=None):
        homes = {home.lower().replace("_", "-") for home in installed.get(name, ())}
        if homes and not homes & (brought | {"thirteen"}):
            raise ModuleNotFoundError(f"{name} is not brought by the handout")

sys.meta_path.insert(0, OnlyThese())
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
for page in sys.argv[2:]:
    shell.reset(new_session=True)
    print(page, file=sys.stderr)
    for cell in json.load(open(page))["cells"]:
        if cell["cell_type"] == "code":
            with capture_output():
                result = shell.run_cell("".join(cell["source"]))
            result.raise_error()
import thirteen
assert "thirteen_helper" in thirteen.__file__, thirteen.__file__
"""


def run_pages(names, folder, **environment):
    """Run notebooks in a process of their own, with what the first cell brings and no more."""
    command = [sys.executable, "-c", RUN, NEEDED, *names]
    environment |= {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    """The handout, unpacked from its archive somewhere else."""
    made = tmp_path_factory.mktemp("made") / "handout"
    away = tmp_path_factory.mktemp("away")
    with ZipFile(write_handout(made)) as archive:
        archive.extractall(away)
    return away / "handout"


def test_the_notebooks_run_with_what_lies_beside_them(handout):
    """No book, no helper on the path, no library that the first cell would not install: all run."""
    names = [f"{page.stem}.ipynb" for page in LESSONS]
    done = run_pages(names, handout / "with-solutions", MPLBACKEND="agg", HOME=str(handout))
    assert done.returncode == 0, done.stderr[-2000:]


def test_without_the_helper_the_first_cell_says_what_to_do(handout, tmp_path):
    """In words, not as a missing module."""
    name = f"{LESSONS[0].stem}.ipynb"
    shutil.copy(handout / "without-solutions" / name, tmp_path)
    done = run_pages([name], tmp_path)
    assert done.returncode != 0
    assert "Put thirteen.zip, from the handout, beside this notebook" in done.stderr


@pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_r_scripts_solve_the_same_exercises(handout, page):
    """Each that computes, with the same answers; without solutions nothing is answered yet."""
    for kind, wanted in (("with-solutions", "right"), ("without-solutions", "no answer yet")):
        script = handout / kind / "R" / f"{page.name[:2]}.R"
        done = subprocess.run([RSCRIPT, script.name], cwd=script.parent, capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        said = dict(line.rstrip().split(" ", 1) for line in done.stdout.splitlines())
        lesson = str(int(page.name[:2]))
        names = {n for n in TASKS_THAT_COMPUTE if n.split(".")[0] == lesson} - NOT_IN_R
        assert said == dict.fromkeys(names, wanted)


def test_r_scripts_hide_their_solutions(handout):
    """Nothing of a solution is left in the students' scripts."""
    for script in sorted((handout / "without-solutions" / "R").glob("[0-9]*.R")):
        text = script.read_text(encoding="utf-8")
        assert "solution" not in text
        assert text.count("answer <- ") == text.count("answer <- NA") == text.count('compare("')


def test_data_are_plain(handout):
    """Numbers only, short names, each column in the codebook; the events are the cohort's."""
    book = pd.read_csv(handout / "data" / "codebook.csv")
    assert book.equals(read_codebook()[["file", "column", "meaning"]])
    for name, group in book.groupby("file"):
        frame = pd.read_csv(handout / "data" / name)
        assert frame.columns.tolist() == group["column"].tolist()
        assert all(pd.api.types.is_numeric_dtype(frame[c]) for c in frame)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{1,13}", c) for c in frame)
    thirteen = pd.read_csv(handout / "data" / "thirteen.csv")
    patients = read_patients()
    assert thirteen["time"].tolist() == patients["time"].tolist()
    assert thirteen["event"].tolist() == patients["event"].astype(int).tolist()
    assert thirteen["cause"].gt(0).eq(thirteen["event"] == 1).all()


def test_the_sheet_is_two_pages_and_the_same_each_time(tmp_path):
    """A PDF that a second run repeats; its sums are the log-rank test's."""
    one, two = (write_sheet(tmp_path / name).read_bytes() for name in "ab")
    assert one == two
    assert one.startswith(b"%PDF")
    assert one.count(b"/Type /Page ") == 2
    steps = log_rank_rows(read_patients())
    gap = steps["died"].sum() - steps["expected"].sum()
    assert gap**2 / steps["variance"].sum() == pytest.approx(11.8926, abs=1e-4)  # R's survdiff


def test_the_archive_is_whole_and_the_same_each_time(handout, tmp_path):
    """Teachers' page, README and helper are in it; two runs give the same bytes."""
    files = {p.relative_to(handout).as_posix() for p in handout.rglob("*") if p.is_file()}
    assert {"README.txt", "teaching.md", "sheet.pdf", "thirteen.zip", "data/thirteen.csv"} <= files
    one, two = (write_handout(tmp_path / name / "handout").read_bytes() for name in "ab")
    assert one == two
    words = (handout / "teaching.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+\.(?:ipynb|md))\)", words)
    assert links
    assert all((handout / link).exists() for link in links)
    cells = json.loads((handout / "with-solutions" / f"{LESSONS[0].stem}.ipynb").read_text())
    assert "thirteen.zip" in "".join(cells["cells"][1]["source"])

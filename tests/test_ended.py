"""What ends a command from outside: an interruption as libraries load, a process that is killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recohort import stages
from recohort.__main__ import main
from recohort.digests import read_digests
from recohort.own import writing
from recohort.stages import Stage, processes
from recohort.survival.cohorts import UndecidedError
from thirteen.data import DATA

KEPT = "What was finished is kept; the same command goes on.\n"
KILLED = (
    "Open: the system ended a process, most often because memory ran out; "
    "what was finished is kept\n"
)

# The program, interrupted by itself when it looks for a module.
LOADING = """import os, runpy, signal, sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)

module = sys.argv.pop(1)
sys.meta_path.insert(0, Interrupting())
runpy.run_module("recohort", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["pandas", "ortools.util.python.sorted_interval_list"])
def test_an_interruption_while_libraries_load_is_one_line(module):
    """The second is loaded by a library in C++, which makes another error of an interruption."""
    words = [sys.executable, "-c", LOADING, module, "audit", "--list", "--data", str(DATA)]
    run = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (130, f"Interrupted. {KEPT}")
    assert run.stdout == ""


@pytest.mark.slow
def test_an_interruption_that_is_ignored_stays_ignored():
    """As of a program that was started in the background, where others are interrupted."""
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    words = [sys.executable, "-c", ignored + LOADING, "pandas", "audit", "--list"]
    words += ["--data", str(DATA)]
    run = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_killed_process_is_one_sentence(tmp_path, monkeypatch, capsys):
    """What was finished before is kept; the status says that the question is open."""
    for name in "published statements conventions dictionary rules".split():
        (tmp_path / f"{name}.csv").write_bytes((DATA / f"{name}.csv").read_bytes())

    def killed(*_):
        with processes(1, [(signal.raise_signal, signal.SIGKILL)]) as (made,):
            made.result()

    two = [Stage("first", 1, lambda _: {"first.txt": ""}, quick=True), Stage("long", 1, print)]
    monkeypatch.setattr(stages, "stages_for", lambda _: two)
    monkeypatch.setattr(stages, "make_apart", killed)
    assert main(["audit", "--data", str(tmp_path)]) == 4
    assert capsys.readouterr().err == KILLED
    assert list(read_digests(tmp_path)) == ["cohort/first.txt"]


def test_an_undecided_search_is_one_sentence(tmp_path, monkeypatch, capsys):
    """Neither shown nor refuted: the question is open, and no traceback says so."""
    for name in "published statements conventions dictionary rules".split():
        (tmp_path / f"{name}.csv").write_bytes((DATA / f"{name}.csv").read_bytes())

    def undecided(_):
        raise UndecidedError("3 orders with groups are neither shown nor refuted")

    monkeypatch.setattr(stages, "stages_for", lambda _: [Stage("first", 1, undecided, quick=True)])
    assert main(["audit", "--data", str(tmp_path)]) == 4
    assert capsys.readouterr().err == "Open: 3 orders with groups are neither shown nor refuted\n"


def test_a_process_that_writes_an_answer_and_is_killed(tmp_path, monkeypatch):
    """It is no interruption, and nothing is written."""
    monkeypatch.setattr(writing, "texts_of", lambda *_: signal.raise_signal(signal.SIGKILL))
    with pytest.raises(ChildProcessError, match="the answer is not written: "):
        writing.write_answer(None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="children are looked up in /proc")
def test_a_killed_worker_of_audit(tmp_path):
    """As the system does when memory runs out: the command ends at once, nothing is lost."""
    shutil.copytree(DATA, tmp_path / "data")
    before = read_digests(tmp_path / "data")
    words = "-m recohort audit --stages months --again --data data".split()
    run = subprocess.Popen(
        [sys.executable, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    while len(own := children.read_text().split()) < 2:  # the first keeps the pool's account
        assert run.poll() is None
        time.sleep(0.1)
    os.kill(int(own[-1]), signal.SIGKILL)
    said = run.communicate(timeout=60)[1]
    assert (run.returncode, said) == (4, KILLED)
    assert read_digests(tmp_path / "data") == before

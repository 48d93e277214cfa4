"""Everything is made from the printed files alone, in one order, and taken up where it ended."""

import shutil

import pandas as pd
import pytest

import made_up
from recohort import stages
from recohort.__main__ import main
from recohort.digests import COHORT, RECORD, digest_of, read_digests, unlike_command
from recohort.edition import Work
from recohort.paper.files import PublishedError
from recohort.progress import Progress
from recohort.stages import NOTE, STAGES, Stage, make, run_stages, with_needs
from thirteen.data import DATA

PRINTED = "published statements conventions dictionary rules".split()
MEASURED = "renal_function.csv"  # found in floating point: elsewhere its last decimal may differ
LATER = ("ledger.csv", "identifiability.csv", "patients_marked.csv", "patients_determined.csv")


def printed_files(folder):
    """The edition's printed files alone."""
    for name in PRINTED:
        shutil.copy(DATA / f"{name}.csv", folder)
    shutil.copy(DATA / NOTE, folder)
    return folder


def short_paper(folder):
    """A made-up paper of eight patients."""
    made = made_up.made_up(folder, 3, 8)
    rows = [(switch, option, switch) for switch, option in made.conventions.items()]
    made_up.write(folder / "conventions.csv", ["convention", "option", "meaning"], rows)
    return folder


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Three stages that say what they do, the second after the first, the third after both."""
    short_paper(tmp_path)
    ran = []

    def made(name):
        def write_name(_):
            """It writes its name."""
            ran.append(name)
            return {f"{name}.txt": name}

        return write_name

    three = [
        Stage("first", 1, made("first"), quick=True),
        Stage("second", 1, made("second"), after=("first",)),
        Stage("third", 1, made("third"), uses=("first", "second"), quick=True),
    ]
    monkeypatch.setattr(stages, "stages_for", lambda _: three)
    monkeypatch.setattr(stages, "make_apart", lambda stage, path, _: make(stage, Work(path)))
    return tmp_path, ran


def test_finished_stages_are_kept(toy, capsys):
    """A second run makes nothing; a lost or an edited file is made anew, the latter by name."""
    folder, ran = toy
    assert run_stages(folder).made == ["first", "second", "third"]
    assert run_stages(folder) == ([], ["first", "second", "third"])
    (folder / COHORT / "second.txt").unlink()
    assert run_stages(folder).made == ["second"]
    (folder / COHORT / "third.txt").write_text("edited")
    assert unlike_command(folder) == [f"{COHORT}/third.txt"]
    assert capsys.readouterr().err == ""
    assert run_stages(folder).made == ["third"]
    said = capsys.readouterr().err
    assert said.startswith(f"{COHORT}/third.txt, row 1")
    assert said.endswith("made anew\n")
    assert unlike_command(folder) == []
    assert ran == ["first", "second", "third", "second", "third"]


def test_another_number_makes_all_again(toy):
    """What was made from other printed files is not finished; prose does not count."""
    folder, _ = toy
    run_stages(folder)
    path = folder / "statements.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *rows[1:]]) + "\n")
    assert unlike_command(folder) == ["statements.csv"]
    assert run_stages(folder).made == ["first", "second", "third"]


def test_quick_stages_and_named_ones(toy):
    """The quick ones alone; a named one with what it needs; no others."""
    folder, _ = toy
    assert run_stages(folder, ["second"]).made == ["first", "second"]
    assert run_stages(folder, quick=True) == (["third"], ["first"])
    assert run_stages(folder, ["first"], again=True).made == ["first"]
    with pytest.raises(PublishedError, match="no stage 'fourth': expected one of first, second"):
        run_stages(folder, ["fourth"])


def test_an_interruption_keeps_what_is_finished(toy, monkeypatch, capsys):
    """One line is said, and the next run goes on where this one stopped."""
    folder, ran = toy
    first, second, third = stages.stages_for(None)

    def interrupted(_):
        raise KeyboardInterrupt

    stopped = [first, second._replace(make=interrupted), third]
    monkeypatch.setattr(stages, "stages_for", lambda _: stopped)
    assert main(["audit", "--data", str(folder)]) == 130
    assert capsys.readouterr().err.count("\n") == 1
    assert set(read_digests(folder)) == {f"{COHORT}/first.txt"}
    monkeypatch.setattr(stages, "stages_for", lambda _: [first, second, third])
    assert run_stages(folder).made == ["second", "third"]
    assert ran == ["first", "second", "third"]


def test_progress_is_for_terminals(toy, monkeypatch, capsys):
    """Done, total and time left where somebody looks; nothing elsewhere."""
    folder, _ = toy
    run_stages(folder)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    run_stages(folder, ["second"], again=True)
    assert "seconds of work: 0 of 1: second" in capsys.readouterr().err


def test_how_far_some_work_is(monkeypatch, capsys):
    """Done, total and the time left at the pace so far, twice a second at the most."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    clock = iter([100, 100.2, 250, 9000])
    monkeypatch.setattr("recohort.progress.monotonic", lambda: next(clock))
    progress = Progress()
    progress("work", 0, 660)
    progress("work", 1, 660)  # too soon
    progress("work", 150, 660, ": long")
    progress("other work", 1, 2)
    said = capsys.readouterr().err.split("\r\033[K")
    assert said == [
        "",
        "work: 0 of 660 ",
        "work: 150 of 660, 510 s left: long ",
        "other work: 1 of 2, 0 s left ",
    ]


def test_stages_stand_after_what_they_read():
    """The order is one in which every stage finds its files."""
    names = [stage.name for stage in STAGES]
    for k, stage in enumerate(STAGES):
        assert {*stage.after, *stage.uses} <= set(names[:k]), stage.name
    every = {stage.name: stage for stage in STAGES}
    assert with_needs(["free"], every) == ["roles", "free"]
    assert with_needs(["known", "stay"], every) == ["cohort", "stay", "known"]


@pytest.mark.slow
def test_the_whole_command_on_a_made_up_paper(tmp_path, capsys):
    """From an empty folder, through every stage that the paper has, and sound in the end."""
    folder = short_paper(tmp_path)
    assert main(["audit", "--data", str(folder)]) == 0
    assert "conflicts" in capsys.readouterr().out
    assert unlike_command(folder) == []
    assert main(["check", "--data", str(folder)]) == 0
    assert run_stages(folder).made == []
    assert {path.name for path in (folder / COHORT).iterdir()} == {
        RECORD,
        *(name.removeprefix(f"{COHORT}/") for name in read_digests(folder)),
    }


@pytest.mark.slow
def test_a_level_that_is_not_printed_is_the_others(tmp_path):
    """Where a paper prints one level of two, who is not of it is of the other one."""
    folder = short_paper(tmp_path)
    for name in ("published", "statements"):
        lines = (folder / f"{name}.csv").read_text("utf8").splitlines()
        kept = [line for line in lines if "smoker=yes" not in line]
        (folder / f"{name}.csv").write_text("\n".join([*kept, ""]), encoding="utf8")
    run_stages(folder, quick=True)
    smoker = pd.read_csv(folder / COHORT / "patients.csv")["smoker"]
    assert set(smoker) == {"no", "yes"}
    assert main(["check", "--data", str(folder)]) == 0


@pytest.mark.slow
def test_the_editions_cohort_from_nothing(tmp_path):
    """The quick stages from an empty folder write the committed files byte for byte.

    The ledger and what is known of cells look at longer stages; with their files beside, as they
    are committed, these are the same, too.
    """
    folder = printed_files(tmp_path)
    run_stages(folder, quick=True)
    made = {name.removeprefix(f"{COHORT}/") for name in read_digests(folder)}
    assert unlike_committed(folder, made) <= {*LATER, MEASURED}
    for name in "roles number_cells related_cells free_cells".split():
        shutil.copy(DATA / COHORT / f"{name}.csv", folder / COHORT)
    run_stages(folder, ["known", "ledger"], again=True)
    assert unlike_committed(folder, made) <= {MEASURED}
    pairs, kept = (pd.read_csv(path / COHORT / MEASURED) for path in (folder, DATA))
    pd.testing.assert_frame_equal(pairs, kept, rtol=0, atol=0.0101)


def unlike_committed(folder, names):
    """The names of files that differ from the edition's own."""
    return {
        name for name in names if digest_of(folder / COHORT, name) != digest_of(DATA / COHORT, name)
    }

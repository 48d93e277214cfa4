"""The generated files are what the commands make, and they are what they claim to be."""

import re
from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest

from committed import cohort_from_words, kept_problem
from recohort.audit import roles
from recohort.audit.known import cells_so_far, downloads, settled
from recohort.audit.roles import complements, given_back, with_rules
from recohort.edition import frame_of
from recohort.folder import read_blocks
from recohort.paper.options import CONVENTIONS
from recohort.paper.reading import read_dictionary
from recohort.survival.corrections import Pool, keeping
from recohort.survival.printing import printed_facts
from recohort.survival.problem import problem_of, without
from recohort.survival.reals import Times
from test_walk import problem
from thirteen.data import DATA, read_patients, read_table, run

engine = import_module("recohort.survival")
NARROW = "interval_rounding median test p_rounding adjustment sd quantile".split()
one_worker = pytest.mark.xdist_group("rebuilt")  # so that `rebuilt` is made once, not by each


@pytest.fixture(scope="module")
def rebuilt():
    """The search run anew; `test_stages` compares the files that the command makes of it."""
    return run()


@pytest.mark.slow
@one_worker
def test_every_solution_prints_every_row(rebuilt):
    """All solutions pass a check that uses none of the search's stages."""
    result = rebuilt
    facts = {row.fact for row in result.problem.rows}
    assert len(result.cohorts) == len(set(result.cohorts))
    for cohort in result.cohorts[::7]:
        assert printed_facts(result.problem, cohort) == facts


@pytest.mark.slow
@one_worker
def test_no_smaller_correction(rebuilt):
    """Each conflict must be met: no fact of the correction can be kept."""
    result = rebuilt
    (aside,) = result.corrections
    for fact in aside:
        kept = without(result.paper, aside - {fact})
        assert next(engine.cohorts(kept), None) is None


@pytest.mark.slow
@one_worker
@pytest.mark.parametrize(
    ("switch", "option"),
    [(switch, option) for switch in NARROW for option in CONVENTIONS[switch]],
)
def test_no_other_convention_fits_as_much(rebuilt, switch, option):
    """With any one paper-wide convention changed, no cohort fits what was kept.

    Quartiles that average two neighbors are the exception: they fall on the same patients.
    """
    result = rebuilt
    published, statements, conventions = read_blocks("survival", folder=DATA)
    paper = problem_of(published, statements, conventions | {switch: option})
    found = next(engine.cohorts(without(paper, result.corrections[0])), None)
    assert (found is not None) == (option in (conventions[switch], "averaged"))


@pytest.mark.slow
@one_worker
def test_stages_only_narrow(rebuilt):
    """What leaves a stage enters the next or is split further; nothing grows within one."""
    stages = rebuilt.stages
    within = stages.iloc[:5]
    assert (within["left"] <= within["entered"]).all()
    assert stages["left"].iloc[-2:].tolist() == [len(rebuilt.cohorts), len(rebuilt.grid)]


def test_identifiability_covers_every_cell():
    """One row a cell; `determined` cells hold the edition's value."""
    patients = read_patients().set_index("patient_id")
    table = read_table("identifiability").query("table == 'patients'")
    header = pd.read_csv(DATA / "cohort" / "patients.csv", nrows=0).columns.drop("patient_id")
    assert len(table) == len(patients) * len(header)
    fixed = table[(table["status"] == "determined") & (table["lowest"] != "")]
    for row in fixed.itertuples():
        value, known = str(patients.at[row.row_id, row.column]), str(row.lowest)
        assert value == known or float(value) == float(known)  # 10 may be written 10.0


def test_downloads_say_which_cells_are_chosen():
    """Each cell has the status of `identifiability.csv` beside it; one file keeps no choice."""
    people, marked, alone = (
        pd.read_csv(DATA / "cohort" / f"{name}.csv", dtype=str, keep_default_na=False).set_index(
            "patient_id"
        )
        for name in ("patients", "patients_marked", "patients_determined")
    )
    cells = settled(read_table("identifiability"), people.reset_index())
    cells = cells.query("table == 'patients'")
    status = {(c.row_id, c.column): c.status for c in cells.itertuples()}
    assert list(marked) == [name for c in people for name in (c, f"{c}_status")]
    assert marked[list(people)].equals(people)
    assert list(alone) == list(people)
    for row, column in ((row, column) for row in people.index for column in people):
        assert marked.at[row, f"{column}_status"] == status[row, column]
        known = status[row, column] == "determined"
        assert alone.at[row, column] == (people.at[row, column] if known else "")
    people = people.reset_index()
    made = downloads(people, read_table("identifiability"))
    assert made["patients_marked"].equals(marked.reset_index())
    assert made["patients_determined"].equals(alone.reset_index())
    unknown = downloads(people, read_table("identifiability").iloc[:0])
    assert set(unknown["patients_marked"]["sex_status"]) == {"chosen"}
    assert set(unknown["patients_determined"]["sex"]) == {""}


@pytest.mark.parametrize(
    ("lowest", "highest", "attained", "status"),
    [
        (2.65, 2.75, "lowest", "determined"),  # 2.75 would be 2.8
        (2.65, 2.75, "both", "bounded"),
        (2.64, 2.7, "neither", "bounded"),
        (2.66, 2.74, "both", "determined"),
        (2.7, 2.7, "", "bounded"),  # no measured number
    ],
)
def test_a_number_is_settled_where_all_its_values_round_to_it(lowest, highest, attained, status):
    """A time that is written as 2.7 whatever it is counts as determined, and no other."""
    columns = "table row_id column status values lowest highest attained".split()
    row = "patients", "P01", "time", "bounded", "", lowest, highest, attained
    cells = pd.DataFrame([row], columns=columns)
    people = pd.DataFrame({"patient_id": ["P01"], "time": [2.7]})
    assert settled(cells, people)["status"].tolist() == [status]


def test_a_time_without_an_upper_end(tmp_path):
    """No printed number says how late the last time is: its highest value stays empty."""
    asked = problem([("count", "", 2), ("count", "event=True", 1), ("minimum", "", "1.0")])
    found = list(engine.cohorts(asked))
    result = engine.Result(asked, [], [], {}, asked, None, found, found, {})
    (tmp_path / "cohort").mkdir()
    people = frame_of(result, found[0])
    people.to_csv(tmp_path / "cohort" / "patients.csv", index=False)
    bare = pd.DataFrame(columns=["table", "column", "empty"])
    work = SimpleNamespace(result=result, folder=tmp_path, dictionary=bare)
    cells = cells_so_far(work).query("column == 'time'")
    assert cells[["highest", "attained"]].to_numpy().tolist()[1] == ["", "lowest"]
    marked = downloads(people, cells)["patients_marked"]
    assert marked["time_status"].tolist() == ["determined", "bounded"]


@pytest.mark.slow
def test_conflicts_are_minimal_proofs():
    """No cohort prints a conflict; its witnesses each print all but one member."""
    published, statements, conventions = read_blocks("survival", folder=DATA)
    paper = problem_of(published, statements, conventions)
    pool = Pool(paper)
    table = read_table("conflicts").query("block == 'survival'")
    for fact, conflict in table.groupby("fact"):
        members = set(conflict["member"])
        assert fact in members
        assert pool.cohort(members) is None
        for row in conflict[conflict["witness"] != ""].itertuples():
            witness = cohort_from_words(row.witness, paper.landmarks)
            assert members - {row.member} <= printed_facts(paper, witness)
        if len(members) > 1:
            assert (conflict["witness"] != "").all()


def test_inputs_have_a_cohort_without_them():
    """It fits all other facts about survival and the dictionary's rules, and not this one."""
    problem = with_rules(kept_problem(), read_dictionary(DATA / "dictionary.csv"))
    facts, roles = {row.fact for row in problem.rows}, read_table("roles")
    inputs = roles[roles["role"] == "input"]
    assert set(roles["fact"]) == {f for f in facts if not f.startswith("rule.")}
    assert ((roles["role"] == "input") == (roles["witness"] != "")).all()
    for row in inputs.itertuples():
        witness = cohort_from_words(row.witness, problem.landmarks)
        assert facts - printed_facts(problem, witness) == {row.fact}


@pytest.mark.slow
def test_confirmed_facts_come_back():
    """Some of them are searched again: as many cohorts without the fact, and each fits it."""
    problem = with_rules(kept_problem(), read_dictionary(DATA / "dictionary.csv"))
    for row in read_table("roles").query("role == 'confirmed'")[::15].itertuples():
        assert given_back(problem, row.fact) == ("yes", int(row.cohorts), None)


def test_an_undecided_fact_is_not_confirmed(monkeypatch):
    """Whether other times of a cohort miss the fact is neither shown nor refuted."""
    asked = problem([("count", "", 2), ("minimum", "", "1.0"), ("maximum", "", "3.0")])
    assert given_back(asked, "row_0")[0] != "open"
    monkeypatch.setattr(roles, "escape", lambda *_: Times("open"))
    monkeypatch.setattr(roles, "printed_facts", lambda *_: {"row_1"})
    assert given_back(asked, "row_1")[0] == "open"


def test_complements_are_what_subtraction_gives():
    """One level of a column whose levels are all counted, and nothing else."""
    dictionary, rows = read_dictionary(DATA / "dictionary.csv"), kept_problem().rows
    found = complements(rows, dictionary)
    assert "n.female" in found
    assert not {"n.male", "n.all", "n.deaths", "os.female.1y"} & found
    roles = read_table("roles")
    assert set(roles.loc[~roles["distinct"].astype(bool), "fact"]) == found
    assert "n.female" not in complements([r for r in rows if r.fact != "n.male"], dictionary)


def test_a_wrong_witness_is_seen():
    """The check of witnesses fails when a death in one is turned into a censoring."""
    published, statements, conventions = read_blocks("survival", folder=DATA)
    paper = problem_of(published, statements, conventions)
    text = next(w for w in read_table("conflicts")["witness"] if w)
    witness = cohort_from_words(re.sub(r"\+", "", text, count=1), paper.landmarks)
    right = cohort_from_words(text, paper.landmarks)
    assert printed_facts(paper, witness) != printed_facts(paper, right)
    assert keeping(paper, ["n.deaths"]).rows

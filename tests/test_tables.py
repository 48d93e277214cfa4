"""The cohort's files are validated on loading: each rule is broken once, and named."""

import csv
import re
import shutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from recohort.paper.files import PublishedError
from recohort.paper.reading import read_dictionary
from recohort.paper.rules import rule_groups
from recohort.paper.tables import UNWRITTEN, typed, with_unwritten
from thirteen.data import DATA, read_tables
from tiers import first

TABLES = ("patients", "sessions", "tumors", "renal_function")
# Two made-up patients: the second has three tumors, two sessions, and everything else to tell.
PATIENTS = """
patient_id              A                    B
sex                     female               male
age_years               40                   60
age_55_or_older         False                True
origin                  lung                 thyroid_gland
pathology               nsclc                follicular_thyroid_cancer
prior_chemotherapy      False                True
multiple_renal_tumors   False                True
extrarenal_tumor        False                True
six_or_more_metastases  False                True
tumor_2cm_or_larger     False                True
time                    10.0                 20.0
event                   False                True
cause_of_death          none                 pneumonia
progression_time        10.0                 2.0
progression_event       False                True
diagnosis_interval      12.0                 130.5
chemotherapy_after      False                True
renal_tumors            1                    3
sessions                1                    2
bilateral               False                True
local_progression       False                True
distant_recurrence      False                True
recurrence_lung         False                True
recurrence_liver        False                False
recurrence_bone         False                False
disease_free            True                 False
declined_surgery        True                 True
extrarenal_history      False                True
previous_renal_treatment False               False
extrarenal_lung         False                True
extrarenal_liver        False                False
extrarenal_bone         False                True
extrarenal_retroperitoneum False             False
extrarenal_lung_mm      -                    5
extrarenal_liver_mm     -                    -
extrarenal_bone_mm      -                    30
extrarenal_retroperitoneum_mm -              -
extrarenal_larger       False                True
primary_treatment       resection            radiation
prior_regimen           none                 carboplatin_paclitaxel
chemotherapy_timing     none                 before
years_since_chemotherapy -                   9
mri_before              True                 True
ct_before               True                 True
biopsied                True                 True
biopsy_confirmed        True                 False
contrast_at_followup    True                 True
"""
SESSIONS = """
session_id              S1                   S2                   S3
patient_id              A                    B                    B
session_number          1                    1                    2
days_after_first        0                    0                    61
modality                cryoablation         radiofrequency       cryoablation
hydrodissection         False                True                 False
minor_complication      False                True                 False
major_complication      False                False                False
"""
TUMORS = """
tumor_id                T1                   T2                   T3                   T4
patient_id              A                    B                    B                    B
session_id              S1                   S2                   S2                   S3
side                    left                 left                 right                right
diameter_cm             1.0                  2.5                  1.5                  0.8
freeze_thaw_cycles      2                    -                    -                    3
local_time              10.0                 5.0                  20.0                 18.0
local_event             False                True                 False                False
technical_success       True                 True                 True                 True
technique_efficacy      True                 True                 True                 True
"""
RENAL_FUNCTION = """
patient_id              A                    B
egfr_before             90.1                 60.0
egfr_after              80.2                 45.5
"""
MADE_UP = dict(zip(TABLES, (PATIENTS, SESSIONS, TUMORS, RENAL_FUNCTION), strict=True))

CELLS = [  # table, row, column, what is written there, what the error expects
    ("patients", "B", "sex", "man", "one of female, male"),
    ("patients", "B", "sex", "", "one of female, male"),
    ("patients", "B", "event", "yes", "one of True, False"),
    ("patients", "B", "age_years", "60.5", "a whole number"),
    ("patients", "B", "age_years", "160", "0 to 120"),
    ("patients", "A", "time", "ten", "a number"),
    ("patients", "A", "time", "", "a number"),
    ("patients", "A", "time", "-1.0", "0 to 600"),
    ("patients", "B", "patient_id", "", "a name"),
    ("patients", "B", "patient_id", "A", "a name of its own"),
    ("sessions", "S3", "session_id", "S2", "a name of its own"),
    ("tumors", "T4", "tumor_id", "T1", "a name of its own"),
    ("renal_function", "B", "patient_id", "A", "a name of its own"),
    ("sessions", "S1", "patient_id", "C", "a patient of patients.csv"),
    ("tumors", "T4", "session_id", "S4", "a session of sessions.csv"),
    ("tumors", "T4", "patient_id", "A", "the patient of its session"),
    ("sessions", "S3", "session_number", "3", "the next number of its patient, from 1"),
    ("sessions", "S1", "session_number", "2", "the next number of its patient, from 1"),
    ("patients", "B", "time", "9.9", "no shorter than in the row before"),
]

SITES = {"lung": "the lung", "liver": "the liver", "bone": "bone",
         "retroperitoneum": "the retroperitoneum"}  # fmt: skip

TIES = [  # words of a rule, and what breaks it: table, row, column, what is written there
    ("a patient of patients.csv", "sessions", "S1", "patient_id", "C"),
    ("a patient of patients.csv", "renal_function", "B", "patient_id", "C"),
    ("a session of sessions.csv", "tumors", "T4", "session_id", "S4"),
    ("a patient with a session", "sessions", "S1", "patient_id", "B"),
    ("the patient of its session", "tumors", "T4", "patient_id", "A"),
    ("a session with a tumor", "tumors", "T4", "session_id", "S2"),
    ("the next number of its patient", "sessions", "S3", "session_number", "3"),
    ("a tumor elsewhere is the largest", "patients", "A", "extrarenal_larger", "True"),
    ("no shorter than in the row before", "patients", "B", "time", "9.9"),
    ("within the patient's time", "sessions", "S3", "days_after_first", "700"),
    ("True where age_years>=55", "patients", "A", "age_55_or_older", "True"),
    ("True where age_years>=55", "patients", "B", "age_years", "54"),
    ("True where renal_tumors>1", "patients", "A", "multiple_renal_tumors", "True"),
    ("True where tumors.diameter_cm>=2", "patients", "A", "tumor_2cm_or_larger", "True"),
    ("True where tumors.diameter_cm>=2", "tumors", "T2", "diameter_cm", "1.9"),
    ("True where tumors.side=right", "patients", "A", "bilateral", "True"),
    ("True where tumors.local_event", "patients", "B", "local_progression", "False"),
    ("True where tumors.local_event", "tumors", "T1", "local_event", "True"),
    ("True only where progression_event=True", "patients", "B", "progression_event", "False"),
    ("True only where progression_event=True", "patients", "A", "distant_recurrence", "True"),
    ("True only where extrarenal_history=True", "patients", "A", "extrarenal_tumor", "True"),
    ("none where event=False", "patients", "B", "cause_of_death", "none"),
    ("none where event=False", "patients", "A", "cause_of_death", "pneumonia"),
    ("none where prior_chemotherapy=False", "patients", "B", "prior_regimen", "none"),
    ("none where prior_chemotherapy=False", "patients", "A", "chemotherapy_timing", "during"),
    ("filled where chemotherapy_timing", "patients", "A", "years_since_chemotherapy", "1"),
    ("filled where chemotherapy_timing", "patients", "B", "years_since_chemotherapy", ""),
    ("True only where biopsied=True", "patients", "A", "biopsied", "False"),
    ("True only where distant_recurrence=False", "patients", "B", "disease_free", "True"),
    ("True only where distant_recurrence=True", "patients", "A", "chemotherapy_after", "True"),
    ("True only where distant_recurrence=True", "patients", "A", "recurrence_lung", "True"),
    ("True only where distant_recurrence=True", "patients", "A", "recurrence_liver", "True"),
    ("True only where distant_recurrence=True", "patients", "A", "recurrence_bone", "True"),
    ("filled where sessions.modality", "tumors", "T2", "freeze_thaw_cycles", "2"),
    ("filled where sessions.modality", "tumors", "T1", "freeze_thaw_cycles", ""),
    ("True only where technical_success=True", "tumors", "T1", "technical_success", "False"),
    *(
        ("True only where extrarenal_tumor=True", "patients", "A", f"extrarenal_{site}", "True")
        for site in SITES
    ),
    *(
        (f"filled where extrarenal_{site}=True", "patients", "A", f"extrarenal_{site}_mm", "5")
        for site in SITES
    ),
    ("number of renal tumors is the number of rows", "patients", "B", "renal_tumors", "2"),
    ("number of sessions is the number of rows", "patients", "B", "sessions", "1"),
    ("Days are counted", "sessions", "S2", "days_after_first", "3"),
    ("A later session is on a later day", "sessions", "S3", "days_after_first", "0"),
    ("The session before one of the earlier period", "sessions", "S2", "modality", "cryoablation",
     "sessions", "S3", "modality", "radiofrequency"),
    ("with a single renal tumor had it treated", "patients", "A", "renal_tumors", "2"),
    ("with several renal tumors had them treated", "patients", "B", "sessions", "3"),
    ("Several tumors in the first session", "patients", "B", "multiple_renal_tumors", "False"),
    ("Only cryoablation freezes", "tumors", "T2", "freeze_thaw_cycles", "2"),
    ("Cryoablation has at least one cycle", "tumors", "T1", "freeze_thaw_cycles", ""),
    ("Local progression of a treated tumor", "patients", "B", "local_progression", "False"),
    ("without local progression ends", "tumors", "T4", "local_time", "17.8"),
    ("without local progression ends", "tumors", "T1", "local_time", "10.1"),
    ("Local progression is seen while", "tumors", "T2", "local_time", "20.1"),
    ("Without progression a patient is followed", "patients", "A", "progression_time", "9.9"),
    ("Progression is seen within follow-up", "patients", "B", "progression_time", "20.1"),
    ("Progression is seen after the ablation", "patients", "B", "progression_time", "0.0"),
    ("no later than the local one", "tumors", "T2", "local_time", "1.9"),
    ("A third renal tumor", "patients", "B", "progression_time", "2.1"),
    ("Who died of tumor progression", "patients", "A", "cause_of_death", "tumor_progression"),
    ("The local progression was not treated again", "patients", "B", "disease_free", "True"),
    ("Nothing had progressed", "patients", "A", "progression_event", "True"),
    ("Followed without contrast", "patients", "B", "contrast_at_followup", "False"),
    ("outside the kidneys is at one of the sites", "patients", "A", "extrarenal_tumor", "True"),
    *(
        (f"A tumor in {words} has a size", "patients", "A", f"extrarenal_{site}", "True")
        for site, words in SITES.items()
    ),
    *(
        (f"A size in {words} needs a tumor", "patients", "A", f"extrarenal_{site}_mm", "5")
        for site, words in SITES.items()
    ),
    *(
        (f"A tumor in {words} is smaller", "patients", "B", f"extrarenal_{site}", "True",
         "patients", "B", f"extrarenal_{site}_mm", "25")
        for site, words in SITES.items() if site != "bone"
    ),
    ("A tumor in bone is smaller", "patients", "B", "extrarenal_larger", "False"),
    ("bone tumor that the paper excepts", "patients", "B", "extrarenal_bone_mm", "25"),
    ("Only a biopsy confirms", "patients", "A", "biopsied", "False"),
]  # fmt: skip


def rows_of(text):
    """A table that stands on its side, as rows with their header."""
    columns = [line.split() for line in text.strip().splitlines()]
    return [list(row) for row in zip(*columns, strict=True)]


def changed(name, changes=()):
    """Rows of a made-up table with some cells changed: (table, row, column, value)."""
    header, *rows = [["" if c == "-" else c for c in row] for row in rows_of(MADE_UP[name])]
    for table, row_id, column, value in changes:
        if table == name:
            next(row for row in rows if row[0] == row_id)[header.index(column)] = value
    return [header, *rows]


def written(folder, changes=()):
    """The made-up cohort as files, some cells changed."""
    for name in ("dictionary.csv", "rules.csv", "checks.csv"):
        shutil.copy(DATA / name, folder)
    (folder / "cohort").mkdir()
    for name in TABLES:
        with (folder / "cohort" / f"{name}.csv").open("w", encoding="utf8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(changed(name, changes))
    return folder


def test_a_sound_cohort_is_read(tmp_path):
    """Every cell has its type; empty ones are missing."""
    tables = read_tables(written(tmp_path))
    assert list(tables) == list(TABLES)
    assert tables["patients"]["event"].tolist() == [False, True]
    assert tables["tumors"]["freeze_thaw_cycles"].isna().tolist() == [False, True, True, False]
    assert tables["renal_function"]["egfr_before"].sum() == pytest.approx(150.1)


@pytest.mark.parametrize("case", CELLS, ids=lambda case: "-".join(case[:4]))
def test_a_broken_cell_is_named(tmp_path, case):
    """The error says file, row and column, what stands there, and what was expected."""
    table, row_id, column, value, rule = case
    with pytest.raises(PublishedError) as caught:
        read_tables(written(tmp_path, [case[:4]]))
    number = next(i for i, row in enumerate(rows_of(MADE_UP[table])) if row[0] == row_id) + 1
    where = f"{table}.csv, row {number}, column {column!r}: found {value!r}"
    assert str(caught.value) == f"{where}, expected {rule}"


DICTIONARY = read_dictionary(DATA / "dictionary.csv")
WRITTEN = DICTIONARY[DICTIONARY["empty"] != UNWRITTEN]
FILED = set(zip(WRITTEN["table"], WRITTEN["column"], strict=True))
EVERY_RULE = [
    rule for group in rule_groups(DATA) for rule in group if (rule.table, rule.column) in FILED
]


@cache
def broken_by(*cells):
    """The rules that the made-up cohort breaks with some cells changed, four words each."""
    changes, tables = [cells[i : i + 4] for i in range(0, len(cells), 4)], {}
    for name in TABLES:
        columns = WRITTEN[WRITTEN["table"] == name]
        header, *rows = changed(name, changes)
        tables[name] = typed(pd.DataFrame(rows, columns=header), columns, Path(name))
    tables = with_unwritten(tables, DICTIONARY)
    return [rule for rule in EVERY_RULE if not rule.holds(tables).all()]


@pytest.mark.parametrize("case", first(12, TIES), ids=lambda case: "-".join(case[1:]))
def test_a_broken_tie_is_refused(tmp_path, case):
    """The rule does not hold, and reading stops at it or at another that the change breaks."""
    broken = broken_by(*case[1:])
    assert any(case[0] in rule.text for rule in broken)
    with pytest.raises(PublishedError) as caught:
        read_tables(written(tmp_path, [case[i : i + 4] for i in range(1, len(case), 4)]))
    place, _, expected = str(caught.value).partition(", expected ")
    assert re.fullmatch(r"\w+\.csv, row \d+, column '\w+': found '.*'", place)
    named = [r for r in broken if (r.text, f"{r.table}.csv") == (expected, place.split(",")[0])]
    assert any(f"column {rule.column!r}" in place for rule in named)


@pytest.mark.slow
@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda r: f"{r.table}-{r.column}-{r.text[:30]}")
def test_each_rule_is_broken_once(rule):
    """No rule goes untried: some change breaks it."""
    same = (rule.table, rule.column, rule.text)
    cases = [case for case in TIES if case[0] in rule.text]
    broken = [r for case in cases for r in broken_by(*case[1:])]
    assert same in [(r.table, r.column, r.text) for r in broken]


def test_what_no_file_has_is_told_by_its_rule(tmp_path):
    """The sessions' period follows from their modality, and a file that has it is refused."""
    folder = written(tmp_path)
    sessions = read_tables(folder)["sessions"]
    early = sessions["period"] == "until_april_2012"
    assert early.tolist() == (sessions["modality"] == "radiofrequency").tolist() != [True] * 3
    path = folder / "cohort" / "sessions.csv"
    text = path.read_text("utf8").replace("session_number", "session_number,period", 1)
    path.write_text(text.replace("\nS1,A,1,", "\nS1,A,1,from_may_2012,"))
    with pytest.raises(PublishedError, match="period"):
        read_tables(folder)


def test_a_rule_that_cannot_be_read(tmp_path):
    """A rule of the dictionary that says nothing is named with its place."""
    path = written(tmp_path) / "dictionary.csv"
    path.write_text(path.read_text("utf8").replace("True where age_years", "True if age_years"))
    with pytest.raises(PublishedError, match=r"dictionary.csv, row \d+, column 'rule'"):
        read_tables(tmp_path)


def test_the_edition_is_sound():
    """The committed files keep every rule."""
    assert len(read_tables()["patients"]) == 13

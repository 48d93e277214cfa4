"""Kidney function: published numbers by NumPy and SciPy alone, and the search for such tables."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel, wilcoxon

from recohort.folder import rows_as_formed
from recohort.pairs.splits import splits_of, value_of
from recohort.pairs.table import find_pairs, given_to, pair_rows, pair_settings, pairs_with
from recohort.paper.files import PublishedError
from recohort.paper.options import DEFAULTS as METHODS
from recohort.paper.options import read_options
from recohort.paper.printed import printed_by as holds
from recohort.paper.rows import Row
from thirteen.data import DATA, read_data, read_table, read_tables

PRINTED = pd.read_csv(DATA / "published.csv", dtype=str, keep_default_na=False)
PRINTED = PRINTED[PRINTED["arguments"].str.contains("renal_function")]
SETTINGS = pair_settings(DATA)
ROWS = pair_rows(*read_data()[:2], SETTINGS[2])
SHARP = pd.read_csv(DATA / "cohort" / "sharpness.csv", dtype=str, keep_default_na=False)


def by_numpy(renal, patients):
    """Every published number on kidney function, by fact; counts, then what else their rows say."""
    people = patients.set_index("patient_id")["chemotherapy_after"]
    before, after = (renal[f"egfr_{when}"].to_numpy() for when in ("before", "after"))
    fall, treated = before - after, people[renal["patient_id"]].to_numpy()
    share = 100 * fall / before
    found = {"egfr_change.p": ttest_rel(before, after).pvalue}
    parts = {
        "egfr_before": before,
        "egfr_after": after,
        "egfr_change": fall,
        "egfr_change_percent": share,
        "egfr_change_percent.chemotherapy": share[treated],
    }
    for name, values in parts.items():
        found |= {f"{name}.mean": values.mean(), f"{name}.sd": values.std(ddof=1),
                  f"{name}.minimum": values.min(), f"{name}.maximum": values.max()}  # fmt: skip
    stays, every = (before >= 60) & (after >= 60), np.ones(len(before))
    slips = (before >= 60) & (before < 90) & (after >= 45) & (after < 60)
    counts = {"n.ckd.1_or_2": (stays, every), "n.ckd.3a": (slips, every),
              "n.ckd.1_or_2.chemotherapy": (stays & treated, treated),
              "n.renal_function": (every, np.ones(len(patients)))}  # fmt: skip
    for name, (some, of) in counts.items():
        found[name] = {"count": some.sum(), "all": of.sum(), "percent": 100 * some.sum() / of.sum()}
    return found


def wrong(renal, patients):
    """Ids of the published numbers on kidney function that the tables do not give."""
    found, words = by_numpy(renal, patients), {"one": "1", "nine": "9"}
    missed = []
    for row in PRINTED.itertuples():
        value = found[row.fact]
        if isinstance(value, dict):
            kind = "all" if row.id.endswith("denominator") else row.statistic
            value = value[kind]
        printed = words.get(row.printed, row.printed)
        exact = Decimal(repr(round(float(value), 9))).quantize(Decimal(printed), ROUND_HALF_UP)
        missed += [row.id] if exact != Decimal(printed) else []
    return missed


def test_every_published_number_by_numpy_and_scipy():
    """All of them, from the two committed files."""
    tables = read_tables()
    assert len(PRINTED) > 40
    assert wrong(tables["renal_function"], tables["patients"]) == []


@pytest.mark.parametrize("column", ["egfr_before", "egfr_after"])
def test_a_value_off_by_a_half_is_seen(column):
    """Whichever patient's it is, up or down."""
    tables = read_tables()
    for i in tables["renal_function"].index:
        for step in (0.5, -0.5):
            changed = tables["renal_function"].copy()
            changed.loc[i, column] += step
            assert wrong(changed, tables["patients"]), (i, step)


def test_any_patient_may_have_any_line():
    """Two patients exchange their values and whether chemotherapy followed: nothing else moves."""
    tables = read_tables()
    for one, two in pairwise(tables["renal_function"]["patient_id"]):
        names = {one: two, two: one}
        renal = tables["renal_function"].replace({"patient_id": names})
        people = tables["patients"].set_index("patient_id")
        flag = people["chemotherapy_after"].rename(index=names)
        people = people.assign(chemotherapy_after=flag).reset_index()
        assert wrong(renal, people) == []
        assert wrong(renal, tables["patients"]) == [] or flag[one] != flag[two]


OTHER = pd.DataFrame({
    "egfr_before": [65.32, 69.69, 70.87, 93.12, 109.31, 117.80, 128.33, 34.60, 72.25, 94.14, 95.03],
    "egfr_after": [53.55, 73.14, 60.02, 80.14, 101.33, 100.79, 98.59, 15.20, 75.81, 86.99, 86.75],
})  # fmt: skip


def test_another_table_fits_as_well():
    """By all published numbers; but a test that looks at each change has another P there."""
    tables = read_tables()
    names = tables["renal_function"]["patient_id"]
    assert wrong(OTHER.assign(patient_id=names), tables["patients"]) == []
    own, other = (
        wilcoxon(t["egfr_before"] - t["egfr_after"]).pvalue
        for t in (tables["renal_function"], OTHER)
    )
    assert own != other


def test_the_ledger_calls_them_reproduced():
    """By Methods' own procedure, put in and not confirmed; no correction is about them."""
    ledger = read_table("ledger").set_index("id").loc[PRINTED["id"]]
    assert set(ledger["status"]) == {"reproduced"}
    assert set(ledger["role"]) == {"input"}
    assert not set(PRINTED["fact"]) & set(read_table("corrections")["fact"])


@pytest.mark.slow
def test_a_table_is_found_and_well_inside():
    """The same on each call, values all apart, far from where a figure would round otherwise."""
    tables, (options, bounds, _) = read_tables(), SETTINGS
    names, people = tables["renal_function"]["patient_id"].tolist(), tables["patients"]

    def given(frame):
        return given_to(people, names, "chemotherapy_after", SETTINGS, frame) | {"found": frame}

    first, again = (find_pairs(ROWS, options, bounds, given)["found"] for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    (split,) = splits_of(ROWS, options, bounds)
    values = first[list(bounds)].to_numpy().T
    for number in split.numbers:
        value, half = value_of(split, number, values), (number.high - number.low) / 2
        assert abs(value - (number.low + number.high) / 2) < 0.99 * half, number
    assert all(len(set(own.round(1))) == len(own) for own in values)


def row(statistic, printed, *filters, **options):
    """A row about a made-up table of weights."""
    told = (("table", "weights"), *options.items())
    return Row(f"{statistic}{printed}", statistic, statistic, filters, told, "rounds to", printed)


DIET = ("people.diet", "=", "True")
CHANGE = {"column": "first", "minus": "second"}


def made_up(change_sd="3.2"):
    """Five weights before and after, two of them on a diet; one at 100 or more."""
    return [
        row("count", "5"), row("count", "2", DIET), row("count", "1", ("first", ">=", "100")),
        row("mean", "82.0", column="first"), row("sd", "14.7", column="first"),
        row("maximum", "107.0", column="first"), row("mean", "3.1", **CHANGE),
        row("sd", change_sd, **CHANGE), row("maximum", "6.6", DIET, **CHANGE),
    ]  # fmt: skip


def tables_of(frame):
    """A frame of the search as tables of the made-up paper."""
    names = list("ABCDE")
    people = pd.DataFrame({"person_id": names, "diet": frame["flagged"].to_numpy()})
    return {"people": people, "weights": frame.drop(columns="flagged").assign(person_id=names)}


def test_another_paper_has_its_table_too():
    """Other names, a class that is only part of the whole; what cannot be has no split at all."""
    bounds = {"first": (30.0, 200.0), "second": (30.0, 200.0)}
    found = find_pairs(made_up(), METHODS, bounds, tables_of)
    assert all(holds(r, found, METHODS) for r in made_up())
    assert found["people"]["diet"].sum() == 2
    assert find_pairs(made_up("99.0"), METHODS, bounds, tables_of, tries=3) is None
    light = [*made_up(), row("minimum", "20.0", column="second")]  # nobody can be so light
    assert splits_of(light, METHODS, bounds) == []


def test_what_the_classes_cannot_say_is_refused():
    """Classes that overlap or that only the part has, two parts: no answer, not a wrong one."""
    bounds = {"first": (30.0, 200.0), "second": (30.0, 200.0)}
    overlap, old = row("count", "2", ("second", ">=", "90")), ("people.old", "=", "True")
    for more in (overlap, row("count", "1", DIET, ("first", ">=", "90")), row("count", "1", old)):
        with pytest.raises(NotImplementedError):
            splits_of([*made_up(), more], METHODS, bounds)


def test_no_split_is_left_out_that_has_a_table():
    """Tables drawn at random, their figures printed: the way they are split is always there."""
    random, bounds = np.random.default_rng(5), {"first": (1.0, 90.0), "second": (1.0, 90.0)}
    for _ in range(50):
        first = random.uniform(20, 80, 6).round(2)
        second = (first - random.uniform(-5, 15, 6)).round(2)
        high, diet = first >= 50, np.arange(6) < 3
        share = 100 * (first - second) / first
        rows = [
            row("count", "6"), row("count", "3", DIET),
            row("count", str(high.sum()), ("first", ">=", "50")),
            row("count", str((~high).sum()), ("first", "<", "50")),
            row("minimum", f"{first.min():.1f}", column="first"),
            row("maximum", f"{second.max():.1f}", column="second"),
            row("maximum", f"{share[diet].max():.1f}", DIET, **CHANGE, relative="first"),
            row("minimum", f"{share.min():.1f}", **CHANGE, relative="first"),
        ]  # fmt: skip
        inside = {
            int(own.flags[own.low[0] >= 50].sum()) for own in splits_of(rows, METHODS, bounds)
        }
        assert int((diet & high).sum()) in inside


def test_changed_digits_have_their_tables():
    """The table beside a change of one unit fits it, and all other figures, by NumPy alone."""
    tables = read_tables()
    missed = SHARP[SHARP["witness"].str.contains("renal_function")]
    assert len(missed) > 10
    assert (SHARP["how"] == "open").any()
    for change in missed.itertuples():
        cells = dict(part.split(": ") for part in change.witness.split("; "))
        renal = tables["renal_function"].assign(
            **{name.split(".")[1]: np.array(v.split(), float) for name, v in cells.items()}
        )
        assert set(wrong(renal, tables["patients"])) == {change.id}


def test_a_changed_digit_is_looked_for_near_the_edition():
    """One unit more of the greatest change: a table is found from the edition's."""
    fact = "egfr_change.maximum"
    asked = [r._replace(printed="29.8") if r.fact == fact else r for r in ROWS]
    renal = pairs_with(asked, read_tables(), SETTINGS, tries=1)
    assert (renal["egfr_before"] - renal["egfr_after"]).max() == pytest.approx(29.8, abs=0.05)


def test_options_of_a_block(tmp_path):
    """A block's own options go over the paper's, and these over Methods'; faults are named."""
    path = tmp_path / "conventions.csv"
    path.write_text("convention,block,option\nsd,,population\nsd,renal,sample\n", encoding="utf8")
    options = read_options(path)
    assert options[""] == METHODS | {"sd": "population"}
    assert options["renal"] == METHODS
    path.write_text("convention,option\nsd,half\n", encoding="utf8")
    with pytest.raises(PublishedError, match=r"row 2, column 'option'.*sample, population"):
        read_options(path)
    switched = {r.fact: dict(r.switches) for r in rows_as_formed(*read_data()[:2], DATA)}
    assert switched["egfr_before.sd"] == {"sd": "sample"}
    assert switched["follow_up.sd"] == {}

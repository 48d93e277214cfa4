"""Every option of a convention, every digit one off: the committed tables, the checks."""

from itertools import product

import pandas as pd
import pytest

from committed import cohort_from_words
from recohort.audit.conventions import tried_numbers
from recohort.audit.sharpness import judged, known, neighbors
from recohort.edition import Work
from recohort.folder import read_blocks
from recohort.paper.options import ANY, CONVENTIONS
from recohort.paper.printed import printed_by
from recohort.paper.reading import number_of, rows_of
from recohort.paper.rounding import prints_as
from recohort.paper.rows import SHARE
from recohort.paper.statistics import REGISTRY
from recohort.survival import with_exceptions, without
from recohort.survival.cohorts import some_cohort
from recohort.survival.printing import prints_row
from recohort.survival.problem import problem_of
from thirteen.data import DATA, read_data, read_patients, read_table, read_tables

pytestmark = pytest.mark.xdist_group("conventions")
NUMBERS, SEARCHES = read_table("convention_numbers"), read_table("convention_searches")
GIVEN_UP = {"mst.others", "n.six_or_more.table3"}
SHARP = pd.read_csv(DATA / "cohort" / "sharpness.csv", dtype=str, keep_default_na=False)


def correction():
    """Facts of the survival block's correction, and the exceptions among them."""
    table = read_table("corrections")
    own = table[(table["block"] == "survival") & (table["correction"] == 1)]
    kept = own[(own["kind"] == "excepted") & ~own["convention"].str.startswith(SHARE)]
    return set(own["fact"]), {r.fact: tuple(r.convention.split("=")) for r in kept.itertuples()}


@pytest.fixture(scope="module")
def paper():
    """What the checks of changed digits look at, without the search."""
    return known(Work(DATA))


class TestNumbers:
    """Each printed number under each combination of its own conventions."""

    def test_the_committed_table(self):
        """A part of the paper tried again gives the same rows: all that is not a rate or count."""
        published, *others = read_data()
        own = published[~published["statistic"].isin(["count", "percent", "survival"])]
        own = own[~own["statistic"].str.startswith("survival_")]
        work = Work(DATA)
        work.data = own, *others
        found = tried_numbers(work)["convention_numbers"]
        wanted = NUMBERS[NUMBERS["id"].isin(own["id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, wanted)
        assert len(found) > 90

    def test_all_combinations_are_covered(self):
        """The full product, number by number: what the other switches are makes no difference."""
        tables, rows = read_tables(), {r.id: r for r in rows_of(read_data()[0])}
        known = {s: CONVENTIONS[s] for text in NUMBERS["switches"].unique() for s in text.split()}
        full = [dict(zip(known, c, strict=True)) for c in product(*known.values())]
        for number in NUMBERS[NUMBERS["tried"] == 8].drop_duplicates("switches").itertuples():
            row, own = rows[number.id], number.switches.split()
            values = {}
            for chosen in full[::7]:
                key = tuple(chosen[s] for s in own)
                value = REGISTRY[row.statistic].compute(tables, row, chosen)
                values.setdefault(key[:-1], set()).add(round(float(value), 12))
            assert all(len(v) == 1 for v in values.values())

    def test_medians_by_hand(self):
        """The plain median or the Kaplan-Meier one, from the rows and by definition."""
        patients = read_patients().sort_values("time")
        alive, below = 1.0, None
        for k, row in enumerate(patients.itertuples()):
            alive *= 1 - row.event / (len(patients) - k)
            below = row.time if alive <= 0.5 and below is None else below
        rows = {r.id: r for r in rows_of(read_data()[0])}
        everyone = [n for n in NUMBERS.itertuples() if rows[n.id].statistic == "median_survival"
                    and not rows[n.id].filters and not rows[n.id].options]  # fmt: skip
        assert everyone
        for number in everyone:
            options = {c.split(" ")[0] for c in number.printing.split("; ")}
            plain = prints_as(patients["time"].median(), number_of(rows[number.id].printed))
            curve = prints_as(below, number_of(rows[number.id].printed))
            wanted = {
                name for name, good in (("follow_up", plain), ("kaplan_meier", curve)) if good
            }
            assert options == wanted


class TestSearches:
    """Each option held for every number, the others free: is a cohort left?"""

    def test_every_option_has_its_row(self):
        """The switches that some survival number knows, each option once, and none held."""
        assert SEARCHES.iloc[0][["switch", "option"]].tolist() == ["", ""]
        for switch, own in SEARCHES.iloc[1:].groupby("switch"):
            assert own["option"].tolist() == list(CONVENTIONS[switch])
        assert set(SEARCHES["status"]) == {"some", "none"}

    def test_witnesses_fit_everything(self):
        """Each cohort that is left, row by row, under the option held and any others."""
        published, statements, _ = read_blocks("survival", folder=DATA)
        for row in SEARCHES[SEARCHES["witness"] != ""].itertuples():
            held = {row.switch: row.option} if row.switch else {}
            problem = without(problem_of(published, statements, ANY | held), GIVEN_UP)
            cohort = cohort_from_words(row.witness, problem.landmarks)
            assert all(prints_row(problem, r, cohort) for r in problem.rows)
            assert row.status == "some"

    @pytest.mark.slow
    @pytest.mark.parametrize("option", ["kaplan_meier", "kaplan_meier_midpoint", "follow_up"])
    def test_medians_again(self, option):
        """Three of the answers are found again."""
        published, statements, _ = read_blocks("survival", folder=DATA)
        problem = problem_of(published, statements, ANY | {"median": option})
        status, _ = some_cohort(without(problem, GIVEN_UP))
        (kept,) = SEARCHES.loc[SEARCHES["option"] == option, "status"]
        assert status == kept

    @pytest.mark.slow
    def test_an_option_held_is_heard(self):
        """Without the facts that need it, an option that was refuted has a cohort."""
        published, statements, _ = read_blocks("survival", folder=DATA)
        problem = problem_of(published, statements, ANY | {"sd": "sample"})
        assert some_cohort(without(problem, GIVEN_UP))[0] == "none"
        assert some_cohort(without(problem, GIVEN_UP | {"follow_up.sd"}))[0] == "some"


class TestSharpness:
    """Every printed number one unit off, either way."""

    def test_every_number_both_ways(self):
        """Each number that something recomputes has its neighbors, and no other row is there."""
        rows = {r.id: r for r in rows_of(read_data()[0])}
        arithmetic = {i for i, r in rows.items() if r.statistic == "fraction"}
        known_ids = {*NUMBERS["id"], *arithmetic}
        assert set(SHARP["id"]) == known_ids
        for name, own in SHARP.groupby("id"):
            assert own["changed"].tolist() == neighbors(number_of(rows[name].printed))

    @pytest.mark.parametrize(
        ("printed", "changed"),
        [("8.3", ["8.2", "8.4"]), ("0", ["1"]), ("0.00", ["0.01"]), ("-5.0", ["-5.1", "-4.9"])],
    )
    def test_neighbors(self, printed, changed):
        """Both ways, but never across zero."""
        assert neighbors(printed) == changed

    @pytest.mark.parametrize("part", range(4))
    def test_quick_checks_again(self, paper, part):
        """Copies, counts and arithmetic judged again, and what only the edition notices."""
        quick = SHARP[SHARP["how"].isin(["copy", "count", "arithmetic", "ledger"])]
        quick = quick.iloc[part::20]
        rows = {r.id: r for r in paper.rows}
        for change in quick.itertuples():
            assert judged(paper, rows[change.id], change.changed)[:2] == (True, change.how)

    def test_counts_by_hand(self):
        """No whole number of the patients gives the changed percentage beside its count."""
        rows = {r.id: r for r in rows_of(read_data()[0])}
        size = len(read_patients())
        own = [
            c for c in SHARP[SHARP["how"] == "count"].itertuples()
            if rows[c.id].statistic == "percent" and not rows[c.id].options
        ]  # fmt: skip
        assert own
        for change in own:
            counts = [r.printed for r in rows.values() if r.statistic == "count" and not r.options
                      and r.filters == rows[change.id].filters and r.printed.isdigit()]  # fmt: skip
            assert all(f"{100 * int(k) / size + 1e-9:.1f}" != change.changed for k in counts)

    def test_misses_have_witnesses(self):
        """A cohort that is not noticed prints the changed number and all others."""
        published, statements, conventions = read_blocks("survival", folder=DATA)
        aside, exceptions = correction()
        missed = SHARP[SHARP["how"] == "missed"]
        missed = missed[missed["witness"].str.contains(r"\+")]  # a death in the search's words
        for change in missed.itertuples():
            trial = published.copy()
            trial.loc[trial["id"] == change.id, "printed"] = change.changed
            problem = with_exceptions(problem_of(trial, statements, conventions), aside, exceptions)
            cohort = cohort_from_words(change.witness, problem.landmarks)
            assert all(prints_row(problem, r, cohort) for r in problem.rows), change.id
        assert len(missed) == 9

    def test_missed_ages_have_a_column(self, paper):
        """It prints the changed number and all others, by the registry."""
        missed = SHARP[(SHARP["how"] == "missed") & SHARP["id"].str.contains("age.m")]
        for change in missed.itertuples():
            ages = [int(value) for value in change.witness.split()]
            tables = {"patients": paper.ages.people.assign(age_years=ages)}
            for row in paper.ages.rows:
                asked = row._replace(printed=change.changed) if row.id == change.id else row
                assert printed_by(asked, tables, paper.work.data[2]), (change.id, row.id)
        assert len(missed) == 4

    def test_misses_are_what_is_not_noticed(self):
        """`noticed` and `how` say the same of every change."""
        assert (SHARP["noticed"] == (~SHARP["how"].isin(["missed", "open"])).astype(str)).all()

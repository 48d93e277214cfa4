"""Counts of the blocks of sessions, tumors, progression and history: by a second, plain route."""

from decimal import Decimal
from itertools import product
from math import comb, prod

import numpy as np
import pandas as pd
import pytest

from recohort.pairs.search import holds
from recohort.paper.reading import Row
from recohort.survival.in_time import distinct_times, times_by_pattern
from thirteen.block_counts import count_cells, every_way
from thirteen.cohort import DATA, read_data, read_tables

TABLES = read_tables()
PEOPLE = TABLES["patients"].set_index("patient_id")
BLOCKS = pd.read_csv(DATA / "cohort" / "blocks.csv", dtype=str)
PRINTED = read_data()[0].drop_duplicates("id").set_index("id")["printed"]
CONVENTIONS = {"halves": "up"}


def counts_of(block):
    """The committed counts of a block that has one line."""
    (row,) = BLOCKS[BLOCKS["block"] == block].itertuples()
    return int(row.count_lower), int(row.count_upper)


def test_each_pair_has_its_ratio():
    """Lower is no more than upper; the ratio is theirs; only equal ones are called exact."""
    for row in BLOCKS.itertuples():
        low, high = int(row.count_lower), int(row.count_upper)
        assert low <= high
        assert row.ratio == ("1" if low == high else f"{Decimal(high) / low:.1e}")
        assert row.method.startswith("exact") == (low == high)


def row_of(statistic, printed, filters=(), relation="rounds to", **options):
    """A printed row of a made-up paper."""
    told = {"id": "", "fact": "", "statistic": statistic, "filters": tuple(filters)}
    told |= {"options": tuple(options.items()), "relation": relation, "printed": printed}
    return Row(**told)


MADE_UP = (
    row_of("count", "2", [("ill", "=", "True")]),
    row_of("percent", "50.0", [("old", "=", "True")], within="ill=True"),
    row_of("percent", "66.7", [("old", "=", "True")], of="visits"),
    row_of("maximum", "2", table="visits", column="week"),
    row_of("count", "1", [("visits.week", ">=", "2")], relation="<="),
    row_of("minimum", "0", table="visits", column="week"),
)


@pytest.mark.parametrize("left_out", [None, 1, 2, 4])
def test_cells_of_a_small_paper(left_out):
    """Every filling of nine cells laid out and judged by the registry; rows left out in turn."""
    patients = pd.DataFrame({"patient_id": list("ABC"), "ill": True, "old": True})
    visits = pd.DataFrame({"visit_id": list("xyz"), "patient_id": list("ABB"), "week": 0})
    tables = {"patients": patients, "visits": visits}
    rows = [row for k, row in enumerate(MADE_UP) if k != left_out]
    both = {name: [True, False] for name in "ABC"}
    domains = {("patients", "ill"): both, ("patients", "old"): both,
               ("visits", "week"): {"x": [0, 2], "y": [0, 2], "z": [0, 5]}}  # fmt: skip
    found = count_cells(tables, list(domains), every_way(tables, domains), rows, [], CONVENTIONS)
    plain = 0
    for ill, old in product(product([True, False], repeat=3), repeat=2):
        people = patients.assign(ill=ill, old=old)
        for week in product([0, 2], [0, 2], [0, 5]):
            trial = {"patients": people, "visits": visits.assign(week=week)}
            plain += all(holds(row, trial, CONVENTIONS) for row in rows)
    assert found == plain > 0


def test_histories_by_plain_products():
    """Site by site and drug by drug, with loops and binomials."""
    largest = (10 * TABLES["tumors"].groupby("patient_id")["diameter_cm"].max()).round().astype(int)
    elsewhere = PEOPLE.index[PEOPLE["extrarenal_tumor"]]
    lung, liver, bone, retro = (
        int(PRINTED[f"methods.extrarenal.{site}.size"].lstrip("≤"))
        for site in ("lung", "liver", "bone", "retroperitoneum")
    )
    renal = int(PRINTED["methods.extrarenal.bone.renal_size"])
    lungs, sites = prod(min(lung, largest[p] - 1) for p in elsewhere), 0
    for one, two, three in product(elsewhere, repeat=3):
        fits = largest[two] == renal < bone
        sites += fits * (retro < largest[three]) * min(liver, largest[one] - 1)
    treated = PEOPLE[PEOPLE["prior_chemotherapy"]]
    drugs = int((treated["pathology"] == "adenoid_cystic_carcinoma").sum())
    gaps = treated["diagnosis_interval"]
    years = sum(
        a != b and gaps[a] >= 102 and gaps[b] >= 6 for a, b in product(gaps.index, repeat=2)
    )
    frozen = set(TABLES["sessions"].query("modality == 'cryoablation'")["patient_id"])
    biopsy = sum(p in frozen for p in PEOPLE.index[PEOPLE["pathology"] == "leiomyosarcoma"])
    images = comb(len(PEOPLE), int(PEOPLE["mri_before"].sum()))
    found = lungs * sites * len(PEOPLE) * drugs * years * biopsy * images
    assert counts_of("history") == (found, found)


def test_times_by_pattern():
    """Distinct times under bounds, all of them laid out, by the order of the group."""
    room, group, plain = (3, 2, 4, 4), (True, False, True, False), {}
    for times in product(*(range(1, most + 1) for most in room)):
        if len(set(times)) == len(times):
            order = tuple(inside for _, inside in sorted(zip(times, group, strict=True)))
            plain[order] = plain.get(order, 0) + 1
    assert times_by_pattern(room, group) == plain
    assert distinct_times(room) == sum(plain.values())


def progressions():
    """The patients who may be the only one without progression, and each one's times, in tenths.

    Progression comes by the landmark and within follow-up; no later than a local one; before the
    session that treats a new tumor. Who dies of it has progressed, as has who is treated again.
    """
    spared = PEOPLE[(PEOPLE["time"] > 12) & (PEOPLE["cause_of_death"] != "tumor_progression")
                    & ~PEOPLE["chemotherapy_after"] & ~PEOPLE["local_progression"]
                    & (PEOPLE["renal_tumors"] < 3)].index  # fmt: skip
    room = (10 * PEOPLE["time"]).round().astype(int).clip(upper=120)
    local = TABLES["tumors"].query("local_event")
    room[local["patient_id"]] = (10 * local["local_time"]).round().astype(int).tolist()
    third = TABLES["sessions"][TABLES["sessions"]["session_number"] > 1].set_index("patient_id")
    for patient in PEOPLE.index[PEOPLE["renal_tumors"] > 2]:
        room[patient] = int(10 * third.at[patient, "days_after_first"] * 12 / 365.25)
    return spared, room


def test_progressions_by_binomials():
    """Above: all but one recur; lung, liver and bone are any of them; each has all its times."""
    spared, room = progressions()
    recurred = int(PEOPLE["distant_recurrence"].sum())
    sites = prod(
        comb(recurred, int(PEOPLE[f"recurrence_{s}"].sum())) for s in ("lung", "liver", "bone")
    )
    times = sum(prod(map(int, room.drop(free))) for free in spared)
    assert counts_of("progression")[1] == sites * times


def test_progressions_by_chance():
    """Below: the share of random times that are distinct, less those that miss a P, by NumPy."""
    (spared, room), random = progressions(), np.random.default_rng(13)
    groups = [PEOPLE["sex"] == "male", PEOPLE["pathology"] == "nsclc"]
    groups += [PEOPLE[c] for c in ("age_55_or_older", "prior_chemotherapy", "extrarenal_tumor")]
    groups += [PEOPLE[c] for c in ("multiple_renal_tumors", "six_or_more_metastases")]
    inside = np.stack([*groups, PEOPLE["tumor_2cm_or_larger"]]).astype(float)
    low = high = all_times = 0
    for free in spared:
        times = random.integers(1, room.to_numpy() + 1, (6000, len(room)))
        times[:, PEOPLE.index.get_loc(free)] = 10**4
        order = np.sort(times)
        distinct = (np.diff(order) > 0).all(axis=1)
        observed, variance = np.zeros((2, 6000, len(inside)))
        for i in np.flatnonzero(PEOPLE.index != free):
            at_risk = (times >= times[:, [i]]).astype(float)
            share = at_risk @ inside.T / at_risk.sum(axis=1)[:, None]
            observed += inside[:, i] - share
            variance += share * (1 - share)
        missed = (observed**2 > 3.8415 * variance) & distinct[:, None]
        score, ways = distinct - missed.sum(axis=1), prod(map(int, room.drop(free)))
        error = 4 * score.std() / 6000**0.5
        low, high = low + ways * (score.mean() - error), high + ways * (score.mean() + error)
        all_times += ways
    lower, upper = counts_of("progression")
    assert low < lower / upper * all_times < high


def test_some_factors_of_the_tumors():
    """Both bounds hold the ways to choose the sessions with fluid and with complications."""
    lower, upper = counts_of("tumors")
    sessions = TABLES["sessions"]
    by_kind = sessions.groupby("modality")["minor_complication"].agg(["size", "sum"])
    ways = comb(len(sessions), int(sessions["hydrodissection"].sum()))
    ways *= prod(comb(int(n), int(k)) for n, k in by_kind.itertuples(index=False))
    assert lower % ways == upper % ways == 0

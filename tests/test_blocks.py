"""Counts of the blocks of sessions, tumors, progression and history: by a second, plain route."""

from fractions import Fraction
from itertools import product
from math import comb, prod

import numpy as np
import pandas as pd

from thirteen.cohort import DATA, read_data, read_tables
from thirteen.related_blocks import _increasing

TABLES = read_tables()
PEOPLE = TABLES["patients"].set_index("patient_id")
BLOCKS = pd.read_csv(DATA / "cohort" / "blocks.csv", dtype=str)


def count_of(block, start):
    """The committed counts of a line."""
    (row,) = BLOCKS[(BLOCKS["block"] == block) & BLOCKS["what"].str.startswith(start)].itertuples()
    return int(row.count_lower), int(row.count_upper), row.ratio


def test_each_pair_has_its_ratio():
    """Lower is no more than upper; the ratio is theirs."""
    for row in BLOCKS.itertuples():
        low, high = int(row.count_lower), int(row.count_upper)
        assert low <= high
        assert row.ratio == ("1" if low == high else f"{float(Fraction(high, low)):.1e}")
        assert row.method.startswith("exact") == (low == high)


def test_histories_by_plain_products():
    """Site by site and drug by drug, with loops and binomials."""
    published = read_data()[0].drop_duplicates("fact").set_index("fact")["printed"]
    largest = (10 * TABLES["tumors"].groupby("patient_id")["diameter_cm"].max()).round().astype(int)
    elsewhere = PEOPLE.index[PEOPLE["extrarenal_tumor"]]
    lung = int(published["extrarenal.lung.size"].lstrip("≤"))
    lungs = prod(min(lung, largest[p] - 1) for p in elsewhere)
    liver, bone, retro = (
        int(published[f"extrarenal.{site}.size"].lstrip("≤"))
        for site in ("liver", "bone", "retroperitoneum")
    )
    sites = 0
    for one, two, three in product(elsewhere, repeat=3):
        fits = largest[two] == int(published["diameter.bone"]) < bone
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
    assert count_of("history", "histories") == (found, found, "1")


def test_recurrences_by_binomials():
    """All but one recur; lung, liver and bone are any of them; chemotherapy is where it was."""
    recurred = int(PEOPLE["distant_recurrence"].sum())
    late = PEOPLE.index[(PEOPLE["time"] > 12) & (PEOPLE["cause_of_death"] != "tumor_progression")]
    able = [p for p in late if not PEOPLE.at[p, "chemotherapy_after"]
            and not PEOPLE.at[p, "local_progression"]
            and PEOPLE.at[p, "renal_tumors"] < 3]  # fmt: skip
    sites = prod(
        comb(recurred, int(PEOPLE[f"recurrence_{s}"].sum())) for s in ("lung", "liver", "bone")
    )
    found = len(able) * sites
    assert count_of("progression", "recurrences and chemotherapy") == (found, found, "1")


def test_increasing_times():
    """Rising sequences under bounds, against all of them laid out."""
    for room in ((3, 2, 4), (1, 3, 3), (4, 4, 4), (2, 1, 1)):
        found = sum(bool((np.diff(x) > 0).all()) for x in product(*(range(1, r + 1) for r in room)))
        assert _increasing(room) == found

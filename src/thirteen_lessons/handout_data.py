"""The lessons' data as plain files, for any program: small names, numbers for words, a codebook."""

from pathlib import Path

import pandas as pd
from lifelines.datasets import load_gbsg2, load_lung

from recohort.paper.reading import number_of
from thirteen.data import DATA, read_data, read_table

STATIC = DATA.parent / "chapters" / "lessons" / "handout"
MONTH = 365.25 / 12  # days
CAUSES = {"none": 0, "tumor_progression": 1}  # what else there is: 2


def read_codebook() -> pd.DataFrame:
    """Files, columns and meanings; of a factor, the cohort's column and what is coded 1."""
    return pd.read_csv(STATIC / "codebook.csv", dtype=str, keep_default_na=False)


def write_data(out) -> list[Path]:
    """Write each of the codebook's files, and the codebook, to the folder `out`."""
    out, book = Path(out), read_codebook()
    out.mkdir(parents=True, exist_ok=True)
    frames = {
        "thirteen.csv": _thirteen(book),
        "kidney.csv": _kidney(),
        "printed.csv": _printed(),
        "breast.csv": _breast(),
        "lung.csv": _lung(),
    }
    kept = {name: frame[book.loc[book["file"] == name, "column"]] for name, frame in frames.items()}
    for name, frame in (kept | {"codebook.csv": book[["file", "column", "meaning"]]}).items():
        frame.to_csv(out / name, index=False, lineterminator="\n")
    return sorted(out.iterdir())


def _number(names):
    return names.str[1:].astype(int)


def _thirteen(book):
    cohort = read_table("patients").sort_values("time", ignore_index=True)
    factors = book[book["cohort_column"] != ""]
    coded = {
        row.column: (cohort[row.cohort_column].astype(str) == row.coded_1).astype(int)
        for row in factors.itertuples()
    }
    return cohort[["time"]].assign(
        patient=_number(cohort["patient_id"]),
        event=cohort["event"].astype(int),
        cause=cohort["cause_of_death"].map(CAUSES).fillna(2).astype(int),
        **coded,
    )


def _kidney():
    renal = read_table("renal_function")
    return renal.assign(
        patient=_number(renal["patient_id"]), before=renal["egfr_before"], after=renal["egfr_after"]
    )


def _printed():
    printed = read_data()[0].set_index("id")["printed"].map(number_of)
    stem = "results.hazard_ratio.nsclc"
    ends = {"ratio": "", "lower": ".lower", "upper": ".upper"}
    return pd.DataFrame({name: [printed[stem + end]] for name, end in ends.items()})


def _breast():
    raw = load_gbsg2().rename(
        columns={
            "cens": "event",
            "tsize": "size",
            "pnodes": "nodes",
            "progrec": "pgr",
            "estrec": "er",
        }
    )
    coded = {
        "therapy": raw["horTh"] == "yes",
        "postmenopausal": raw["menostat"] == "Post",
        "grade3": raw["tgrade"] == "III",
    }
    return raw.assign(
        time=(raw["time"] / MONTH).round(4),
        **{name: yes.astype(int) for name, yes in coded.items()},
    )


def _lung():
    raw = load_lung()
    return raw.assign(
        event=raw["status"],
        female=(raw["sex"] == 2).astype(int),
        ecog=raw["ph.ecog"].astype("Int64"),
    )

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
    makers = {"kidney": _kidney, "printed": _printed, "breast": _breast, "lung": _lung}
    frames = {"thirteen": _thirteen(book)} | {name: make() for name, make in makers.items()}
    for name, frame in frames.items():
        columns = book.loc[book["file"] == f"{name}.csv", "column"]
        frame[columns].to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    meanings = book[["file", "column", "meaning"]]
    meanings.to_csv(out / "codebook.csv", index=False, lineterminator="\n")
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
    coded["cause"] = cohort["cause_of_death"].map(CAUSES).fillna(2).astype(int)
    patient, event = _number(cohort["patient_id"]), cohort["event"].astype(int)
    return cohort[["time"]].assign(patient=patient, event=event, **coded)


def _kidney():
    renal = read_table("renal_function").assign(patient=lambda rows: _number(rows["patient_id"]))
    return renal.rename(columns={"egfr_before": "before", "egfr_after": "after"})


def _printed():
    printed = read_data()[0].set_index("id")["printed"].map(number_of)
    stem = "results.hazard_ratio.nsclc"
    ends = {"ratio": "", "lower": ".lower", "upper": ".upper"}
    return pd.DataFrame({name: [printed[stem + end]] for name, end in ends.items()})


def _breast():
    names = "cens event tsize size pnodes nodes progrec pgr estrec er".split()
    rows = load_gbsg2().rename(columns=dict(zip(names[::2], names[1::2], strict=True)))
    rows["time"] = (rows["time"] / MONTH).round(4)
    coded = {"therapy": ("horTh", "yes"), "postmenopausal": ("menostat", "Post")}
    for name, (column, one) in (coded | {"grade3": ("tgrade", "III")}).items():
        rows[name] = (rows[column] == one).astype(int)
    return rows


def _lung():
    rows = load_lung()
    rows["event"], rows["ecog"] = rows["status"], rows["ph.ecog"].astype("Int64")
    rows["female"] = (rows["sex"] == 2).astype(int)
    return rows

"""The lessons' data as plain files, for any program: small names, numbers for words, a codebook."""

from pathlib import Path

import numpy as np
import pandas as pd
from lifelines.datasets import load_gbsg2, load_lung

from recohort.paper.reading import number_of
from thirteen.cohort import read_data, read_table

MONTH = 365.25 / 12  # days
FACTORS = {  # name in the file: the cohort's column, the value coded 1, in words
    "male": ("sex", "male", "sex: 1 male, 0 female"),
    "age_55": ("age_55_or_older", True, "age at the first ablation: 1 for 55 years or older"),
    "chemo": ("prior_chemotherapy", True, "systemic chemotherapy before: 1 yes"),
    "several": ("multiple_renal_tumors", True, "renal tumors: 1 several, 0 one"),
    "extrarenal": ("extrarenal_tumor", True, "tumor outside the kidneys: 1 yes"),
    "six_mets": ("six_or_more_metastases", True, "metastases: 1 for six or more"),
    "large": ("tumor_2cm_or_larger", True, "renal tumor of 2 cm or more: 1 yes"),
    "lung": ("pathology", "nsclc", "primary tumor: 1 lung cancer (NSCLC)"),
}
CAUSES = {"none": 0, "tumor_progression": 1}  # what else there is: 2
WORDS = {
    ("thirteen", "patient"): "number of a row, in order of time",
    ("thirteen", "time"): "months from the first ablation to death or last visit",
    ("thirteen", "event"): "1 died, 0 alive when last seen (censored)",
    **{("thirteen", name): words for name, (_, _, words) in FACTORS.items()},
    ("thirteen", "cause"): "0 alive, 1 died of the tumor, 2 otherwise; which row is 2 is chosen "
    "by the edition's rule",
    ("kidney", "patient"): "number of the row in thirteen.csv",
    ("kidney", "before"): "eGFR before ablation, mL/min/1.73 m2; consistent with the paper",
    ("kidney", "after"): "eGFR after ablation, the same",
    ("printed", "ratio"): "hazard ratio as the paper prints it",
    ("printed", "lower"): "its lower 95% limit",
    ("printed", "upper"): "its upper 95% limit",
    ("breast", "time"): "months to recurrence, death or last visit (GBSG2, from lifelines)",
    ("breast", "event"): "1 recurrence or death, 0 censored",
    ("breast", "therapy"): "hormone therapy: 1 yes",
    ("breast", "age"): "years",
    ("breast", "postmenopausal"): "1 yes",
    ("breast", "size"): "of the tumor, mm",
    ("breast", "grade3"): "1 grade III, 0 grade I or II",
    ("breast", "nodes"): "positive lymph nodes",
    ("breast", "pgr"): "progesterone receptor, fmol/l",
    ("breast", "er"): "estrogen receptor, fmol/l",
    ("lung", "time"): "days to death or last visit (NCCTG lung cancer, from lifelines)",
    ("lung", "event"): "1 died, 0 censored",
    ("lung", "female"): "1 woman, 0 man",
    ("lung", "age"): "years",
    ("lung", "ecog"): "performance status, 0 best; empty where unknown",
}
NOTICE = (
    "thirteen.csv and kidney.csv are a cohort consistent with a paper's printed numbers, not "
    "patient records. breast.csv and lung.csv are published data of real studies."
)


def teaching_data() -> dict:
    """The frames by the names of their files, as `WORDS` lists their columns."""
    frames = {"thirteen": _thirteen(), "kidney": _kidney(), "printed": _printed(),
              "breast": _breast(), "lung": _lung()}  # fmt: skip
    return {name: frame[[c for f, c in WORDS if f == name]] for name, frame in frames.items()}


def write_data(out) -> list[Path]:
    """Write `NAME.csv` for each frame, `codebook.csv` and `README.txt` to the folder `out`."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    frames = teaching_data()
    frames["codebook"] = pd.DataFrame(
        [(f"{file}.csv", column, words) for (file, column), words in WORDS.items()],
        columns=["file", "column", "meaning"],
    )
    for name, frame in frames.items():
        frame.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    (out / "README.txt").write_text(NOTICE + "\n", encoding="utf8", newline="\n")
    return sorted(out.iterdir())


def _thirteen():
    cohort = read_table("patients").sort_values("time", ignore_index=True)
    coded = {name: (cohort[column] == one).astype(int)
             for name, (column, one, _) in FACTORS.items()}  # fmt: skip
    return pd.DataFrame({
        "patient": np.arange(1, len(cohort) + 1), "time": cohort["time"],
        "event": cohort["event"].astype(int), **coded,
        "cause": cohort["cause_of_death"].map(CAUSES).fillna(2).astype(int)})  # fmt: skip


def _kidney():
    renal = read_table("renal_function")
    names = {"egfr_before": "before", "egfr_after": "after"}
    return renal.assign(patient=renal["patient_id"].str[1:].astype(int)).rename(columns=names)


def _printed():
    printed = read_data()[0].set_index("id")["printed"].map(number_of)
    stem = "results.hazard_ratio.nsclc"
    return pd.DataFrame({"ratio": [printed[stem]], "lower": [printed[f"{stem}.lower"]],
                         "upper": [printed[f"{stem}.upper"]]})  # fmt: skip


def _breast():
    raw = load_gbsg2()
    return pd.DataFrame({
        "time": (raw["time"] / MONTH).round(4), "event": raw["cens"],
        "therapy": (raw["horTh"] == "yes").astype(int), "age": raw["age"],
        "postmenopausal": (raw["menostat"] == "Post").astype(int), "size": raw["tsize"],
        "grade3": (raw["tgrade"] == "III").astype(int), "nodes": raw["pnodes"],
        "pgr": raw["progrec"], "er": raw["estrec"]})  # fmt: skip


def _lung():
    raw = load_lung()
    return raw.assign(event=raw["status"], female=(raw["sex"] == 2).astype(int),
                      ecog=raw["ph.ecog"].astype("Int64"))  # fmt: skip

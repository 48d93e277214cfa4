"""What lets the handout open anywhere: the helper in one file, R scripts, answers for R."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pandas as pd
from handout_data import STATIC

from thirteen.data import DATA, read_patients
from thirteen_lessons.tasks import lesson_tasks

ROOT, HELPER = DATA.parent, "thirteen.zip"
KINDS = ("py", "csv", "mplstyle", "html")  # of files in the packages
SOLUTION = "  #> solution"


def write_helper(out) -> Path:
    """Write the helper's modules and the cohort to one archive, the same bytes each time."""
    path = Path(out) / HELPER
    path.parent.mkdir(parents=True, exist_ok=True)
    places = (*(f"src/**/*.{end}" for end in KINDS), "data/*.csv", "data/cohort/*.csv")
    files = [file for place in places for file in ROOT.glob(place)]
    pack(path, {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in files})
    return path


def pack(path, files) -> None:
    """Write an archive of `files` (bytes by name), sorted and without a date."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)


def write_scripts(out) -> list[Path]:
    """Write the R scripts with and without solutions, each beside `compare.R` and the answers."""
    written = []
    for kind, keep in (("with-solutions", True), ("without-solutions", False)):
        folder = Path(out) / kind / "R"
        folder.mkdir(parents=True, exist_ok=True)
        for script in sorted(STATIC.glob("R/*.R")):
            path = folder / script.name
            lines = script.read_text(encoding="utf-8").replace("../data/", "../../data/")
            kept = [x for x in lines.splitlines() if keep or SOLUTION not in x]
            kept = [x.partition(SOLUTION)[0] for x in kept]
            path.write_text("\n".join(kept) + "\n", encoding="utf-8", newline="\n")
            written.append(path)
        answers_table().to_csv(folder / "answers.csv", index=False, lineterminator="\n")
    return written


def answers_table() -> pd.DataFrame:
    """Right answers of the exercises that compute: a row a value; names as numbers, in order."""
    rows, cohort = [], read_patients()
    tasks = {name: t for lesson in range(1, 13) for name, t in lesson_tasks(lesson, cohort).items()}
    for name, task in tasks.items():
        right, decimals = task.right, task.decimals
        if isinstance(right, set):
            right, decimals = sorted(int(patient[1:]) for patient in right), 0
        values = [] if isinstance(right, str) else np.ravel(right)
        rows += [(name, place, float(value), decimals) for place, value in enumerate(values, 1)]
    return pd.DataFrame(rows, columns=["exercise", "place", "value", "decimals"])

"""What lets the handout open anywhere: the helper in one file, a first cell, R scripts, answers."""

from importlib import import_module
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pandas as pd

from thirteen.cohort import DATA, read_patients

ROOT = DATA.parent
SCRIPTS = ROOT / "chapters" / "lessons" / "R"
HELPER = "thirteen.zip"
LIBRARIES = ("lifelines", "statsmodels", "pandera", "matplotlib", "scipy", "IPython")
FIRST_CELL = f'''# In the book's folder the lessons' helper is there. Anywhere else it comes from
# {HELPER}, which lies beside this notebook or one folder up.
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

if find_spec("thirteen") is None:
    places = [Path(place) for place in ("{HELPER}", "../{HELPER}")]
    found = [place for place in places if place.exists()]
    assert found, "Put {HELPER}, from the handout, beside this notebook, and run the cell again."
    ZipFile(found[0]).extractall("thirteen_helper")
    sys.path.insert(0, "thirteen_helper/src")
    missing = [name for name in {LIBRARIES} if find_spec(name) is None]
    if missing:  # only now is the network needed
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=True)'''
README = f"""# The handout of Thirteen Patients

- `without-solutions/`, `with-solutions/`: each lesson as a notebook, and as an R script in `R/`.
- `data/`: the lessons' data as plain CSV with a codebook, for R, SPSS, Stata and Excel.
- `sheet.pdf`: thirteen rows, an empty Kaplan-Meier grid and an empty log-rank grid to fill in with
  a pencil; the answers are on the back.
- `{HELPER}`: the lessons' helper in one file. Keep it beside these folders or beside the notebook.
- `teaching.md`: plans, stumbling blocks, objectives, a rubric.

The rows are a cohort consistent with the printed numbers, not patient records.

## To open a notebook

The first cell finds the helper, and installs the libraries that are missing.

- **Windows**: install Python 3.11 to 3.13 from python.org (tick "Add to PATH"). In a terminal
  in this folder: `py -m venv .venv`, then `.venv\\Scripts\\pip install jupyterlab lifelines
  statsmodels pandera`, then `.venv\\Scripts\\jupyter lab`.
- **macOS, Linux**: `python3 -m venv .venv`, then `.venv/bin/pip install jupyterlab lifelines
  statsmodels pandera`, then `.venv/bin/jupyter lab`.
- **Google Colab**: upload the notebook (*File, Upload notebook*) and, in the panel *Files*,
  `{HELPER}`; run the first cell.
- **R**: open a script of an `R` folder in RStudio, *Session, Set Working Directory, To Source File
  Location*, and run it line by line. It needs the package survival (3.0 or later).
"""


def write_helper(out) -> Path:
    """Write the helper's modules and the cohort to one archive, the same bytes each time."""
    path = Path(out) / HELPER
    path.parent.mkdir(parents=True, exist_ok=True)
    files = [*ROOT.glob("src/**/*.py"), *DATA.glob("*.csv"), *DATA.glob("cohort/*.csv")]
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
        for script in sorted(SCRIPTS.glob("*.R")):
            path = folder / script.name
            lines = script.read_text(encoding="utf-8").replace("../data/", "../../data/")
            kept = [x.partition("  #> solution")[0] for x in lines.splitlines()
                    if keep or "#> solution" not in x]  # fmt: skip
            path.write_text("\n".join(kept) + "\n", encoding="utf-8", newline="\n")
            written.append(path)
        answers_table().to_csv(folder / "answers.csv", index=False, lineterminator="\n")
    return written


def answers_table() -> pd.DataFrame:
    """Right answers of the exercises that compute: a row a value; names as numbers, in order."""
    rows, cohort = [], read_patients()
    for lesson in range(1, 13):
        tasks = import_module(f"thirteen.answers.lesson_{lesson:02}").tasks(cohort)
        for name, task in tasks.items():
            if not isinstance(task.right, str):
                right = task.right
                named = isinstance(right, set | frozenset)
                values = sorted(int(x[1:]) for x in right) if named else np.ravel(right)
                decimals = 0 if named else task.decimals
                rows += [(name, place, float(value), decimals)
                         for place, value in enumerate(values, 1)]  # fmt: skip
    return pd.DataFrame(rows, columns=["exercise", "place", "value", "decimals"])

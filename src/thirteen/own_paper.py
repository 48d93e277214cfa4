"""A paper of your own: a short CSV of printed figures in, all cohorts that print them out."""

from pathlib import Path

import pandas as pd
from lifelines.datasets import load_g3

from recohort.paper.reading import PublishedError
from recohort.survival.cohorts import exists, timed
from recohort.survival.problem import COUNTS, RATES, TIMES, about, group_sizes, steps_of
from recohort.survival.times import STEP, scale_of
from recohort.validation.printers import PROGRAMS, TEXTBOOK, Template, print_paper
from recohort.validation.rebuild import Rebuilt, rebuild
from thirteen.cohort import NOTICE
from thirteen.own_figures import NEEDED, read_own


def search_own(path, conventions: dict | None = None) -> tuple[pd.DataFrame, Rebuilt]:
    """The file's figures, and every order with groups that prints them (within bounds).

    `conventions` are those of a textbook if not given.
    """
    published = read_own(path)
    return published, rebuild(published, conventions or TEXTBOOK)


def solutions_frame(found: Rebuilt) -> pd.DataFrame:
    """One row a patient of each solution, in order of time.

    `solution`, `patient`, `event`, a column a factor, `earliest` and `latest` (months; bounds of
    each time alone).
    """
    scale = scale_of([r for r in found.problem.rows if r.statistic in TIMES])
    rows = []
    for number, joint in enumerate(found.solutions, start=1):
        for i in range(found.problem.size):
            row = {"solution": number, "patient": i + 1, "event": bool(joint.pattern >> i & 1)}
            row |= {c: _level(found, joint, c, i) for c, _ in found.problem.columns}
            low, high = -(-joint.low[i] // STEP) * STEP, joint.high[i] // STEP * STEP
            rows.append(row | {"earliest": float(low) / scale, "latest": float(high) / scale})
    return pd.DataFrame(rows)


def first_cohort(found: Rebuilt) -> pd.DataFrame:
    """The first solution with the first times that print everything: `patient_id`, `time`, ..."""
    joint = found.solutions[0]
    scale = scale_of([r for r in found.problem.rows if r.statistic in TIMES])
    cohort = next(timed(found.problem, joint, scale))
    places = range(found.problem.size)
    frame = pd.DataFrame({"patient_id": [f"P{i + 1:02d}" for i in places], "time": cohort.times})
    frame["event"] = [bool(joint.pattern >> i & 1) for i in places]
    for column, _ in found.problem.columns:
        frame[column] = [_level(found, joint, column, i) for i in places]
    return frame


def write_own(path, out, conventions=None) -> str:
    """Search and write `patients.csv`, `solutions.csv` and a note; returns a sentence to say."""
    published, found = search_own(path, conventions)
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise PublishedError(f"{out}: not a folder; name another one to write to") from None
    said = verdict(found)
    if found.solutions:
        first_cohort(found).to_csv(out / "patients.csv", index=False, lineterminator="\n")
        solutions_frame(found).to_csv(out / "solutions.csv", index=False, lineterminator="\n")
    (out / "README.md").write_text(f"**{NOTICE}**\n\n{said}\n", encoding="utf8")
    return f"{len(published)} printed figures read. {said}"


def verdict(found: Rebuilt) -> str:
    """What the search says, and what to try next."""
    if found.status == "many solutions":
        return (f"More than {len(found.solutions)} orders with groups print these figures; so many "
                "are written. Add figures: limits, medians, quartiles.")  # fmt: skip
    if found.status != "complete":
        return (f"Stopped: {found.status} print the rates. Add figures that narrow them down: "
                "limits, the number of deaths, medians, quartiles.")  # fmt: skip
    if found.solutions:
        one = len(found.solutions) == 1
        return f"{len(found.solutions)} order{'' if one else 's'} with groups print all figures."
    return (
        f"No cohort prints all these figures: {_lost(found)}. Look for a slip of the pen there, in "
        "the file or in the paper; then try other conventions (--conventions): how limits, "
        "medians, standard deviations and P values are formed."
    )


def _lost(found):
    """Where a search that found nothing lost its last candidate."""
    for column, level in steps_of(found.problem):
        if not group_sizes(found.problem, column, level):
            return f"the counts and percentages of {column!r} do not agree"
        if not exists(about(found.problem, (column, level), COUNTS + RATES), (column, level)):
            return f"no group prints the rates of {column}={level}, or those of all others"
    if not found.orders:
        what = "survival rates, limits or single times of all patients"
        return f"no order of deaths prints the {what}"
    if not found.candidates:
        what = "rates of a group, or its P value or hazard ratio, beside them"
        return f"no order of deaths prints the {what}"
    return "orders and groups that print rates and tests exist, but none with the times as printed"


def _level(found, joint, column, i):
    levels = found.problem.levels[column]
    named = {v: m for (c, v), m in joint.masks.items() if c == column}
    rest = levels[1] if len(levels) == 2 and levels[1] is not None else "other"
    return next((level for level, mask in named.items() if mask >> i & 1), rest)


def example() -> pd.DataFrame:
    """Thirteen patients with glioma, from a public data set that comes with lifelines.

    Grana and others (2002), grade III: radioimmunotherapy or not. The patients numbered up to
    seven in each arm. Columns `time` (whole months), `event`, `group`, `sex`; in order of time,
    deaths first.
    """
    everyone = load_g3()
    chosen = everyone.loc[everyone["no."] <= 7, ["time", "event", "group", "sex"]]
    return chosen.sort_values(
        ["time", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )


def print_example() -> pd.DataFrame:
    """The example as a paper would print it: what `data/template.csv` holds."""
    factors = {"group": ("RIT", "Control"), "sex": ("Female", "Male")}
    template = Template(landmarks=(12, 24, 48), time_decimals=0)
    return print_paper(example(), factors, PROGRAMS["SciPy"], template)[list(NEEDED)]

"""A paper of your own: a short CSV of printed figures in, all cohorts that print them out."""

from pathlib import Path

import pandas as pd
from lifelines.datasets import load_g3

from recohort.digests import write_beside
from recohort.folder import NOTICE
from recohort.paper.faults import PublishedError
from recohort.paper.options import ANY, DEFAULTS
from recohort.paper.short_file import NEEDED, read_own
from recohort.paper.statistics import COUNTS, RATES
from recohort.survival.cohorts import ties_of, times_for
from recohort.survival.found import ORDERS, TESTED, Found
from recohort.survival.orders import group_exists
from recohort.survival.problem import about, group_sizes, steps_of
from recohort.survival.questions import question
from recohort.survival.reals import real_times, spans
from recohort.validation.printers import PROGRAMS, Template, print_paper
from recohort.validation.rebuild import rebuild


def search_own(path, conventions: dict | None = None) -> tuple[pd.DataFrame, Found]:
    """The file's numbers, and every order with groups consistent with them (within bounds).

    Without `conventions` each number may be formed in any named way.
    """
    published = read_own(path)
    return published, rebuild(published, conventions)


def solutions_frame(found: Found) -> pd.DataFrame:
    """One row a patient of each solution, in order of time.

    `solution`, `patient`, `event`, a column a factor, `earliest` and `latest`: between which real
    numbers the patient's time lies (empty: no end), whatever the other times are.
    """
    rows = []
    for number, joint in enumerate(found.solutions, start=1):
        for i, (earliest, latest) in enumerate(_spans(found.problem, joint)):
            row: dict = {"solution": number, "patient": i + 1}
            row["event"] = bool(joint.pattern >> i & 1)
            row |= {c: _level(found, joint, c, i) for c, _ in found.problem.columns}
            row |= {"earliest": float(earliest), "latest": "" if latest is None else float(latest)}
            rows.append(row)
    return pd.DataFrame(rows)


def _spans(problem, joint):
    """The lowest and highest time of each place, under any ties that have times."""
    asked = (
        question(problem, joint.pattern, joint.counts, joint.masks, ties)
        for ties in ties_of(problem, joint)
    )
    return [end[:2] for end in spans(a for a in asked if real_times(a).status == "some")]


def first_cohort(found: Found) -> pd.DataFrame:
    """The first solution with the first times that print everything: `patient_id`, `time`, ..."""
    joint, places = found.solutions[0], range(found.problem.size)
    answers = (times_for(found.problem, joint, ties) for ties in ties_of(found.problem, joint))
    times = next(a.witness for a in answers if a.status == "some")
    frame = pd.DataFrame({"patient_id": [f"P{i + 1:02d}" for i in places]})
    frame["time"] = [float(t) for t in times]
    frame["event"] = [bool(joint.pattern >> i & 1) for i in places]
    for column, _ in found.problem.columns:
        frame[column] = [_level(found, joint, column, i) for i in places]
    return frame


def write_own(path, out, conventions=None, force: bool = False) -> tuple[str, str]:
    """Search and write `patients.csv`, `solutions.csv` and a note to the folder `out`.

    Returns the outcome (see `outcome`) and a sentence to say. Raises PublishedError for a faulty
    file, and where one of the files is there already, unless told by `force` to write over it.
    """
    out, names = Path(out), ("patients.csv", "solutions.csv", "README.md")
    if out.exists() and not out.is_dir():
        raise PublishedError(f"{out}: not a folder; name another one to write to")
    there = [out / name for name in names if (out / name).exists()]
    if there and not force:
        raise PublishedError(f"{there[0]}: there already; --force writes over it")
    published, found = search_own(path, conventions)
    for old in there:
        old.unlink()
    if found.solutions:
        for name, frame in zip(names, (first_cohort(found), solutions_frame(found)), strict=False):
            write_beside(out / name, frame.to_csv(index=False, lineterminator="\n"))
    said = verdict(found)
    write_beside(out / "README.md", f"**{NOTICE}**\n\n{said}\n")
    return outcome(found), f"{len(published)} published numbers read. {said}"


def outcome(found: Found) -> str:
    """What a search comes to: "found", "none" where no cohort is consistent, or "open"."""
    if found.least:
        return "found"
    return "none" if found.status == "complete" else "open"


def verdict(found: Found) -> str:
    """What the search says, and what to try next."""
    if found.status == "complete" and not found.least:
        return _nothing(found)
    said = "order with groups is" if found.least == 1 else "orders with groups are"
    if found.status == "complete":
        return f"{found.least} {said} consistent with all these numbers."
    listed = f" {len(found.solutions)} of them are written." if found.solutions else ""
    narrow = " Numbers that narrow them down: limits, the number of deaths, medians, quartiles."
    if found.status == "counted":
        return f"{found.least} {said} consistent with all these numbers.{listed}{narrow}"
    most = "" if found.most is None else f", and at most {found.most}"
    return (
        f"At least {found.least} {said} consistent with all these numbers{most}.{listed} "
        f"The search stopped: {found.stopped}.{narrow}"
        if found.least
        else f"Open: nothing was found, and nothing ruled out. The search stopped: {found.stopped}."
        + narrow
    )


def _nothing(found):
    """What the search says where no cohort is consistent."""
    told = found.problem.conventions != tuple((DEFAULTS | ANY).items())
    ways = "under the conventions told" if told else "however each is formed, by any named option"
    return (
        f"No cohort is consistent with all these numbers, with times as real numbers and {ways}: "
        f"{_lost(found)}. Look there first, in the file, then in the paper"
        + ("; then leave the conventions open (without --conventions)." if told else ".")
    )


def _lost(found):
    """Where a search that found nothing lost its last candidate."""
    for column, level in steps_of(found.problem):
        if not group_sizes(found.problem, column, level):
            return f"the counts and percentages of {column!r} do not agree"
        if not group_exists(about(found.problem, (column, level), COUNTS + RATES), column, level):
            return f"no group prints the rates of {column}={level}, or those of all others"
    if not found.left(ORDERS):
        what = "survival rates, limits or single times of all patients"
        return f"no order of deaths prints the {what}"
    if not found.left(TESTED):
        what = "rates of a group, or its P value or hazard ratio, beside them"
        return f"no order of deaths prints the {what}"
    return "orders and groups fit the rates and tests, but none of them the times as printed"


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

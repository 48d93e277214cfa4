"""Made-up papers, drawn, printed, rebuilt, compared: a row each of tables of `data/validation/`."""

from collections.abc import Iterable
from concurrent.futures import as_completed
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from recohort.digests import write_beside
from recohort.own.answer import outcome
from recohort.own.search import one_cohort, rebuild
from recohort.paper.options import CONVENTIONS, settings_of
from recohort.progress import Progress
from recohort.stages import processes
from recohort.survival.found import Bounds
from recohort.survival.known import ORDERS, TESTED
from recohort.survival.problem import bits
from recohort.validation.draw import FACTORS, LEVELS, draw_cohort, exactly, setting_of
from recohort.validation.errors import DIGITS, KINDS, plant, simple_checks
from recohort.validation.guyot import from_curve
from recohort.validation.printers import OPTIONS, PROGRAMS, Program, Template, print_paper
from recohort.validation.truth import true_masks, truth_passes

SEED = 1
PAPERS = 308
LISTED = Bounds(solutions=200)
ONE = LISTED._replace(solutions=1, first=True)
NEAR = 1  # month
MOST = 20  # solutions that are scored, evenly from the list
SCORES = ("order", "death_times", "censored_times", "rows")
SWITCHES = ("halves", "interval_scale", "median", "test", "sd", "quantile")
WAYS = tuple(product(KINDS, DIGITS))  # of planting an error
TOLD = ("right options", "one wrong option", "one program of three", "nothing, of three programs")


def paper_of(seed: int, number: int, program: Program | None = None) -> tuple:
    """A drawn cohort, its factors, the name of its program and its printed rows.

    Programs and decimals take turns. `program` (a `Program`) prints it in place of its own.
    """
    cohort, setting = draw_cohort(seed, number), setting_of(number)
    factors = dict.fromkeys(FACTORS[: setting["factors"]], LEVELS)
    name = list(PROGRAMS)[number % len(PROGRAMS)]
    rows = print_paper(cohort, factors, program or PROGRAMS[name], template_of(number))
    return cohort, factors, name, rows


def template_of(number: int) -> Template:
    """What a paper prints: every fifth in whole months, every seventh in whole percents."""
    landmarks = (12, 24, 36) if number // 6 % 2 else (12, 36, 60)
    return Template(landmarks, int(number % 7 != 0), int(number % 5 != 0), 2)


def validate_one(seed: int, number: int) -> dict:
    """A row of `papers.csv`: one paper, and the search is told no convention."""
    cohort, _, program, published = paper_of(seed, number)
    found, cells = _rebuilt(published, None, LISTED, exactly(cohort, setting_of(number)["month"]))
    row = {"number": number, **setting_of(number), "program": program}
    row |= {"deaths": int(cohort["event"].sum()), "numbers": len(published), **cells}
    places = np.linspace(0, len(found.solutions) - 1, min(MOST, len(found.solutions)))  # evenly
    cohorts = [one_cohort(found.problem, found.solutions[i]) for i in places.astype(int)]
    for method, scores in (
        ("search", score_search(cohort, FACTORS[0], cohorts)),
        ("curve", score_curves(cohort, FACTORS[0])),
    ):
        for name in SCORES:
            row[f"{method}_{name}"] = "" if np.isnan(scores[name]) else f"{scores[name]:.3f}"
    return row


def options_one(seed: int, number: int, told: str) -> dict:
    """A row of `options.csv`: what the search is told of how the numbers were formed."""
    random = np.random.default_rng(np.random.SeedSequence([seed, number, TOLD.index(told)]))
    names, switch, option = [list(PROGRAMS)[number % len(PROGRAMS)]], "", ""
    conventions = OPTIONS[names[0]]
    if told.endswith("wrong option"):
        switch = random.choice(SWITCHES)
        right = settings_of(conventions)[switch]
        option = random.choice([o for o in CONVENTIONS[switch] if o not in right])
        conventions = conventions | {switch: option}
    does = PROGRAMS[names[0]]
    if "three" in told:
        names += random.choice([n for n in PROGRAMS if n != names[0]], 2, replace=False).tolist()
        curve, tests = (PROGRAMS[name] for name in names[1:])
        does = does._replace(curve=curve.curve, p_value=tests.p_value, cox=tests.cox)
        conventions = None if told.startswith("nothing") else conventions
    cohort, _, _, published = paper_of(seed, number, does)
    cells = _rebuilt(published, conventions, ONE, exactly(cohort, setting_of(number)["month"]))[1]
    row = {"number": number, "told": told, "programs": "; ".join(names)}
    return row | {"switch": switch, "option": option} | cells


def err_one(seed: int, number: int) -> dict:
    """A row of `errors.csv`: one digit of a paper is wrong; no convention is told."""
    _, _, program, published = paper_of(seed, number)
    random = np.random.default_rng(np.random.SeedSequence([seed, number, 9]))
    kind, digit = WAYS[number // len(PROGRAMS) % len(WAYS)]
    planted = plant(published, kind, digit, random)
    row = {"number": number, "program": program, "kind": kind, "digit": digit}
    if planted is None:  # no number of the kind stands in this paper
        return row | dict.fromkeys(("row", "printed", "planted", "checks", "answer", "status"), "")
    changed, place = planted
    was, cells = published.loc[place], _rebuilt(changed, None, ONE)[1]
    row |= {"row": was["id"], "printed": was["printed"], "planted": changed.loc[place, "printed"]}
    row["checks"] = " ".join(simple_checks(changed))
    return row | {name: cells[name] for name in ("answer", "status")}


def _rebuilt(published, conventions, bounds, truth=None):
    """The rebuilding, and its cells: `answer` is none, some or open.

    `truth`: does every stage let the drawn cohort pass; `listed`: is it in a list that is whole.
    """
    found = rebuild(published, conventions, bounds)
    cells = {
        "answer": "some" if found.least else outcome(found),
        "status": found.status,
        "orders": found.left(ORDERS),
        "candidates": found.left(TESTED),
        "solutions": found.least,
    }
    if truth is not None:
        cells["truth"] = truth_passes(found.problem, truth)
        cells["listed"] = is_listed(found, truth) if found.status == "complete" else None
    return found, cells


def is_listed(found, truth):
    """Is the drawn order with its landmarks and groups one of the solutions?"""
    counts = tuple(int((truth["time"] <= float(m)).sum()) for m in found.problem.landmarks)
    drawn, masks = (bits(truth["event"]), counts), true_masks(found.problem, truth).items()
    return any(
        (j.pattern, tuple(j.counts)) == drawn and masks <= j.masks.items() for j in found.solutions
    )


# One measure for every method that rebuilds patients: how much of the truth one of its cohorts is.
# The search lists many; its score is the mean of theirs, as of one picked blindly, with the times
# that it gives as an example. Guyot's method gives one for the curve of all patients, and one for
# the curves of both levels of a factor.


def score(truth: pd.DataFrame, whole: pd.DataFrame, arms: pd.DataFrame, factor: str) -> dict:
    """Shares of the truth in a rebuilt cohort, 0 to 1; not a number where there is none to find.

    `order`: are deaths and last visits in the true order; `death_times`, `censored_times`: those
    within a month; `rows`: patients with the right fate, a time within a month and the right
    level of the factor. `whole` is the cohort rebuilt for all patients, `arms` with its levels.
    """
    died = truth["event"].to_numpy()
    return {
        "order": float(np.array_equal(whole["event"], died)),
        "death_times": _matched(truth[died], whole, ["event"]),
        "censored_times": _matched(truth[~died], whole, ["event"]),
        "rows": _matched(truth, arms, ["event", factor]),
    }


def score_curves(truth: pd.DataFrame, factor: str) -> dict:
    """The score of Guyot's method, given exact curves, numbers at risk and deaths."""
    levels = truth.groupby(factor)
    arms = pd.concat([from_curve(some).assign(**{factor: level}) for level, some in levels])
    return score(truth, from_curve(truth), arms, factor)


def score_search(truth: pd.DataFrame, factor: str, cohorts: list) -> dict:
    """The mean score of the search's cohorts (frames), each of which knows the factor as well."""
    scores = [score(truth, cohort, cohort, factor) for cohort in cohorts]
    return pd.DataFrame(scores).mean().to_dict() if scores else dict.fromkeys(SCORES, np.nan)


def _matched(truth, rebuilt, columns):
    """The share of true rows with a rebuilt one for each alone: the same columns, a near time."""
    same = np.abs(rebuilt["time"].to_numpy() - truth["time"].to_numpy()[:, None]) <= NEAR
    for column in columns:
        same &= rebuilt[column].to_numpy() == truth[column].to_numpy()[:, None]
    found = np.zeros(len(truth), bool)
    for i, here in enumerate(same):
        if here.any():
            found[i] = True
            same[:, here.argmax()] = False  # taken
    return float(found.mean()) if len(found) else np.nan


WORK = {"papers": validate_one, "options": options_one, "errors": err_one}
KEYS = {kind: ["number"] for kind in WORK} | {"options": ["number", "told"]}


def tasks(kind: str, papers: int = PAPERS) -> list[tuple]:
    """What one table asks for: each paper; of the first quarter, what the search may be told."""
    if kind == "options":
        return [(number, told) for number in range(-(-papers // 4)) for told in TOLD]
    return [(number,) for number in range(papers)]


def write_validation(
    out: str | Path,
    papers: int = PAPERS,
    workers: int | None = None,
    kinds: Iterable[str] = tuple(WORK),
) -> None:
    """Compute the tables and write them to the folder `out`, a CSV file each.

    Rows that a file has already are kept; each new one is put in its place as soon as it is there,
    so that a run that was ended goes on where it was.
    """
    out, progress = Path(out), Progress()
    out.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        path, keys = out / f"{kind}.csv", KEYS[kind]
        wanted = {tuple(map(str, task)): task for task in tasks(kind, papers)}
        known = dict.fromkeys(wanted)
        if path.exists():  # rows of a longer run stand last
            rows = pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
            known |= {tuple(row[key] for key in keys): row for row in rows}
        todo = [task for key, task in wanted.items() if known[key] is None]
        for made, row in enumerate(_rows(kind, todo, workers), start=1):
            known[tuple(str(row[key]) for key in keys)] = row
            table = pd.DataFrame([row for row in known.values() if row], dtype=object)
            write_beside(path, table.to_csv(index=False, lineterminator="\n"))
            progress(kind, made, len(todo))


def _rows(kind, todo, workers):
    if workers == 1:
        yield from (WORK[kind](SEED, *task) for task in todo)
        return
    with processes(workers, [(WORK[kind], SEED, *task) for task in todo]) as futures:
        yield from (future.result() for future in as_completed(futures))

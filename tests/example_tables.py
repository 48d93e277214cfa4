"""Small published tables of known truth, printed anew from the patients: `data/examples/`.

Each example names its lines with the decimals that they are printed to; the numbers come from
lifelines, statsmodels, NumPy and formulas of a line or two, never from the search. Run this file
to write every `published.csv`; a test compares them, and another asks R for the same numbers.
"""

import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from example_numbers import value_of
from recohort.validation.truth import read_truth

FOLDER = Path(__file__).parents[1] / "data" / "examples"


def half_up(value, decimals):
    """As printed, halves upwards, of the 12 digits that two programs have in common."""
    number = math.floor(round(float(value) * 10**decimals, 9) + 0.5)
    return f"{number / 10**decimals:.{decimals}f}"


class Example(NamedTuple):
    """What a table prints: its program's habits, and lines with the decimals of each."""

    scale: str  # of limits
    median: str  # first: a curve at one half is enough; middle: of a step at one half
    lines: tuple


def rates(times, where="", decimals=1, parts=("survival", "survival_lower", "survival_upper")):
    """Rates at some times, perhaps with limits or errors."""
    for at in times:
        for part in parts:
            whole = part in ("at_risk", "events_by")
            yield part, "; ".join(filter(None, (f"at={at}", where))), 0 if whole else decimals


def follow_up(decimals=0, where=""):
    """Shortest, longest and median time."""
    for name in ("minimum", "maximum", "median"):
        yield name, "; ".join(filter(None, ("column=time", where))), decimals


def counts(*groups):
    """All patients, deaths, and each group with its deaths."""
    yield from (("count", "", 0), ("count", "event=True", 0))
    for where in groups:
        yield from (("count", where, 0), ("count", f"event=True; {where}", 0))


PLAIN, WITH_ERROR = ("survival",), ("survival", "standard_error")
LIMITS = ("survival_lower", "survival_upper")
MEDIAN = (("median_survival", "", 0), ("median_survival_lower", "", 0),
          ("median_survival_upper", "", 0))  # fmt: skip
EXAMPLES = {
    "01-aml-maintained": Example("log", "middle", (*counts(), *rates((12, 24, 36)), *MEDIAN)),
    "02-aml-nonmaintained": Example("linear", "first", (
        *counts(),
        ("mean_survival", "mean_to=largest", 3),
        ("mean_survival_error", "mean_to=largest; mean_error=greenwood", 3),
        ("median_survival", "", 0),
        *rates((12, 24, 36), parts=WITH_ERROR),
        ("quantile_survival", "q=0.25", 0),
        ("quantile_survival", "q=0.75", 0),
    )),
    "03-ovarian-first-arm": Example("log", "middle", (
        *counts("residual=no", "residual=yes"),
        *follow_up(),
        *rates((365, 730)),
        *MEDIAN[:1],
        *rates((365, 730), "residual=no", parts=PLAIN),
        *rates((365, 730), "residual=yes", parts=PLAIN),
        ("p_value", "residual=yes; test=log_rank", "<0.05"),
    )),
    "04-ovarian-second-arm": Example("log_log", "middle", (
        *counts("ecog=1", "ecog=2"),
        *follow_up(1),
        *rates((12, 24)),
        *((name, where, 1) for name, where, _ in MEDIAN),
        ("quantile_survival", "q=0.25", 1),
        *rates((12, 24), "ecog=1", parts=PLAIN),
        *rates((12, 24), "ecog=2", parts=PLAIN),
        ("p_value", "ecog=1; test=log_rank", 4),
        ("p_value", "ecog=1; test=breslow_gehan", 4),
    )),
    "05-glioma": Example("log_log", "first", (
        *counts("group=RIT", "group=Control"),
        *rates((12, 24, 48)),
        *rates((12, 24, 48), "group=RIT", parts=PLAIN),
        *rates((12, 24, 48), "group=Control", parts=PLAIN),
        ("median_survival", "group=RIT", 0),
        ("median_survival", "group=Control", 0),
        *follow_up(0, "group=RIT"),
        *follow_up(0, "group=Control"),
        ("p_value", "group=RIT; test=exact_log_rank", 4),
    )),
    "06-leukemia-6-mp": Example("log", "middle", (
        *counts(),
        *rates((6, 7, 10, 13, 16, 22, 23), parts=("at_risk", "survival", "standard_error"),
               decimals=2),
        *MEDIAN[:1],
    )),
    "07-leukemia-placebo": Example("log", "middle", (
        *counts(),
        ("mean", "column=time", 1),
        ("sd", "column=time", 1),
        *follow_up(),
        ("quantile", "column=time; q=0.25", 0),
        ("quantile", "column=time; q=0.75", 0),
        *rates((4, 8, 12, 16), parts=PLAIN),
    )),
    "08-larynx-stage-four": Example("log_log", "first", (
        *counts("age=under70", "age=from70"),
        *rates((0.5, 1, 2, 3, 4), "unit=share", 4,
               ("survival", "standard_error", "survival_lower", "survival_upper")),
        *((name, where, 1) for name, where, _ in MEDIAN),
        *((name, "age=under70", 1) for name, *_ in MEDIAN[:1]),
        *((name, "age=from70", 1) for name, *_ in MEDIAN[:1]),
        ("p_value", "age=from70; test=breslow_gehan", 4),
    )),
    "09-larynx-stage-two": Example("log_log", "first", (
        *counts(),
        *rates((2, 4, 6)),
        *((name, where, 1) for name, where, _ in MEDIAN),
        ("mean_survival", "to=5", 2),
        ("at_risk", "at=4; boundary=at_or_after", 0),
        ("minimum", "column=time", 1),
        ("maximum", "column=time", 1),
    )),
    "10-psychiatric-women": Example("linear", "first", (
        *counts("age=under30", "age=30to39", "age=from40"),
        *rates((10, 20, 30), parts=PLAIN),
        *rates((10, 20, 30), "age=from40", parts=PLAIN),
        *rates((30,), "age=under30", parts=PLAIN),
        *rates((30,), "age=30to39", parts=PLAIN),
        ("maximum", "column=time", 0),
        *MEDIAN[:1],
        ("median_survival", "age=from40", 0),
        ("median", "column=time; event=True", 0),
        ("p_value", "by=age; test=log_rank", "<0.001"),
    )),
    "11-lymphoma-stage-three": Example("linear", "first", (
        *counts(),
        ("minimum", "column=time", 0),
        ("maximum", "column=time", 0),
        *rates((50, 100, 200, 300), decimals=0, parts=("at_risk", "events_by")),
        *rates((100, 300), parts=PLAIN),
        *MEDIAN[:2],
        ("reverse_median", "", 0),
    )),
    "12-adenocarcinoma": Example("log", "first", (
        *counts("karnofsky=low", "karnofsky=high"),
        *follow_up(),
        ("patient", "id=1; time=3; karnofsky=low", ""),
        ("patient", "id=2; time=117; event=True", ""),
        ("patient", "id=3; time=162; karnofsky=high", ""),
        *rates((30, 90), parts=PLAIN),
        ("p_value", "karnofsky=low; test=log_rank", "<0.01"),
    )),
    "13-large-cell": Example("linear", "first", (
        *counts("prior=yes", "prior=no", "age=from65", "age=under65"),
        *follow_up(),
        *rates((90, 180), parts=PLAIN),
        *rates((90, 180), "level=90", parts=LIMITS),
        *rates((90, 180), "prior=yes", parts=PLAIN),
        *rates((90, 180), "age=from65", parts=PLAIN),
        ("median", "column=time; prior=yes", 0),
        ("median", "column=time; age=from65", 0),
        ("maximum", "column=time; age=under65", 0),
        ("p_value", "prior=yes; test=tarone_ware", 3),
        ("hazard_ratio", "prior=yes; adjusted_for=age=from65; adjustment=joint; ties=efron", 2),
        ("hazard_ratio_p", "prior=yes; adjusted_for=age=from65; adjustment=joint; ties=efron", 2),
    )),
    "14-lung-one-hospital": Example("log_log", "first", (
        *counts("sex=male", "sex=female"),
        ("median", "column=time; event=True", 1),
        ("median", "column=time; event=False", 1),
        ("maximum", "column=time", 1),
        *rates((6, 12), parts=PLAIN),
        *rates((6, 12), "sex=male", parts=PLAIN),
        *rates((6, 12), "sex=female", parts=PLAIN),
        ("nobody_followed", "at=24; sex=male", "-"),
        ("p_value", "sex=male; test=likelihood_ratio; ties=efron", 2),
    )),
    "15-biliary-cirrhosis": Example("linear", "first", (
        *counts("drug=penicillamine", "drug=placebo"),
        *follow_up(),
        *rates((60, 120, 150), parts=PLAIN),
        ("survival", "at=60; drug=placebo", 1),
        ("survival", "at=120; drug=penicillamine", 1),
        ("at_risk", "at=60; boundary=after", 0),
        ("at_risk", "at=120; boundary=after", 0),
        MEDIAN[0],
    )),
}  # fmt: skip


def print_table(name):
    """The lines of an example's `published.csv`."""
    truth, example = read_truth(FOLDER / name), EXAMPLES[name]
    rows = [(statistic, arguments, _printed(truth, example, statistic, arguments, decimals))
            for statistic, arguments, decimals in example.lines]  # fmt: skip
    return pd.DataFrame(rows, columns=["statistic", "arguments", "printed"])


def _printed(truth, example, statistic, arguments, decimals):
    """A number to its decimals; a relation, a dash or nothing where that is what is printed."""
    pieces = [piece.partition("=") for piece in filter(None, arguments.split("; "))]
    told = {name: value for name, _, value in pieces}
    value = value_of(truth, example, statistic, told)
    if not isinstance(decimals, str):
        return "not reached" if math.isinf(value) else half_up(value, decimals)
    if decimals.startswith("<") and not value < float(decimals[1:]):
        raise ValueError(f"{statistic},{arguments}: {value} is not {decimals}")
    if not decimals.startswith("<") and not value:
        raise ValueError(f"{statistic},{arguments}: not so in the patients")
    return decimals


if __name__ == "__main__":
    for example in EXAMPLES:
        path = FOLDER / example / "published.csv"
        print_table(example).to_csv(path, index=False, lineterminator="\n")

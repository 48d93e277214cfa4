"""The ledger: every printed figure beside what the rebuilt cohorts print."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pandas as pd

from thirteen.cohort import distinct
from thirteen.published import DASHES, rows_of
from thirteen.registry import CONVENTIONS, REGISTRY
from thirteen.rounding import decimals_of, round_to
from thirteen.search import Result
from thirteen.search.problem import RATES, TESTS

METHODS = {name: options[0] for name, options in CONVENTIONS.items()}
COLUMNS = "id fact printed recomputed lowest highest status convention role".split()


def printed_form(value, row, conventions) -> str:
    """`value` as the paper would print it in the row's place."""
    if row.statistic in DASHES:
        return row.printed if value else "given"
    exact = value if isinstance(value, Fraction | int) else _steady(value)
    if exact is None:
        return "none"
    is_p = row.statistic in ("p_value", "hazard_ratio_p")
    if is_p and conventions["p_rounding"] == "three_decimals" and decimals_of(row.printed) < 3:
        exact = round_to(exact, 3, conventions["halves"])
    return str(round_to(exact, decimals_of(row.printed), conventions["halves"]))


def _steady(value):
    """A float as a decimal, its last bits dropped so that 31.25 is not 31.2499999."""
    return Decimal(repr(round(float(value), 9))) if abs(float(value)) < 1e9 else None


def ledger(published, result: Result, cohort: pd.DataFrame, corrections, confirmed=()):
    """One row a printed figure: recomputed from `cohort`, and its span over all solutions.

    `corrections` is the frame of `corrections.csv`; `confirmed` names the facts that the
    search reaches without being told. Columns as in the contract: id, fact, printed,
    recomputed, lowest, highest, status, convention, role.
    """
    solutions = _solutions(result, cohort)
    blocks = _blocks(corrections)
    remembered = {}
    found = []
    for row in rows_of(published):
        values = _forms(row, [cohort, *solutions], result, remembered)
        status, convention = _judge(row, values, blocks)
        forms = values[convention or ()]
        ends = sorted(forms[1:], key=_rank)
        role = _role(row, forms[0], result, confirmed)
        text = "; ".join(f"{name}={option}" for name, option in convention or ())
        span = forms[0], ends[0], ends[-1]
        found.append((row.id, row.fact, row.printed, *span, status, text, role))
    table = pd.DataFrame(found, columns=COLUMNS)
    return _with_reasons(published, table)


def _solutions(result, cohort):
    """All solutions as frames; columns that the search leaves open are taken from `cohort`."""
    frames = distinct(result)
    missing = [c for c in cohort.columns if c not in frames[0]]
    return [frame.assign(**{c: cohort[c] for c in missing}) for frame in frames]


def _forms(row, frames, result, remembered):
    """What each frame prints, by combination of conventions: Methods' own, then the paper's."""
    own = dict(result.problem.conventions)
    differing = [s for s in REGISTRY[row.statistic].switches if own[s] != METHODS[s]]
    answer = {}
    for size in range(len(differing) + 1):
        for names in combinations(differing, size):
            conventions = METHODS | {name: own[name] for name in names}
            key = tuple((name, own[name]) for name in names)
            answer[key] = [_form(row, frame, conventions, remembered) for frame in frames]
    return answer


def _form(row, frame, conventions, remembered):
    """The printed form, remembered by the cells that it can depend on."""
    names = {"time", "event"} | {c for c, _, _ in row.filters}
    names |= {v.split("=")[0] for k, v in row.options if k in ("column", "since", "adjusted_for")}
    cells = frame[sorted(names)]
    if row.statistic in RATES + TESTS:  # times matter by their order, and by the landmark
        landmark = float(dict(row.options).get("at", 0))
        cells = cells.assign(time=frame["time"].rank(), before=frame["time"] <= landmark)
    cells = tuple(map(tuple, cells.to_numpy().tolist()))
    key = row[2:5], cells, tuple(sorted(conventions.items())), row.printed
    if key not in remembered:
        value = REGISTRY[row.statistic].compute({"patients": frame}, row, conventions)
        remembered[key] = printed_form(value, row, conventions)
    return remembered[key]


def _blocks(corrections):
    """Each block's smallest corrections, as a list of sets of facts."""
    return [
        [set(facts) for _, facts in block.groupby("correction")["fact"]]
        for _, block in corrections.groupby("block")
    ]


def _judge(row, values, blocks):
    """Status of a row, and the conventions beyond Methods under which it is shown."""
    same = {key: [_same(form, row) for form in forms] for key, forms in values.items()}
    good = next((key for key, flags in same.items() if all(flags)), None)
    shown = next((key for key, flags in same.items() if flags[0]), None)
    for block in blocks:
        holding = [row.fact in aside for aside in block]
        if any(holding) and not all(holding):
            return "disputed", shown if shown is not None else list(values)[-1]
        if all(holding) and good is None:
            return "contradicted", list(values)[-1]
    if good is not None:
        return ("reproduced_under" if good else "reproduced"), good
    if shown is not None:
        return "underdetermined", shown
    raise ValueError(f"{row.id}: no cohort prints it, yet no correction sets it aside")


def _same(form, row):
    if row.statistic in DASHES:
        return form == row.printed
    return form != "none" and Decimal(form) == Decimal(row.printed)


def _role(row, form, result, confirmed):
    """Input where the search, or the choice of a column of numbers, was told the figure."""
    about_numbers = any(k in ("column", "since") and v != "time" for k, v in row.options)
    told = _same(form, row) if about_numbers else row.fact in {r.fact for r in result.problem.rows}
    if not told:
        return "checked"
    return "confirmed" if row.fact in confirmed else "input"


def _rank(form):
    try:
        return float(form)
    except ValueError:
        return float("inf")


def _with_reasons(published, table):
    """Rows that nothing recomputes keep their place, with their reason as the convention."""
    bare = published[published["statistic"] == ""]
    extra = bare[["id", "fact", "printed"]].assign(
        recomputed="", lowest="", highest="", status="not_recomputable", convention="", role=""
    )
    both = pd.concat([table, extra])
    printed = published.set_index("id")["printed"]
    both["printed"] = both["id"].map(printed)
    return both.set_index("id").loc[published["id"]].reset_index()[COLUMNS]

"""The ledger: every printed number beside what the rebuilt cohorts print."""

from collections.abc import Collection
from itertools import product
from math import inf

import pandas as pd

from recohort.edition import distinct
from recohort.paper.files import is_number
from recohort.paper.options import DEFAULTS
from recohort.paper.printed import form_of, prints, with_options
from recohort.paper.reading import blocks_of, columns_of, homes_of, rows_of
from recohort.paper.rows import SHARE, SHARED, Row
from recohort.paper.statistics import RATES, REGISTRY, TESTS
from recohort.survival import Result

OWN = "own"  # a percentage is of the rows that it counts
METHODS = DEFAULTS | {SHARE: OWN}
COLUMNS = "id fact printed recomputed lowest highest status convention role".split()


class Known:
    """What the ledger looks at, read once for all rows."""

    def __init__(self, rows, homes, result, tables, corrections, confirmed):
        """Arguments as of `ledger`; `rows` as their options form them."""
        self.tables, self.confirmed, self.remembered = tables, confirmed, {}
        # the survival search's solutions as tables, the edition's first
        self.every = [{"patients": frame} for frame in [tables["patients"], *distinct(result)]]
        self.named = METHODS | dict(result.problem.conventions)
        self.about = {row.id: blocks_of(row, homes) for row in rows}
        self.elsewhere = {row.fact for row in rows if self.about[row.id] != {"survival"}}
        self.told = {row.fact for row in result.problem.rows}
        self.arithmetic = {row.fact for row in rows if not self.about[row.id]}
        self.blocks, self.excepted = _blocks(corrections), _exceptions(corrections)


def ledger(
    published: pd.DataFrame,
    result: Result,
    tables: dict,
    corrections: pd.DataFrame,
    dictionary: pd.DataFrame,
    confirmed: Collection[str] = (),
    options: dict | None = None,
) -> pd.DataFrame:
    """One row a printed number: recomputed from the edition's tables, and its span elsewhere.

    `tables` are the edition's; `confirmed` names the facts that the search reaches untold;
    `options` are each block's, the search's if none are given. Survival numbers are recomputed from
    every solution of the search, others from the edition alone. A number about cells that are not
    rebuilt has no status yet. Columns as in the contract: `COLUMNS`.
    """
    homes = homes_of(dictionary)
    options = options or {"": dict(result.problem.conventions)}
    rows = with_options(rows_of(published), homes, options)
    known = Known(rows, homes, result, tables, corrections, set(confirmed))
    lines = [_line(row, known) for row in rows]
    return _with_reasons(published, pd.DataFrame(lines, columns=COLUMNS))


def _line(row, known):
    """A row's line; of a fact that looks at other tables all rows count as put in."""
    if not rebuilt(row, known.tables):
        return row.id, row.fact, row.printed, *[""] * 6
    excepted = known.excepted.get(row.fact, {})
    shared = SHARE in excepted and row.statistic in SHARED
    alone = known.about[row.id] == {"survival"} and not shared
    solutions = known.every if alone else [known.tables]
    values = _forms(row, solutions, known.named | dict(row.switches), excepted, known.remembered)
    status, convention = judged(row, values, known.blocks)
    forms = values[convention or ()]
    ends = sorted(forms[1:] or forms, key=_rank)
    used = row.fact in known.told
    if row.fact in known.elsewhere or shared:
        used = row.fact not in known.arithmetic and prints(forms[0], row)
    reached = row.fact in known.confirmed and status != "disputed"
    role = ("confirmed" if reached else "input") if used else "checked"
    text = "; ".join(f"{name}={option}" for name, option in convention or ())
    return row.id, row.fact, row.printed, forms[0], ends[0], ends[-1], status, text, role


def rebuilt(row: Row, tables: dict) -> bool:
    """Do the edition's tables hold every cell that the row looks at?"""
    return all(
        table in tables and (column == "rows" or not _blank(tables[table], column))
        for table, column in columns_of(row)
    )


def _blank(frame, column):
    return column not in frame or frame[column].isna().all() or (frame[column] == "").all()


def _forms(row, solutions, own, excepted, remembered):
    """What each solution prints, by combination of conventions: Methods' own first.

    The others are the paper's, or that under which the row's fact is excepted; the more of
    them a combination has, the later it comes. Copies of a row are computed once, and so are
    solutions that do not differ in the cells that it depends on.
    """
    choices = [
        [(s, option) for option in dict.fromkeys([METHODS[s], own[s], excepted.get(s, own[s])])]
        for s in (*REGISTRY[row.statistic].switches, *{"halves"} & set(excepted))
    ]
    if row.statistic in SHARED:
        choices.append(
            [(SHARE, option) for option in dict.fromkeys([OWN, excepted.get(SHARE, OWN)])]
        )
    cells = [_cells(row, tables) if len(solutions) > 1 else () for tables in solutions]
    answer = {}
    for chosen in product(*choices):
        key = tuple((name, option) for name, option in chosen if option != METHODS[name])
        forms = remembered.setdefault((row[2:], key), {})
        for tables, seen in zip(solutions, cells, strict=True):
            if seen not in forms:
                asked = row._replace(switches=tuple(s for s in key if s[0] == SHARE))
                forms[seen] = form_of(asked, tables, METHODS | dict(key))
        answer[key] = [forms[seen] for seen in cells]
    return dict(sorted(answer.items(), key=lambda item: len(item[0])))


def _cells(row, tables):
    """The cells of patients that a survival number can depend on.

    Rates and tests depend on times by their order, and by who ended before the landmark.
    """
    frame = tables["patients"]
    names = {column for _, column in columns_of(row) if column != "rows"}
    times = [frame["time"]]
    if row.statistic in RATES + TESTS:
        landmark = float(dict(row.options).get("at", 0))
        times = [frame["time"].rank(), frame["time"] <= landmark]
    others = [frame[name] for name in sorted({*names, "event"} - {"time"})]
    return tuple(tuple(values.tolist()) for values in [*times, *others])


def _exceptions(corrections):
    """The conventions under which facts are excepted: {fact: {switch: option}}."""
    found = {}
    for row in corrections[corrections["kind"] == "excepted"].itertuples():
        switch, _, option = row.convention.partition("=")
        found.setdefault(row.fact, {})[switch] = option
    return found


def _blocks(corrections):
    """What each block's smallest corrections give up, as a list of sets of facts."""
    given_up = corrections["fact"].where(corrections["kind"] == "set_aside")
    return [
        [set(facts.dropna()) for _, facts in block.groupby("correction")["fact"]]
        for _, block in corrections.assign(fact=given_up).groupby("block")
    ]


def judged(row: Row, values: dict, blocks: list) -> tuple[str, tuple]:
    """Status of a row, and the conventions beyond Methods under which it is shown.

    `values` are the forms that each solution gives, the edition's first, by conventions; `blocks`
    what each block's smallest corrections give up. Raises ValueError where nothing gives the row.
    """
    same = {key: [prints(form, row) for form in forms] for key, forms in values.items()}
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


def _rank(form):
    return float(form) if is_number(form) else inf


def _with_reasons(published, table):
    """Every printed row in its place; one that nothing recomputes has no more than a status."""
    told = published[["id", "fact", "printed"]]
    whole = told.merge(table.drop(columns=["fact", "printed"]), "left", "id").fillna("")
    whole.loc[published["statistic"].to_numpy() == "", "status"] = "not_recomputable"
    return whole[COLUMNS]

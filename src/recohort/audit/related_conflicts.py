"""Why facts about sessions and tumors have to be given up: minimal conflicts with witnesses."""

from functools import partial

import pandas as pd

from recohort.cells.cells import LEVELS
from recohort.cells.curves import RATES
from recohort.cells.edition import frames_of
from recohort.cells.facts import SUMS
from recohort.cells.giving_up import any_option, minimal_conflict
from recohort.cells.related import related_paper
from recohort.cells.relations import SEES_SUMS, Model, model_of, solve
from recohort.paper.reading import columns_of

BLOCK = "tumors"
NAMES = {"patients": "P", "sessions": "S", "tumors": "T"}


def related_conflicts(survival, data, corrections, folder) -> pd.DataFrame:
    """For each fact of a smallest correction, a minimal set that no cohort prints together.

    The other facts of that correction stay out of the set. Judged over all cohorts of
    `survival` (frames), with any number of sessions and tumors that the paper speaks of. One
    row a member; `witness` is a cohort that prints all other members (empty where a fact
    contradicts itself), in the columns that they name. Columns: block, fact, member, witness.
    """
    paper = related_paper({"patients": survival[0]}, *data, folder)
    paper = paper._replace(cohorts=tuple(survival))
    rows, done = [], set()
    for _, aside in corrections.groupby("correction"):
        for fact, kind in aside[["fact", "kind"]].itertuples(index=False):
            if fact in done:
                continue
            done.add(fact)
            members, model = _conflict(paper, fact, set(aside["fact"]), kind == "set_aside")
            witness = partial(_without, model, paper, members)
            rows += [(BLOCK, fact, m, witness(m)) for m in sorted(members)]
    return pd.DataFrame(rows, columns=["block", "fact", "member", "witness"])


def _conflict(paper, fact, aside, free):
    """A minimal conflict of a fact with quick ones that are kept; and the model that shows it.

    With `free`, they do not hold together under any options either. Facts that name few columns
    come first, so that they are preferred. Raises ArithmeticError where quick facts do not do.
    """
    quick = [
        f
        for f, rows in paper.facts.items()
        if paper.blocks[f] == BLOCK
        and f not in aside
        and f != fact
        and all(r.statistic not in SUMS + RATES for r in rows)
    ]
    quick.sort(key=lambda f: len({c for _, c in named(paper, [f])} - {"rows"}))
    model = model_of(paper, [fact, *quick])
    if solve(model, model.held.values()) is not None:
        raise ArithmeticError(f"{fact} does not conflict with the quick facts")
    members = minimal_conflict(model, [fact, *quick])
    free_model = any_option(paper, members)[0] if free else model
    if free and solve(free_model, free_model.held.values(), **SEES_SUMS) is not None:
        raise ArithmeticError(f"{fact}: another option mends {members}")
    return members, model


def named(paper, facts) -> set:
    """The (table, column) pairs that some facts name."""
    return {name for f in facts for row in paper.facts[f] for name in columns_of(row)}


def _without(model: Model, paper, members, member):
    """A cohort that prints the members but one, as text."""
    others = [f for f in members if f != member]
    if not others:
        return ""
    solver = solve(model, [model.held[f] for f in others])
    return in_words(frames_of(model, solver), named(paper, others))


def in_words(tables, columns) -> str:
    """Some columns of tables in one line: ``sessions.modality: a b a; ...``, ``-`` for empty."""
    keys = [("sessions", "patient_id"), ("tumors", "patient_id"), ("tumors", "session_id")]
    wanted = [(t, c) for t in LEVELS for c in tables[t] if (t, c) in {*columns, *keys}]
    return "; ".join(
        f"{t}.{c}: " + " ".join("-" if pd.isna(v) else str(v) for v in tables[t][c])
        for t, c in wanted
    )


def in_short(text, size) -> str:
    """A witness in a few words: by modality, its sessions and the tumors that they treat."""
    tables = from_words(text, size)
    if not text or "modality" not in tables["sessions"]:
        return ""
    tumors = tables["tumors"]["session_id"].value_counts()
    parts = []
    for kind, own in tables["sessions"].groupby("modality"):
        n = tumors[own["session_id"]]
        pairs = int((n > 1).sum())
        parts.append(
            f"{kind}: {n.sum()} tumors in {len(own)} sessions ({pairs} with two) of "
            f"{own['patient_id'].nunique()} patients"
        )
    return "; ".join(parts)


def from_words(text, size) -> dict[str, pd.DataFrame]:
    """The tables that `in_words` wrote, typed again, with `size` patients and names of rows."""
    cells = {name: {} for name in LEVELS}
    for part in text.split("; "):
        name, _, values = part.partition(": ")
        table, _, column = name.partition(".")
        cells[table][column] = [_typed(v) for v in values.split(" ")]
    found = {}
    for name, columns in cells.items():
        rows = range(size if name == "patients" else len(columns["patient_id"]))
        names = [f"{NAMES[name]}{k + 1:02d}" for k in rows]
        found[name] = pd.DataFrame(columns, index=rows).assign(**{f"{name[:-1]}_id": names})
    return found


def _typed(text):
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return None if text == "-" else text

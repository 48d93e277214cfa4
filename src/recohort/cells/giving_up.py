"""Facts of the related tables that cannot all be true: smallest corrections and conflicts.

The search goes shape by shape (how many sessions and tumors each patient has). In each, a
quick model without sums and curves proposes the smallest sets to give up; the full model
judges them, and answers a set that does not do with a conflict to be met as well. When all
smallest sets that meet the conflicts are judged, there is no other.
"""

from fractions import Fraction
from itertools import product

import pandas as pd

from recohort.cells.curves import RATES
from recohort.cells.facts import SUMS, agrees
from recohort.cells.relations import SEES_SUMS, Model, Paper, model_of, run, solve


def smallest_corrections(paper: Paper, facts) -> list[frozenset]:
    """All smallest sets of `facts` to give up so that the others hold, over all shapes."""
    found, fewest = set(), len(facts)
    for least, shape in shapes_of(paper, facts):
        if least > fewest or not fewest:
            break
        here = _corrections(paper, facts, shape, fewest)
        if here and len(here[0]) < fewest:
            found, fewest = set(), len(here[0])
        found |= set(here)
    return sorted(found, key=sorted)


def shapes_of(paper: Paper, facts) -> list[tuple[int, tuple]]:
    """The shapes that the rules allow, each after the number of facts that it breaks at least."""
    sizes = range(1, paper.most["tumors"] + 1)
    every = [s for k in range(paper.most["sessions"]) for s in product(sizes, repeat=k + 1)]
    options = [[s for s in every if _allowed(paper, i, s)] for i in range(paper.size)]
    ranked = []
    for shape in product(*options):
        rows = {"patients": len(shape), "sessions": sum(map(len, shape)),
                "tumors": sum(map(sum, shape))}  # fmt: skip
        broken = [f for f in facts if not all(_fits(r, rows, paper) for r in paper.facts[f])]
        ranked.append((len(broken), shape))
    return sorted(ranked)


def _allowed(paper, i, sessions):
    cohorts = [pd.DataFrame(c.iloc[[i]]).reset_index(drop=True) for c in paper.cohorts[:1]]
    rules = [rule for rule in paper.rules if rule.id.endswith(".rows")]
    alone = paper._replace(size=1, cohorts=tuple(cohorts), rules=rules)
    return solve(model_of(alone, (), (sessions,))) is not None


def _fits(row, rows, paper):
    """Can a plain count or ratio of rows be as printed? Anything else can."""
    options = dict(row.options)
    if row.filters or row.statistic not in ("count", "ratio") or "within" in options:
        return True
    n = rows.get(options.get("table", "patients"))
    of = 1 if row.statistic == "count" else rows.get(options["of"])
    return not n or agrees(row, Fraction(n, of), paper.conventions)


def _corrections(paper, facts, shape, limit):
    """The smallest sets in one shape; [] where all have more than `limit` facts."""
    full = model_of(paper, facts, shape)
    quick = model_of(paper, _quick(paper, facts), shape)
    m, held = quick.cells.m, dict(quick.held)
    held |= {f: m.new_bool_var(f"holds {f}") for f in facts if f not in held}
    conflicts = [[f] for f in facts if f not in quick.held and not solve(full, [full.held[f]])]
    while True:
        for conflict in conflicts:
            m.add_bool_or([~held[f] for f in conflict])
        proposed = fewest_false(m, held, limit)
        rests = [[f for f in facts if f not in aside] for aside in proposed]
        good = [solve(full, [full.held[f] for f in rest]) is not None for rest in rests]
        if any(good) or not proposed:
            return [p for p, fine in zip(proposed, good, strict=True) if fine]
        conflicts = [_conflict(paper, full, rest, shape) for rest in rests]


def fewest_false(m, held, limit) -> list[frozenset]:
    """All smallest sets of names in `held` whose literals are false; [] if more than `limit`."""
    trial = m.clone()
    lost = sum(1 - trial.get_bool_var_from_proto_index(x.index) for x in held.values())
    trial.add(lost <= limit)
    trial.minimize(lost)
    best = run(trial, optimize_with_core=True)
    if best is None:
        return []
    trial.clear_objective()
    trial.add(lost == round(best.objective_value))
    found = []
    while solver := run(trial):
        found.append(frozenset(f for f, x in held.items() if not solver.value(x)))
        if not found[-1]:
            break
        trial.add_bool_or([trial.get_bool_var_from_proto_index(held[f].index) for f in found[-1]])
    return sorted(found, key=sorted)


def _conflict(paper, full, facts, shape):
    """A minimal conflict among facts, with one that is slow to solve for if that will do."""
    quick = _quick(paper, facts)
    for fact in (f for f in facts if f not in quick):
        model = model_of(paper, [*quick, fact], shape)
        if solve(model, model.held.values()) is None:
            return minimal_conflict(model, [fact, *quick])
    return minimal_conflict(full, facts)


def _quick(paper, facts):
    """The facts without a mean, spread, end or curve."""
    return [f for f in facts if all(r.statistic not in SUMS + RATES for r in paper.facts[f])]


def minimal_conflict(model: Model, facts) -> list[str]:
    """Out of facts that do not hold together, a set that does not and cannot be made smaller.

    The facts at the end of the list are left out first, so that it prefers those before.
    """
    kept, size = list(facts), max(1, len(facts) // 3)
    while True:
        start = len(kept)
        while start > 0:
            start = max(0, start - size)
            rest = kept[:start] + kept[start + size :]
            if solve(model, [model.held[f] for f in rest], **SEES_SUMS) is None:
                kept = rest
        if size == 1:
            return kept
        size = max(1, size // 3)

"""Facts of the related tables that cannot all be true: what to give up.

Each fact may first be printed under any option of a switch; what is given up then is given up
under all of them. Among what is left, the fewest facts that need another option are found.
"""

from collections.abc import Collection

from ortools.sat.python import cp_model

from recohort.cells.curves import CURVES
from recohort.cells.relations import Model, Paper, copied, model_of, run
from recohort.paper.limits import PATH
from recohort.paper.options import CONVENTIONS
from recohort.paper.statistics import options_of

NEAREST = ("up", "even")  # of rounding to the nearest


def any_option(
    paper: Paper, facts: Collection[str], shape: tuple | None = None
) -> tuple[Model, dict]:
    """A model in which each fact holds if some option of one of its switches prints it.

    Halves may go either way; digits cut off are no option here. With it, by fact, the literals of
    its ways: {(): under the paper's options, (switch, option): under that one}.
    """
    named, ways = dict(paper.facts), {}
    for fact in facts:
        rows = [r._replace(switches=(("halves", NEAREST), *r.switches)) for r in paper.facts[fact]]
        options = (s for r in rows for s in options_of(r, paper.levels))
        named_so = paper.conventions | dict(rows[0].switches)
        own = {(): rows} | {
            s: [r._replace(switches=(*r.switches, s)) for r in rows]
            for s in dict.fromkeys(options)
            if s not in named_so.items() and isinstance(named_so.get(s[0], ""), str)
        }
        ways[fact] = {switch: (fact, *switch) for switch in own}
        named |= {ways[fact][switch]: rows for switch, rows in own.items()}
    every: list = [name for own in ways.values() for name in own.values()]
    model = model_of(paper._replace(facts=named), every, shape)
    found = {f: {s: model.held[name] for s, name in own.items()} for f, own in ways.items()}
    held = {fact: model.cells.m.new_bool_var("") for fact in found}
    for fact, literals in found.items():
        model.cells.m.add_max_equality(held[fact], list(literals.values()))
    return model._replace(held=held), found


def each_freely(paper: Paper) -> Paper:
    """The paper with each number a fact of its own, a rate with its limits one, formed in any way.

    Ways to round and to form limits are all allowed; `any_option` adds the others.
    """
    facts: dict = {}
    for fact, row in ((fact, row) for fact, rows in paper.facts.items() for row in rows):
        name = (fact, row.filters, row.options) if row.statistic in CURVES else row.id
        free = row._replace(switches=tuple((s, CONVENTIONS[s]) for s in ("halves", *PATH)))
        facts.setdefault(name, []).append(free)
    return paper._replace(facts=facts)


def fewest_false(m: cp_model.CpModel, held: dict, limit: int) -> list[frozenset]:
    """All smallest sets of names in `held` whose literals are false; [] if more than `limit`."""
    trial = m.clone()
    lost = sum(1 - x for x in copied(trial, held.values()))
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
        trial.add_bool_or(copied(trial, [held[f] for f in found[-1]]))
    return sorted(found, key=sorted)


def fewest_switches(model: Model, ways: dict, aside: Collection[str]) -> list[frozenset]:
    """All smallest sets of facts that need another option once the facts `aside` are given up.

    `model` and `ways` are from `any_option`.
    """
    trial, own = model.cells.m.clone(), {}
    for fact in (f for f in model.held if f not in aside):
        trial.add(copied(trial, [model.held[fact]])[0] == 1)
        own[fact] = ways[fact][()]
    return fewest_false(trial, own, len(own))

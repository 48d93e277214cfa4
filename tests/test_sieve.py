"""The slow search's JavaScript against the package: the same candidates for any choice of rows."""

import json
from math import prod
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from thirteen import read_data, read_table
from thirteen.search.tables import limits, prefix_states
from thirteen.sieve import (
    MOST_ORDERS,
    count_candidates,
    sieve_data,
    sieve_problem,
    sieve_rows,
    sieve_steps,
)

ASSETS = Path(__file__).parents[1] / "_ext" / "assets"
ASK = """JSON.stringify((() => {
  const found = here.count(new Set(%s));
  return { ...found, total: String(found.total) };
})())"""


@pytest.fixture(scope="module")
def problem():
    """The paper as the search keeps it."""
    return sieve_problem()


@pytest.fixture(scope="module")
def engine(problem):
    """The script in an engine of its own, with the paper's rows."""
    racer = MiniRacer()
    for name in ("survival", "candidates"):
        racer.eval((ASSETS / f"{name}.js").read_text(encoding="utf-8"))
    words = read_data()[0].set_index("id")["quantity"].to_dict()
    data = sieve_data(problem, words, lambda step: (step[0], step[1], "others"))
    racer.eval(f"const here = candidates.space({json.dumps(data)})")
    return racer


def asked(engine, rows):
    """What the script says of a choice of rows."""
    return json.loads(engine.eval(ASK % json.dumps([row.id for row in rows])))


def choice(problem, seed):
    """A random choice of rows: few or many of all patients, of some groups, and their tests."""
    random = np.random.default_rng(seed)
    rows, steps = sieve_rows(problem), sieve_steps(problem)
    first = [r for r in rows if not r.filters or r.filters[0][0] == "event"]
    share = random.choice([0.15, 0.6, 1.0], p=[0.04, 0.36, 0.6])
    kept = [r for r in first if random.random() < share]
    for column, _ in random.permutation(np.array(steps, object))[: random.integers(0, 9)]:
        own = [r for r in rows if r.filters and r.filters[0][0] == column]
        share = random.choice([0.1, 0.4, 1.0])
        kept += [r for r in own if random.random() < share]
    return kept


@pytest.mark.parametrize("seed", range(200))
def test_counts(engine, problem, seed):
    """Orders, groups of every factor and all candidates are exactly the package's."""
    rows = choice(problem, seed)
    found, expected = asked(engine, rows), count_candidates(problem, rows)
    assert found["orders"] == expected.orders
    assert found["pairs"] == list(expected.groups.values())
    assert int(found["total"]) == expected.total

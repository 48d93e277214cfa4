"""The slow search's JavaScript against the package: the same candidates for any choice of rows."""

import json
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from committed import kept_problem
from second_sieve import count_candidates
from thirteen import read_data, read_patients, read_table
from thirteen_lessons.interactive import side_names, sieve
from thirteen_lessons.sieve_counts import everything, sieve_data, sieve_rows, sieve_steps
from tiers import first

ASSETS = Path(__file__).parents[1] / "_ext" / "assets"
ASK = """JSON.stringify((() => {
  const found = here.count(new Set(%s));
  return { ...found, total: String(found.total) };
})())"""


@pytest.fixture(scope="module")
def problem():
    """The paper as the search keeps it."""
    return kept_problem()


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
    for column, _ in random.permutation(np.array(steps, object))[: random.integers(0, 5)]:
        own = [r for r in rows if r.filters and r.filters[0][0] == column]
        share = random.choice([0.1, 0.4, 1.0])
        kept += [r for r in own if random.random() < share]
    return kept


@pytest.mark.parametrize("seed", first(12, range(200)))
def test_counts(engine, problem, seed):
    """Orders, groups of every factor and all candidates are exactly the package's."""
    rows = choice(problem, seed)
    found, expected = asked(engine, rows), count_candidates(problem, rows)
    assert found["orders"] == expected.orders
    assert found["pairs"] == list(expected.groups.values())
    assert int(found["total"]) == expected.total


def test_all_rows_lead_to_what_the_search_has(engine, problem):
    """The board's last count is the search's own third stage; who died is then certain."""
    found = asked(engine, sieve_rows(problem))
    assert int(found["total"]) == read_table("stages")["left"][2]
    assert found["waiting"] == [False] * len(sieve_steps(problem))
    assert found["died"] == pytest.approx(read_patients()["event"].astype(float).tolist())


def test_shares_of_a_group(engine, problem):
    """What the bars show adds up: among all candidates, as many inside as the group has."""
    rows = [r for r in sieve_rows(problem) if not r.filters or r.filters[0][0] in ("event", "sex")]
    found = asked(engine, rows)
    sizes = [round(sum(shares), 9) for shares in found["inside"]]
    data = sieve_data(problem, dict.fromkeys((r.id for r in sieve_rows(problem)), ""), side_names)
    assert sizes == [group["sizes"][0] for group in data["groups"]]
    assert [sum(shares) for shares in found["ended"]] == pytest.approx([1] * 3)


@pytest.mark.slow
def test_rows_wait_while_too_much_is_left(engine, problem):
    """Rows on a group count only once few orders are left; until then the script says so."""
    group = [r for r in sieve_rows(problem) if r.filters and r.filters[0][0] == "sex"]
    found = asked(engine, group)
    assert int(found["total"]) == count_candidates(problem, []).total == everything(problem)
    assert sum(found["waiting"]) == 1


def test_what_the_script_does_not_know_is_refused(problem):
    """A middle between two patients, or another test than the script's, is not drawn wrongly."""
    words = dict.fromkeys((r.id for r in sieve_rows(problem)), "")
    median = next(r for r in problem.rows if r.statistic == "median" and not r.filters)
    odd = tuple(
        r._replace(statistic="quantile", options=(("q", "0.3"),)) if r == median else r
        for r in problem.rows
    )
    with pytest.raises(ValueError, match="between two patients"):
        sieve_data(problem._replace(rows=odd), words, side_names)
    cox = dict(problem.conventions) | {"test": "cox"}
    with pytest.raises(ValueError, match="asks for cox"):
        sieve_data(problem._replace(conventions=tuple(cox.items())), words, side_names)


def test_page_carries_rows_and_a_picture(problem):
    """Readers without scripts have the fall stage by stage, in a picture and in words."""
    page = sieve(problem, read_data()[0].set_index("id")["quantity"].to_dict()).data
    assert f"{read_table('stages')['left'][2]}." in page.split('alt="')[1].split('"')[0]
    assert "consistent with the printed numbers" in page

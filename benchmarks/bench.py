"""Time the search against plain Python, many cohorts at once against lifelines.

`make bench` runs this. Every measured run starts cold: what the search remembers is emptied.
"""

import argparse
import sys
from time import perf_counter

import many
import plain

from recohort.folder import read_blocks
from recohort.paper.statistics import COUNTS, RANKS, RATES
from recohort.survival import search_cohorts
from recohort.survival.cohorts import cohorts
from recohort.survival.groups import fitting_groups
from recohort.survival.orders import all_orders, fitting_orders
from recohort.survival.problem import about, steps_of
from recohort.survival.stages import rated_groups
from thirteen.data import DATA

NOTE = """\
Space: {patterns} patterns of deaths x {counts} landmark counts, then every group of every
factor that has printed rates in every order that is left; {orders} orders and {pairs} pairs of
an order and a group come out, the same from both.
Ties: deaths at one time leave rates and limits as they are, so an order covers all of its ties
in this stage. P values depend on them: the complete run tries each way to tie neighbouring
deaths, and its times are tied just as the numbers allow. Its first row includes finding which
numbers have to be set aside; the second only lists the cohorts that print the others; plain
Python does neither."""


def forget():
    """Empty every memory of the search, so that the next run is a cold one."""
    for name, module in list(sys.modules.items()):
        if name.startswith("recohort."):
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()


def best(times: int, run):
    """Fewest seconds of several cold runs, and what the last one returned."""
    seconds = []
    for _ in range(times):
        forget()
        start = perf_counter()
        answer = run()
        seconds.append(perf_counter() - start)
    return min(seconds), answer


def order_and_groups(problem):
    """The stage as the search does it: orders, and their groups for each factor with rates."""
    orders = fitting_orders(about(problem, None, RATES + COUNTS + RANKS))
    groups = {}
    for step in rated(problem):
        at, sets = fitting_groups(about(problem, step, RATES + COUNTS), orders, *step)
        groups[step] = at, sets
    return orders, groups


def order_and_groups_plain(problem):
    """The same stage by `plain`."""
    orders = plain.fitting_orders(about(problem, None, RATES + COUNTS + RANKS))
    return orders, {
        step: plain.fitting_groups(about(problem, step, RATES + COUNTS), orders, *step)
        for step in rated(problem)
    }


def rated(problem):
    """Levels for which some rate is printed."""
    return [step for step in steps_of(problem) if about(problem, step, RATES).rows]


def same_results(fast, slow):
    """Assert that both routes found the same orders and groups; their numbers."""
    (orders, groups), (plain_orders, plain_groups) = fast, slow
    listed = list(zip(orders.pattern.tolist(), map(tuple, orders.counts.tolist()), strict=True))
    place = {order: k for k, order in enumerate(plain_orders)}
    assert sorted(listed) == sorted(plain_orders), "orders differ"
    for step, (at, sets) in groups.items():
        found = [(place[listed[k]], s) for k, s in zip(at.tolist(), sets.tolist(), strict=True)]
        assert sorted(found) == plain_groups[step], f"groups of {step} differ"
    return len(plain_orders), sum(map(len, plain_groups.values()))


def main(arguments=None):
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of which the best counts")
    runs = parser.parse_args(arguments).runs
    published, statements, conventions = read_blocks("survival", folder=DATA)

    whole, result = best(2, lambda: search_cohorts(published, statements, conventions))
    problem = result.problem
    fast, found = best(runs, lambda: order_and_groups(problem))
    staged, _ = best(runs, lambda: rated_groups(problem))
    listed, solutions = best(2, lambda: list(cohorts(problem, every_word=True)))
    slow, plain_found = best(max(1, runs // 2), lambda: order_and_groups_plain(problem))
    orders, pairs = same_results(found, plain_found)
    assert solutions == result.cohorts

    rows = [
        ("Orders and groups, as the search does it", fast, slow),
        ("  the same, groups counted alone", staged, slow),
        ("Complete run, numbers to set aside included", whole, None),
        (f"Complete run, the {len(solutions)} cohorts alone", listed, None),
    ]
    show([("The search", "plain Python", rows), many.part()])
    counts = all_orders(problem) // 2**problem.size
    print()
    print(NOTE.format(patterns=2**problem.size, counts=counts, orders=orders, pairs=pairs))
    print(many.NOTE)


def show(parts):
    """Print one table: each part's title with what it is compared with, then its rows."""
    print(f"{'Seconds':<50}{'here':>9}{'there':>11}{'times faster':>14}")
    for title, other, rows in parts:
        print(f"\n{title}, against {other}")
        for name, own, theirs in rows:
            both = ("-", "-") if theirs is None else (f"{theirs:.2f}", f"{theirs / own:,.1f}")
            print(f"  {name:<48}{own:>9.3f}{both[0]:>11}{both[1]:>14}")


if __name__ == "__main__":
    main()

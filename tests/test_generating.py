"""A small set of facts that fixes the order and the groups: the committed one, and a way back."""

from thirteen.all_cohorts import listed_cohorts
from thirteen.cohort import read_table
from thirteen.search.corrections import facts_of, keeping
from thirteen.search.generating import rated_steps, solutions
from thirteen.search.printing import printed_facts

MADE = read_table("generating")


def told():
    """The problem, its cohorts, the factors and the given facts."""
    problem, found = listed_cohorts()
    given = MADE.loc[MADE["role"] == "given", "fact"].tolist()
    return problem, found, rated_steps(problem), given


def test_the_set_leaves_one_order_and_its_groups():
    """Only what all cohorts share is left; without any one of some facts more is left."""
    problem, found, steps, given = told()
    (only,) = solutions(keeping(problem, given), steps)
    pattern, counts, masks = only
    for cohort in found:
        assert (cohort.pattern, cohort.counts) == (pattern, counts)
        assert dict(masks) == {step: dict(cohort.masks)[step] for step in steps}
    for fact in MADE.loc[MADE["about"] == "times", "fact"].tolist()[::4]:
        rest = [f for f in given if f != fact]
        assert len(solutions(keeping(problem, rest), steps)) > 1, fact


def test_every_fact_has_its_place_and_predictions_come_true():
    """Each fact of the search once; what is predicted is printed by every ninth cohort."""
    problem, found, _, given = told()
    assert MADE["fact"].tolist() == facts_of(problem)
    predicted = set(MADE.loc[MADE["role"] == "predicted", "fact"])
    assert not predicted & set(given)
    for cohort in found[::54]:
        assert predicted <= printed_facts(problem, cohort)
    assert len(predicted) > len(given)
    assert not any(fact.startswith("statement.") for fact in given)

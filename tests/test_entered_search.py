"""What can be entered, searched: very small papers beside a list of all cohorts on a grid."""

import random
from itertools import combinations_with_replacement, product

import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from recohort.own.search import rebuild
from recohort.paper.options import DEFAULTS, TEXTBOOK
from recohort.paper.printed import printed_by, printed_form, prints
from recohort.paper.reading import PUBLISHED_COLUMNS, rows_of
from recohort.paper.rows import NEVER
from recohort.paper.short_file import read_own
from recohort.paper.statistics import DASHES, PATIENTS, REGISTRY, TESTS
from recohort.survival.cohorts import Cohort, ties_of, times_for
from recohort.survival.found import Bounds, find
from recohort.survival.printing import carried, prints_row
from recohort.survival.problem import bits, problem_of, without
from recohort.validation.truth import truth_passes
from tiers import first

TIMES = (1.0, 2.0, 2.5, 3.0, 4.0, 5.0)
CONVENTIONS = DEFAULTS | TEXTBOOK
LINES = """survival,at=3
survival_lower,at=3; interval_scale=log; level=90
survival_upper,at=3; g=a; unit=share
standard_error,at=3; g=a
at_risk,at=3
at_risk,at=2; g=b; boundary=after
events_by,at=3; g=b
nobody_followed,at=4; g=a
curve_at_zero,at=4; g=b
follow_up_ended,at=4; g=b
p_value,g=a
p_value,g=a; test=breslow_gehan
p_value,g=a; test=tarone_ware
p_value,g=a; test=score
p_value,g=a; test=wald
p_value,g=a; test=likelihood_ratio
p_value,g=a; test=exact_log_rank
p_value,by=g; test=tarone_ware
hazard_ratio,g=a
hazard_ratio_lower,g=a; level=90
hazard_ratio,g=a; adjusted_for=h=x
mean,column=time; event=True
median,column=time; event=False
sd,column=time; event=True
median_survival,
median_survival,g=a; median=kaplan_meier_midpoint
median_survival_lower,interval_scale=log
median_survival_upper,g=a; interval_scale=log
median_survival_upper,interval_scale=log_log; limits_at_zero=none
quantile_survival,q=0.25; g=a
quantile_survival_lower,q=0.25
reverse_median,
reverse_median,g=b; reverse_ties=at_risk
mean_survival,
mean_survival,g=a; to=3
mean_survival,g=a; mean_to=common
mean_survival,mean_to=last_death
mean_survival_error,
mean_survival_error,g=b; to=3
mean_survival_error,mean_error=corrected
patient,id=1; time=2; event=True
patient,id=2; g=a; event=False
patient,id=3; time>=3; g=b
patient,id=1; g=a""".splitlines()


def draw(chance, size):
    """A cohort with two factors, in order of time, deaths first."""
    while True:
        drawn = sorted((chance.choice(TIMES), chance.random() < 0.4) for _ in range(size))
        cohort = pd.DataFrame({"time": [t for t, _ in drawn], "event": [not c for _, c in drawn]})
        cohort["g"] = chance.choices("ab", k=size)
        cohort["h"] = chance.choices("xy", k=size)
        if cohort["g"].nunique() == cohort["h"].nunique() == 2 and cohort["event"].any():
            return cohort


def paper(tmp_path, chance, cohort):
    """Seven figures that the cohort prints, beside its sizes, and the rows that are read."""
    sizes = [f"count,,{len(cohort)}", f"count,event=True,{cohort['event'].sum()}"]
    for column, levels in (("g", "ab"), ("h", "xy")):
        sizes += [f"count,{column}={v},{(cohort[column] == v).sum()}" for v in levels]
    drawn = [printed(chance, line, cohort) for line in chance.sample(LINES, 8)]
    lines = list(filter(None, drawn))
    if not any("h=x" in line for line in lines):
        sizes = [size for size in sizes if "h=" not in size]
    path = tmp_path / "mine.csv"
    path.write_text("statistic,arguments,printed\n" + "\n".join(sizes + lines) + "\n", "utf8")
    return read_own(path)


def printed(chance, line, cohort):
    """A line with what the cohort prints there; None where it prints nothing."""
    statistic, _, arguments = line.partition(",")
    cells = dict.fromkeys(PUBLISHED_COLUMNS, "") | {"kind": "number", "printed": "1"}
    (row,) = rows_of(pd.DataFrame([cells | {"statistic": statistic, "arguments": arguments}]))
    own = CONVENTIONS | dict(row.switches)
    value = REGISTRY[statistic].compute({"patients": cohort}, row, own)
    if statistic in DASHES + PATIENTS:
        return f"{line},{'-' if statistic in DASHES else ''}" if value else None
    if value != value:
        return None
    if statistic in TESTS and value < 0.9 and chance.random() < 0.3:
        return f"{line},<{value + 0.1:.1f}"
    decimals = {"at_risk": 0, "events_by": 0}.get(statistic, 1 + (statistic in TESTS))
    if ("unit", "share") in row.options:
        decimals = 3
    form = printed_form(value, row._replace(printed=f"{0:.{decimals}f}"), own)
    if form == NEVER and chance.random() < 0.5:
        form = ">4"
    return f"{line},{form}"


def key(problem, cohort, columns):
    """A cohort as a solution of the search: deaths, places of landmarks, groups."""
    counts = tuple(int((cohort["time"] <= float(at)).sum()) for at in problem.landmarks)
    masks = ((c, problem.levels[c][0]) for c in sorted(columns))
    sets = tuple((step, bits(cohort[step[0]] == step[1])) for step in masks)
    return bits(cohort["event"]), counts, sets


def all_cohorts(size, columns):
    """Every cohort on the grid, in order of time, deaths first."""
    points = [(time, event) for time in TIMES for event in (True, False)]
    for chosen in combinations_with_replacement(points, size):
        for levels in product(*([*product(v, repeat=size)] for v in columns.values())):
            frame = pd.DataFrame(chosen, columns=["time", "event"])
            yield frame.assign(**{c: list(own) for c, own in zip(columns, levels, strict=True)})


def as_frame(problem, joint, times):
    """A solution with some of its times."""
    frame = pd.DataFrame({"time": [float(t) for t in times]})
    frame["event"] = [bool(joint.pattern >> i & 1) for i in range(problem.size)]
    for (column, level), mask in joint.masks.items():
        other = next(v for v in problem.levels[column] if v != level)
        frame[column] = [level if mask >> i & 1 else other for i in range(problem.size)]
    return frame


def witness(problem, joint):
    """Some times of a solution."""
    found = (times_for(problem, joint, ties) for ties in ties_of(problem, joint))
    return next(answer.witness for answer in found if answer.status == "some")


QUICK = (6, 15, 19, 23)
SEEDS = first(len(QUICK), [*QUICK, *(k for k in range(40) if k not in QUICK)])


@pytest.mark.parametrize("seed", SEEDS)
def test_solutions_are_those_of_a_list(tmp_path, seed):
    """No cohort of the list is lost, and every solution prints every figure, recomputed."""
    chance = random.Random(seed)
    cohort = draw(chance, 3 + (seed > 3))
    published = paper(tmp_path, chance, cohort)
    rows, found = rows_of(published), rebuild(published, CONVENTIONS)
    problem, columns = found.problem, {"g": "ab"}
    assert truth_passes(problem, cohort)
    known = {(j.pattern, tuple(j.counts), tuple(sorted(j.masks.items()))) for j in found.solutions}
    if ("h", ("x", "y")) in problem.columns:
        columns["h"] = "xy"
    held = {name for _, _, sets in known for (name, _), _ in sets}
    assert found.status == "complete"
    assert key(problem, cohort, held) in known
    for other in all_cohorts(problem.size, columns) if problem.size < 4 else ():
        if all(printed_by(row, {"patients": other}, CONVENTIONS) for row in rows):
            assert key(problem, other, held) in known, other
    for joint in found.solutions[:100]:
        times = witness(problem, joint)
        frame = as_frame(problem, joint, times)
        if max(time.denominator for time in times) <= 1000:
            missed = [r for r in rows if not printed_by(r, {"patients": frame}, CONVENTIONS)]
            assert not missed, frame
            counts = tuple(joint.counts)
            own = Cohort(joint.pattern, counts, tuple(joint.masks.items()), tuple(frame["time"]))
            assert all(prints_row(problem, row, own) for row in problem.rows)


def search(tmp_path, text, conventions=None):
    """A short file's search."""
    path = tmp_path / "mine.csv"
    path.write_text("statistic,arguments,printed\n" + text, "utf8")
    return rebuild(read_own(path), conventions)


AML = pd.DataFrame(
    {
        "time": [9.0, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
        "event": [True, True, False, True, True, False, True, True, False, True, False],
    }
)
RATES = "count,,11\ncount,event=True,7\nsurvival,at=12,90.9\nsurvival,at=24,61.4\n"


@pytest.mark.parametrize(
    ("lines", "old", "new"),
    [
        ("mean_survival,,52.6\nmean_survival_error,,19.8\n", "19.8", "19.9"),
        ("mean_survival,to=36,27.4\nmean_survival_error,to=36,3.01\n", "27.4", "27.5"),
        ("median_survival,,31\nmedian_survival_lower,interval_scale=log,18\n", "18", "23"),
        ("median_survival_upper,interval_scale=log,not reached\n", "not reached", "48"),
        ("standard_error,at=24,15.3\n", "15.3", "15.4"),
        ("quantile_survival,q=0.25,18\nquantile_survival,q=0.75,48\n", "48", "49"),
        ("reverse_median,,45\n", "45", "46"),
        ("at_risk,at=13,10\nevents_by,at=13,2\n", ",10", ",9"),
        ("at_risk,at=13; boundary=after,8\n", ",8", ",9"),
        ("patient,id=1; time=9; event=True,\npatient,id=2; time=161,\n", "True", "False"),
    ],
)
def test_a_public_arm_is_found(tmp_path, lines, old, new):
    """As R and SPSS print the maintained arm of `aml`; a figure that is off by one loses it."""
    path = tmp_path / "mine.csv"
    for text, good in ((lines, True), (lines.replace(old, new), False)):
        path.write_text("statistic,arguments,printed\n" + RATES + text, "utf8")
        assert truth_passes(problem_of(read_own(path)), AML) == good


def test_a_mean_of_spss_is_no_plain_mean(tmp_path):
    """Entered as a plain mean it leads to other patients: the truth is not among them."""
    path = tmp_path / "mine.csv"
    plain = RATES + "survival,at=36,36.8\nmean,column=time,52.6\n"
    path.write_text("statistic,arguments,printed\n" + plain, "utf8")
    assert not truth_passes(problem_of(read_own(path)), AML)


@pytest.mark.slow
def test_an_adjusted_ratio_is_adjusted(tmp_path):
    """A model with both factors, unless the line says otherwise."""
    text = "count,,6\ncount,event=True,5\ncount,x=a,3\ncount,x=b,3\ncount,y=a,3\ncount,y=b,3\n"
    text += "survival,at=12; x=a,66.7\nsurvival,at=12; x=b,33.3\n"
    line = "hazard_ratio,x=a; adjusted_for=y=a{},0.5\n"
    found = {
        more: search(tmp_path, text + line.format(more)) for more in ("", "; adjustment=alone")
    }
    keys = [
        {(j.pattern, j.counts, tuple(sorted(j.masks.items()))) for j in answer.solutions}
        for answer in found.values()
    ]
    assert keys[0]
    assert keys[0] != keys[1]
    assert all(("y", "a") in j.masks for j in found[""].solutions)
    for joint in found[""].solutions[::40]:
        frame = as_frame(found[""].problem, joint, witness(found[""].problem, joint))
        ways = product(("breslow", "efron"), ("up", "even", "cut"))
        own = [{"ties": ties, "halves": halves, "adjustment": "joint"} for ties, halves in ways]
        (row,) = [r for r in found[""].problem.rows if r.statistic == "hazard_ratio"]
        forms = [
            printed_form(REGISTRY[row.statistic].compute({"patients": frame}, row, o), row, o)
            for o in (DEFAULTS | o for o in own)
        ]
        assert any(prints(form, row) for form in forms)


@pytest.mark.slow
def test_a_factor_that_is_only_adjusted_for_may_be_anyone(tmp_path):
    """Its count given up, its patients are unknown: the ratio does not fail for that."""
    text = "count,,5\ncount,event=True,4\ncount,x=a,3\ncount,y=a,2\n"
    (tmp_path / "mine.csv").write_text(
        f"statistic,arguments,printed\n{text}hazard_ratio,x=a; adjusted_for=y=a,2\n", "utf8"
    )
    asked = problem_of(read_own(tmp_path / "mine.csv"))
    counted = {row.fact for row in asked.rows if ("y", "=", "a") in row.filters}
    assert counted
    assert find(without(asked, counted), Bounds(first=True)).least


def test_a_median_that_is_not_reached(tmp_path):
    """The curve stays above one half, in every solution."""
    text = "count,,6\ncount,event=True,2\nsurvival,at=12,83.3\nmedian_survival,,{}\n"
    found = search(tmp_path, text.format("NR"), TEXTBOOK)
    assert found.solutions
    for joint in found.solutions:
        rate = 1.0
        for i in range(6):
            rate *= (5 - i) / (6 - i) if joint.pattern >> i & 1 else 1
        assert rate > 0.5
    other = search(tmp_path, text.format("14"), TEXTBOOK)
    one, two = ({j.pattern for j in answer.solutions} for answer in (found, other))
    assert one
    assert two
    assert not one & two
    both = search(tmp_path, text.format(">13"), TEXTBOOK)
    assert one <= {j.pattern for j in both.solutions}


def test_a_rate_that_is_carried_on(tmp_path):
    """Allowed where nothing is said, and named; a line or the conventions may exclude it."""
    text = "count,,3\ncount,event=True,1\nmaximum,column=time,{}\nsurvival,at=12{},66.7\n"
    free = search(tmp_path, text.format("10", ""))
    assert free.solutions
    for joint in free.solutions:
        assert [row.statistic for row in carried(free.problem, joint)] == ["survival"]
    assert not search(tmp_path, text.format("10", "; beyond=followed")).solutions
    assert not search(tmp_path, text.format("10", ""), TEXTBOOK | {"beyond": "followed"}).solutions
    later = search(tmp_path, text.format("20", "; beyond=followed"))
    assert later.solutions
    assert not any(carried(later.problem, joint) for joint in later.solutions)
    zero = "count,,2\ncount,event=True,2\nmaximum,column=time,9\n"
    found = search(tmp_path, zero + "survival,at=12; beyond=followed,0.0\n")
    assert found.solutions
    assert not carried(found.problem, found.solutions[0])


def test_a_dash_of_either_reason(tmp_path):
    """All that a dash with its reason told leaves, and no more."""
    text = "count,,4\ncount,event=True,2\nsurvival,at=5,75.0\n{},at=12,-\n"
    names = ("nobody_followed", "curve_at_zero", "follow_up_ended")
    keys = [
        {(j.pattern, j.counts) for j in search(tmp_path, text.format(name)).solutions}
        for name in names
    ]
    assert keys[0] == keys[1] | keys[2]
    assert keys[1]
    assert keys[2]
    assert not keys[1] & keys[2]


def test_groups_together_and_bounds(tmp_path):
    """P of three stages is not that of one against the others; a bound leaves more solutions."""
    text = "count,,5\ncount,event=True,4\ncount,s=a,2\ncount,s=b,2\ncount,s=c,1\n"
    asked = ("p_value,by=s,0.16", "p_value,s=a,0.16", "p_value,by=s,<0.17")
    together, alone, bound = (
        {
            (j.pattern, tuple(sorted(j.masks.items())))
            for j in search(tmp_path, f"{text}{line}\n", TEXTBOOK).solutions
        }
        for line in asked
    )
    assert together
    assert together < bound
    assert together != alone


def test_single_patients_are_different_ones(tmp_path):
    """Two rows of one id are one patient; of two ids, two."""
    text = "count,,3\ncount,event=True,1\nmaximum,column=time,9\n{}"
    twice = "patient,id={}; event=True; time=4,\npatient,id={}; event=True,\n"
    assert search(tmp_path, text.format(twice.format(1, 1))).solutions
    assert not search(tmp_path, text.format(twice.format(1, 2))).solutions


def reversed_by_lifelines(cohort):
    """Its median with event and censoring exchanged."""
    fit = KaplanMeierFitter().fit(cohort["time"], ~cohort["event"])
    return fit.median_survival_time_


@pytest.mark.parametrize("number", range(12))
def test_who_dies_when_another_is_censored_may_be_at_risk(tmp_path, number):
    """The reverse median as lifelines has it, ties and all: no cohort lost, and none too many."""
    chance, size = random.Random(number), 5
    times = [1, *chance.choices((1, 2, 3), k=size - 1)]
    events = [True, *chance.choices((True, False), k=size - 1)]
    cohort = pd.DataFrame({"time": times, "event": events})
    median = reversed_by_lifelines(cohort)
    told = f"{median:.0f}" if median < 9 else "not reached"
    lines = (
        f"count,,{size}\ncount,event=True,{sum(events)}\nsurvival,at=1.5,"
        f"{100 * KaplanMeierFitter().fit(times, events).predict(1.5):.1f}\n"
        f"reverse_median,reverse_ties=at_risk; median=kaplan_meier,{told}\n"
    )
    found = search(tmp_path, lines, TEXTBOOK)
    problem, own = found.problem, {(j.pattern, tuple(j.counts)) for j in found.solutions}
    assert (
        key(problem, cohort.sort_values(["time", "event"], ascending=[True, False]), ())[:2] in own
    )
    for joint in found.solutions:
        frame = as_frame(problem, joint, witness(problem, joint))
        assert f"{reversed_by_lifelines(frame):.0f}".replace("inf", "not reached") == told

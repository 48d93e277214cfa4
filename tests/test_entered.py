"""What can be entered: each statistic beside libraries and R, and searched as it is computed."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_times, restricted_mean_survival_time
from scipy.stats import CensoredData, ecdf, norm
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from recohort.paper.estimates import cox
from recohort.paper.files import PublishedError
from recohort.paper.line import USED
from recohort.paper.options import DEFAULTS, NAMED, TEXTBOOK
from recohort.paper.printed import printed_by, printed_form
from recohort.paper.reading import PUBLISHED_COLUMNS, rows_of
from recohort.paper.short_file import read_own
from recohort.paper.statistics import DASHES, PATIENTS, REGISTRY, switches_of
from recohort.survival.cohorts import Cohort, tied_deaths
from recohort.survival.kernels import cox_joint, exact_log_rank_p, groups_p, log_rank_p, score_p
from recohort.survival.printing import prints_row
from recohort.survival.problem import bits, problem_of

NEAR = {"rel": 1e-8, "abs": 1e-10}
CONVENTIONS = DEFAULTS | TEXTBOOK


def patients(times, events, **columns):
    """A cohort in order of time, deaths first."""
    frame = pd.DataFrame({"time": times, "event": np.array(events, bool), **columns})
    return frame.sort_values(
        ["time", "event"], ascending=[True, False], kind="stable", ignore_index=True
    )


def maintained():
    """R's `aml`, the maintained arm."""
    times = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    return patients(times, [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])


def aml():
    """R's `aml`, both arms, and a factor of three levels that is made up."""
    times = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    other = patients(times, [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])
    both = pd.concat([maintained().assign(arm="a"), other.assign(arm="b")], ignore_index=True)
    both["stage"] = [("I", "II", "III")[i * i % 7 % 3] for i in range(len(both))]
    return patients(both.pop("time"), both.pop("event"), **both)


def computed(text, cohort):
    """What the registry computes for a line's statistic and arguments."""
    statistic, _, arguments = text.partition(",")
    cells = dict.fromkeys(PUBLISHED_COLUMNS, "")
    cells |= {"statistic": statistic, "arguments": arguments, "printed": "1", "kind": "number"}
    (row,) = rows_of(pd.DataFrame([cells]))
    return REGISTRY[statistic].compute({"patients": cohort}, row, CONVENTIONS | dict(row.switches))


def file_of(tmp_path, *lines):
    """A short file with these lines."""
    path = tmp_path / "mine.csv"
    path.write_text("statistic,arguments,printed\n" + "\n".join(lines) + "\n", "utf8")
    return path


class TestRates:
    """Errors and limits of a rate, beside statsmodels, SciPy and lifelines."""

    def test_standard_error(self):
        """Greenwood's, in percent, at a tied time as well."""
        cohort = maintained()
        fit = SurvfuncRight(cohort["time"], cohort["event"].astype(int))
        for time, error in zip(fit.surv_times, fit.surv_prob_se, strict=True):
            assert computed(f"standard_error,at={time}", cohort) == pytest.approx(
                100 * error, **NEAR
            )

    @pytest.mark.parametrize("level", [80, 90, 95, 99, 97.5])
    @pytest.mark.parametrize("scale", ["linear", "log", "log_log", "arcsine"])
    def test_limits_at_any_level(self, scale, level):
        """Linear and log-log by SciPy, the others by their formula."""
        cohort, z = maintained(), norm.ppf(0.5 + level / 200)
        died = cohort["event"]
        fit = ecdf(CensoredData(cohort["time"][died], right=cohort["time"][~died])).sf
        error = float(computed("standard_error,at=23", cohort)) / 100
        rate = float(computed("survival,at=23", cohort)) / 100
        if scale in ("linear", "log_log"):
            method = scale.replace("_", "-")
            found = fit.confidence_interval(confidence_level=level / 100, method=method)
            place = list(fit.quantiles).index(23)
            ends = [side.probabilities[place] for side in (found.low, found.high)]
        elif scale == "log":
            ends = [rate * np.exp(z * error / rate * side) for side in (-1, 1)]
        else:
            width = z * error / (2 * np.sqrt(rate * (1 - rate)))
            ends = [np.sin(np.arcsin(np.sqrt(rate)) + width * side) ** 2 for side in (-1, 1)]
        arguments = f"at=23; interval_scale={scale}; level={level}"
        for name, end in zip(("survival_lower", "survival_upper"), ends, strict=True):
            value = computed(f"{name},{arguments}", cohort)
            assert value == pytest.approx(100 * min(max(end, 0), 1), **NEAR)

    def test_numbers_at_risk_and_events(self):
        """As lifelines' event table, whose rows count those at risk just before."""
        cohort = maintained()
        fit = KaplanMeierFitter().fit(cohort["time"], cohort["event"])
        for time, row in fit.event_table.iloc[1:].iterrows():
            assert computed(f"at_risk,at={time}", cohort) == row["at_risk"]
            after = row["at_risk"] - row["removed"]
            assert computed(f"at_risk,at={time}; boundary=after", cohort) == after
            deaths = fit.event_table["observed"].loc[:time].sum()
            assert computed(f"events_by,at={time}", cohort) == deaths


class TestTimes:
    """What is read off a curve, beside statsmodels, lifelines and R."""

    @pytest.mark.parametrize("q", [0.2, 0.25, 0.5, 0.6, 0.75])
    def test_quantiles(self, q):
        """The first time at most and the first time below; R's middle where a step lies there."""
        for cohort in (maintained(), aml(), patients([1, 2, 3, 4, 5], [1, 1, 1, 1, 0])):
            fit = SurvfuncRight(cohort["time"], cohort["event"].astype(int))
            curve = KaplanMeierFitter().fit(cohort["time"], cohort["event"])
            at = qth_survival_times(1 - q, curve.survival_function_.round(12))
            below = fit.quantile(q)
            text = f"quantile_survival,q={q}; median=kaplan_meier"
            assert computed(text, cohort) == pytest.approx(at)
            assert computed(f"{text}_below", cohort) == pytest.approx(
                np.inf if np.isnan(below) else below
            )
        assert computed("quantile_survival,q=0.4; median=kaplan_meier_midpoint", cohort) == 2.5

    @pytest.mark.parametrize("level", [90, 95])
    @pytest.mark.parametrize(
        ("scale", "method"),
        [("linear", "linear"), ("log", "log"), ("log_log", "cloglog"), ("arcsine", "asinsqrt")],
    )
    def test_limits_of_quantiles(self, scale, method, level):
        """Brookmeyer and Crowley, on each scale at two levels, as statsmodels inverts tests."""
        for cohort in (maintained(), aml(), aml().query("arm == 'b'")):
            fit = SurvfuncRight(cohort["time"], cohort["event"].astype(int))
            for q, name in ((0.5, "median_survival"), (0.25, "quantile_survival")):
                ends = fit.quantile_ci(q, 1 - level / 100, method)
                more = f"interval_scale={scale}; level={level}" + ("; q=0.25" if q < 0.5 else "")
                for side, end in zip(("lower", "upper"), ends, strict=True):
                    assert computed(f"{name}_{side},{more}", cohort) == end

    def test_limits_as_r_prints_them(self):
        """`survfit(Surv(time, status) ~ x, aml)`: medians with limits, NA where not reached."""
        told = "interval_scale=log; limits_at_zero=none"
        for arm, lower in (("a", 18), ("b", 8)):
            cohort = aml()[aml()["arm"] == arm]
            assert computed(f"median_survival_lower,{told}", cohort) == lower
            assert computed(f"median_survival_upper,{told}", cohort) == np.inf
        assert computed(f"quantile_survival_upper,{told}; q=0.25", cohort) == 30

    def test_means_as_r_prints_them(self):
        """`print(survfit(...), print.rmean = TRUE)`, and `rmean = 36`; SAS's factor by its book."""
        cohort = maintained()
        assert computed("mean_survival,", cohort) == pytest.approx(52.6454545454545, **NEAR)
        assert computed("mean_survival_error,", cohort) == pytest.approx(19.8286027956, rel=1e-9)
        assert computed("mean_survival,to=36", cohort) == pytest.approx(27.425, **NEAR)
        assert computed("mean_survival_error,to=36", cohort) == pytest.approx(3.00922057, rel=1e-8)
        corrected = computed("mean_survival_error,mean_error=corrected", cohort)
        assert corrected == pytest.approx(19.8286027956 * np.sqrt(7 / 6), rel=1e-9)
        assert computed("mean_survival,mean_to=last_death", cohort) == pytest.approx(
            computed("mean_survival,to=48", cohort)
        )
        common = computed("mean_survival,mean_to=common; arm=a", aml())
        assert common == computed("mean_survival,", maintained())

    @pytest.mark.parametrize("to", [5, 13, 36, 161])
    def test_restricted_means(self, to):
        """The area under lifelines' curve."""
        for cohort in (maintained(), aml()):
            fit = KaplanMeierFitter().fit(cohort["time"], cohort["event"])
            mean = restricted_mean_survival_time(fit, t=to)
            assert computed(f"mean_survival,to={to}", cohort) == pytest.approx(mean, **NEAR)

    def test_reverse_median(self):
        """A curve with events and censorings exchanged, where none of them fall at one time."""
        cohort = maintained().drop(index=2)
        fit = KaplanMeierFitter().fit(cohort["time"], ~cohort["event"])
        assert computed("reverse_median,", cohort) == fit.median_survival_time_

    def test_follow_up_of_some(self):
        """Of survivors, and of those who died: plain numbers of part of the patients."""
        cohort = maintained()
        dead, alive = (cohort["time"][cohort["event"] == died] for died in (True, False))
        assert computed("median,column=time; event=True", cohort) == dead.median()
        assert computed("median,column=time; event=False", cohort) == alive.median()
        assert computed("mean,column=time; event=True", cohort) == pytest.approx(dead.mean())
        assert computed("sd,column=time; event=False", cohort) == pytest.approx(alive.std())


R_AML = {"wald": 0.07371486, "score": 0.06453856, "likelihood_ratio": 0.06581424}  # coxph, Efron


class TestTests:
    """Named tests, beside statsmodels, R and a list of all groups."""

    @pytest.mark.parametrize(
        ("test", "weights"), [("log_rank", None), ("breslow_gehan", "gb"), ("tarone_ware", "tw")]
    )
    @pytest.mark.parametrize("asked", ["arm=a", "by=arm", "by=stage"])
    def test_weighted_log_rank(self, test, weights, asked):
        """Two groups and three, ties and all."""
        cohort = aml()
        _, p = survdiff(
            cohort["time"],
            cohort["event"].astype(int),
            cohort[asked.removeprefix("by=").partition("=")[0]],
            weight_type=weights,
        )
        assert computed(f"p_value,{asked}; test={test}", cohort) == pytest.approx(p, **NEAR)

    @pytest.mark.parametrize("test", R_AML)
    def test_cox(self, test):
        """As `summary(coxph(...))` prints the three, with Efron's ties."""
        text = f"p_value,arm=a; test={test}; ties=efron"
        assert computed(text, aml()) == pytest.approx(R_AML[test], rel=1e-6)
        assert computed(text.replace("arm=a", "by=arm"), aml()) == pytest.approx(
            computed(text, aml()), rel=1e-9
        )

    def test_wald_is_cox(self):
        """Two names for one test."""
        one, other = (computed(f"p_value,arm=a; test={t}", aml()) for t in ("cox", "wald"))
        assert one == other

    def test_exact(self):
        """Every choice of the group counted one by one, by lifelines' expected deaths."""
        cohort = aml().iloc[::3].reset_index(drop=True)
        cohort["inside"] = [i % 3 == 0 for i in range(len(cohort))]
        hazard = dict.fromkeys(cohort["time"], 0.0)
        for time in cohort["time"]:
            steps = cohort["time"][cohort["event"] & (cohort["time"] <= time)].unique()
            dying = [(cohort["event"] & (cohort["time"] == t)).sum() for t in steps]
            left = [(cohort["time"] >= t).sum() for t in steps]
            hazard[time] = sum(d / n for d, n in zip(dying, left, strict=True))
        scores = cohort["event"] - cohort["time"].map(hazard)
        found = abs(scores[cohort["inside"]].sum())
        m, n = int(cohort["inside"].sum()), len(cohort)
        sums = [abs(scores.iloc[list(chosen)].sum()) for chosen in combinations(range(n), m)]
        p = np.mean([s >= found - 1e-9 for s in sums])
        text = "p_value,inside=True; test=exact_log_rank"
        assert float(computed(text, cohort)) == pytest.approx(p)

    @pytest.mark.parametrize("seed", range(20))
    def test_kernels(self, seed):
        """The search's own numbers, many cohorts at once, ties and all."""
        chance = np.random.default_rng(seed)
        n = int(chance.integers(5, 10))
        cohort = patients(chance.integers(1, 9, n), chance.random(n) < 0.7)
        cohort["g"] = [["x", "y", "z"][k] for k in [0, 1, 2, *chance.integers(0, 3, n - 3)]]
        pattern, ties = bits(cohort["event"]), tied_deaths(bits(cohort["event"]), cohort["time"])
        mask = bits(cohort["g"] == "x")
        arrays = tuple(np.array([k], np.int64) for k in (pattern, ties, mask))
        own = {
            "log_rank": log_rank_p(n, *arrays),
            "breslow_gehan": log_rank_p(n, *arrays, 1),
            "tarone_ware": log_rank_p(n, *arrays, 0.5),
            "score": score_p(n, *arrays, "efron"),
            "exact_log_rank": exact_log_rank_p(n, *arrays),
        }
        for test, found in own.items():
            value = float(computed(f"p_value,g=x; test={test}", cohort))
            assert np.isnan(value) or found[0] == pytest.approx(value, rel=1e-8), test
        groups = tuple(bits(cohort["g"] == level) for level in sorted(set(cohort["g"])))
        for test, power in (("log_rank", 0), ("breslow_gehan", 1), ("tarone_ware", 0.5)):
            value = computed(f"p_value,by=g; test={test}", cohort)
            found = groups_p(n, pattern, ties, groups, power)
            assert found == pytest.approx(value, rel=1e-8, nan_ok=True), test

    @pytest.mark.parametrize("method", ["breslow", "efron"])
    def test_two_covariates(self, method):
        """The search's own model with two groups, beside statsmodels."""
        chance, compared = np.random.default_rng(5), 0
        for _ in range(30):
            n = int(chance.integers(6, 12))
            cohort = patients(chance.integers(1, 9, n), chance.random(n) < 0.8)
            sides = pd.DataFrame(chance.random((n, 2)) < 0.5, columns=["one", "other"])
            pattern = bits(cohort["event"])
            groups = tuple(bits(sides[name]) for name in sides)
            ties = tied_deaths(pattern, cohort["time"])
            found = cox_joint(n, pattern, ties, groups, method)
            try:
                model = cox(cohort, sides, method)
            except ValueError:
                assert found is None
                continue
            compared += 1
            assert found[0] == pytest.approx(model["coefficient"].to_numpy(), rel=1e-8, abs=1e-9)
            errors = np.sqrt(np.diag(found[1]))
            assert errors == pytest.approx(model["standard_error"].to_numpy(), rel=1e-8)
        assert compared > 10

    def test_limits_of_a_hazard_ratio(self):
        """At 90% they lie nearer."""
        ends = [computed(f"hazard_ratio_upper,arm=a; level={k}", aml()) for k in (90, 95)]
        ratio = computed("hazard_ratio,arm=a", aml())
        logs = np.log(np.array(ends, float) / float(ratio))
        assert logs[0] / logs[1] == pytest.approx(norm.ppf(0.95) / norm.ppf(0.975), **NEAR)


def whole():
    """Ten patients with a sex and a stage, for examples."""
    times = [5, 7, 9.5, 12, 20, 24, 31, 40, 52, 60]
    frame = patients(times, [1, 1, 0, 1, 0, 1, 1, 0, 1, 0])
    frame["sex"] = ["male", "female"] * 5
    frame["stage"] = ["II", "I", "I", "II", "I", "II", "I", "II", "I", "I"]
    return frame


SIZES = [
    "count,,10",
    "count,sex=male,5",
    "count,sex=female,5",
    "count,stage=II,4",
    "count,stage=I,6",
]


class TestRegistry:
    """Each statistic is told of once, with an example that can be entered."""

    @pytest.mark.parametrize("name", USED)
    def test_examples(self, tmp_path, name):
        """The example is accepted as it is, and with what ten patients print in its place."""
        own = REGISTRY[name]
        assert own.says
        sizes = [size for size in SIZES if name != "count" or own.example[0] not in size]
        read_own(file_of(tmp_path, *sizes, ",".join((name, *own.example))))
        cohort = whole()
        printed = own.example[1]
        if name not in DASHES + PATIENTS:
            value = computed(f"{name},{own.example[0]}", cohort)
            decimals = "1" if name in ("count", "at_risk", "events_by") else "1.11"
            cells = dict.fromkeys(PUBLISHED_COLUMNS, "") | {"kind": "number", "printed": decimals}
            (row,) = rows_of(pd.DataFrame([cells | {"statistic": name}]))
            printed = printed_form(value, row, CONVENTIONS)
        if name in DASHES:
            cohort = cohort[(cohort["sex"] == "female") | (cohort["time"] < 50)]
        published = read_own(file_of(tmp_path, *SIZES, ",".join((name, own.example[0], printed))))
        problem = problem_of(published, None, TEXTBOOK)
        (row,) = [r for r in problem.rows if r.id == "row_7"]
        if name not in DASHES:
            assert printed_by(row, {"patients": cohort}, CONVENTIONS) == (name != "patient")
            place = searched(problem, cohort)
            assert prints_row(problem, row, place) == (name != "patient")

    def test_every_switch_of_a_line_is_known(self):
        """What a line may set has its options, each with a source."""
        for name in USED:
            assert {*switches_of(name)} <= {*NAMED}


def searched(problem, cohort):
    """A cohort of the search: places in time, deaths, groups."""
    masks = tuple(
        ((column, levels[0]), bits(cohort[column] == levels[0]))
        for column, levels in problem.columns
    )
    counts = tuple(int((cohort["time"] <= float(at)).sum()) for at in problem.landmarks)
    return Cohort(bits(cohort["event"]), counts, masks, tuple(cohort["time"]))


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ("survival,at=12,0.909", "if it is a share, 90.9 or unit=share"),
        ("survival,at=12; unit=share,90.9", "a share, 0 to 1"),
        ("survival,at=12; unit=tenths,9", "unit=share or unit=percent"),
        ("survival,at=12,45.5±6.9", "two lines, survival,at=12,45.5 and standard_error,at=12,6.9"),
        ("survival,at=12,90.9 (73.9-100.0)", "three lines, survival,at=12,90.9, survival_lower"),
        ('survival,at=12,"90,9"', "no comma: 90.9"),
        ("survival,at=12,NR", "not reached may be median_survival"),
        ("median_survival,,-", "not reached in the column printed"),
        ("survival,at=12,-", "curve_at_zero or follow_up_ended"),
        ("survival_lower,at=12; level=0,9", "level=90"),
        ("median_survival,level=90,12", "of options only"),
        ("median_survival,median=middle,12", "one of kaplan_meier, kaplan_meier_midpoint"),
        ("quantile_survival,median=follow_up; q=0.5,12", "median=kaplan_meier"),
        ("quantile_survival,,12", "q=..., for instance q=0.25"),
        ("p_value,sex=male; test=gehan,0.05", "one of cox, log_rank"),
        ("p_value,sex=male; by=stage,0.05", "by= alone"),
        ("p_value,by=grade,0.05", "a count of each of its groups, 10 patients together"),
        ("p_value,by=stage; test=exact_log_rank,0.05", "two groups"),
        ("hazard_ratio,sex=male; adjusted_for=sex=female,2", "another factor"),
        ("hazard_ratio,sex=male; adjusted_for=stage,2", "another factor"),
        ("mean_survival,to=0,12", "to=36"),
        ("mean_survival,event=True,12", "time and event in counts"),
        ("at_risk,at=12,7.5", "a whole number, 10 at the most"),
        ("patient,time=7,", "id=3"),
        ("patient,id=1; time=soon,", "time>=12"),
        ("patient,id=1; sex=mael,", "another spelling"),
        ("count,level=high,5", "a factor is not called level"),
        ("median_survival,median=kaplan_meier; median=kaplan_meier,5", "median once"),
        ("mean,column=time,12±3", "sd,column=time,3"),
    ],
)
def test_what_would_mean_something_else_is_refused(tmp_path, line, mend):
    """With the row and the right way to say it."""
    with pytest.raises(PublishedError) as caught:
        read_own(file_of(tmp_path, *SIZES, line))
    assert "row 7" in str(caught.value)
    assert mend in str(caught.value)


def test_what_stays_as_it_is(tmp_path):
    """A limit of 0.9%, a bound beside a number, words for never, a percentage below one."""
    lines = ["survival_lower,at=12,0.9", "p_value,sex=male,<0.05", "p_value,sex=male,0.04"]
    lines += ["median_survival,,NR", "survival,at=24; unit=percent,0.9", "survival,at=20,>50"]
    read = read_own(file_of(tmp_path, *SIZES, *lines))
    assert read["kind"].tolist()[5:] == ["number", "bound", "number", "word", "number", "bound"]
    assert read["printed"].tolist()[8] == "not reached"


@pytest.mark.parametrize("name", ["a", "b", "test", "median", "ties"])
def test_factors_of_any_name(tmp_path, name):
    """Short ones, and those that a switch has where the level is none of its options."""
    sizes = ["count,,10", f"count,{name}=yes,5", f"count,{name}=no,5"]
    read = read_own(file_of(tmp_path, *sizes, f"survival,at=12; {name}=yes,80.0"))
    assert len(read) == 4


def test_too_many_single_patients(tmp_path):
    """More numbers of patients than patients."""
    with pytest.raises(PublishedError, match="one of 3 patients"):
        read_own(file_of(tmp_path, "count,,3", *(f"patient,id={k}; event=True," for k in range(4))))

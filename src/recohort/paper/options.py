"""The named ways in which programs and authors form a number, each with its source.

An option without a source is none. The first of each switch is what Methods states, or the
default of a textbook. A paper's conventions give each switch one option, or several of which
any may hold.
"""

OPTIONS = {
    "halves": {
        "up": "halves away from zero: school, SPSS, Excel",
        "even": "halves to the even digit: R's round, NumPy, Python",
        "cut": "further digits dropped: done by hand, or with Excel's TRUNC",
    },
    "interval_rounding": {
        "unrounded": "limits from a rate and its error as computed",
        "three_decimals": "limits by hand from SPSS's table, which has three decimals of both",
    },
    "interval_scale": {
        "linear": "rate ± z standard errors: textbooks; done by hand from SPSS's table",
        "log": "on the log scale: R's survfit by default",
        "log_log": "on the log(-log) scale: SAS, Stata, lifelines, scikit-survival by default",
        "arcsine": "on the arcsine scale: SAS and R by request",
    },
    "normal_quantile": {
        "two_decimals": "z = 1.96: done by hand",
        "exact": "z = 1.959964: every program",
    },
    "median": {
        "kaplan_meier": "first time with survival at most one half: SPSS, Stata, lifelines",
        "kaplan_meier_midpoint": "middle of the step where survival is one half: R, SAS",
        "kaplan_meier_below": "first time with survival below one half: statsmodels",
        "follow_up": "plain median of follow-up times, dead or alive: done by hand",
    },
    "test": {
        "cox": "Wald's test of a Cox model: SPSS, R, lifelines",
        "log_rank": "log-rank test; without ties also the score test of a Cox model: SPSS, R",
        "likelihood_ratio": "likelihood-ratio test of a Cox model: SPSS, R, Stata",
    },
    "p_rounding": {
        "direct": "rounded once",
        "three_decimals": "rounded to two from the three decimals that SPSS prints",
    },
    "adjustment": {
        "joint": "a model with both covariates",
        "alone": "the covariate that forward selection keeps: SPSS",
    },
    "ties": {
        "breslow": "Breslow's way with tied deaths: SPSS, SAS, Stata, statsmodels",
        "efron": "Efron's: R, lifelines",
    },
    "convergence": {
        "full": "a Cox model fitted until nothing changes: SPSS, R, statsmodels",
        "early": "lifelines, whose fit stops up to a thousandth of a standard error before",
    },
    "sd": {
        "sample": "divided by n - 1: SPSS, R, Excel's STDEV",
        "population": "divided by n: NumPy, Excel's STDEVP",
    },
    "quantile": {
        "exclusive": "at (n + 1) q: SPSS, Excel's QUARTILE.EXC, Minitab",
        "inclusive": "at (n - 1) q + 1: R, NumPy, pandas, Excel's QUARTILE.INC; Tukey's hinges",
        "averaged": "the mean of two neighbors where n q is whole: SAS, Stata",
    },
    "paired_test": {
        "student": "Student's t test of the differences",
        "wilcoxon": "Wilcoxon's signed-rank test, exact",
    },
    "beyond": {
        "carried": "a rate where nobody is followed any more: lifelines; R if told to extend",
        "followed": "none there, unless the curve is at zero: R's summary, risk tables",
    },
    "boundary": {
        "at_or_after": "at risk just before the time, those of that very time with them: R, Stata",
        "after": "still followed beyond the time: lifelines' tables, those read off a curve",
    },
    "mean_to": {
        "largest": "the mean to the group's own largest time: SPSS; R's individual",
        "common": "to the largest time of all patients: R by default, where groups are compared",
        "last_death": "to the group's last death: SAS",
    },
    "mean_error": {
        "greenwood": "squared areas times d / (n (n - d)), summed: R",
        "corrected": "the same times m / (m - 1), of m deaths: SAS, as Kaplan and Meier advise",
    },
    "limits_at_zero": {
        "zero": "a curve at zero has both limits at zero: lifelines, statsmodels, SAS",
        "none": "a curve at zero has no limits: R",
    },
    "reverse_ties": {
        "deaths_first": "who dies at a time is no longer at risk of being censored then: prodlim",
        "at_risk": "who dies at a time is still at risk of it: R's survfit, lifelines",
    },
    "dash": {
        "nobody_left": "a dash says no more than that nobody is followed any more",
        "as_said": "the curve is at zero, or is not, as the line says",
    },
}
# Further options, which only a line of a paper or its conventions name: no number may be of them
# where nothing is said.
BY_NAME = {
    "test": {
        "wald": "Wald's test of a Cox model, the same as cox",
        "score": "score test of a Cox model: R, SPSS's overall test",
        "breslow_gehan": "weighted by those at risk: Wilcoxon in SAS and Stata, Breslow in SPSS",
        "tarone_ware": "weighted by the root of those at risk: SPSS, SAS, Stata",
        "exact_log_rank": "permutation test: every choice of a group of this size, ordered by "
        "its distance between observed and expected deaths: R's coin, StatXact",
    },
}
NAMED = {switch: options | BY_NAME.get(switch, {}) for switch, options in OPTIONS.items()}
CONVENTIONS = {switch: tuple(options) for switch, options in OPTIONS.items()}
DEFAULTS = {switch: options[0] for switch, options in CONVENTIONS.items()}
ANY = CONVENTIONS  # conventions under which every number may be formed in any way listed here
# What a textbook does, where a paper of one's own says nothing else.
TEXTBOOK: dict = DEFAULTS | {
    "normal_quantile": "exact",
    "test": "log_rank",
    "ties": "efron",
    "quantile": "inclusive",
}


def settings_of(conventions: dict) -> dict[str, tuple[str, ...]]:
    """The options that each switch allows, by a paper's conventions; a default where none is said.

    Raises ValueError for a switch or an option that is not named above.
    """
    found: dict[str, tuple[str, ...]] = {}
    for switch, chosen in (DEFAULTS | dict(conventions)).items():
        allowed = (chosen,) if isinstance(chosen, str) else tuple(chosen)
        unknown = [o for o in allowed if o not in NAMED.get(switch, ())]
        if unknown or not allowed:
            expected = ", ".join(NAMED.get(switch, NAMED))
            raise ValueError(f"{switch}={chosen}: expected one of {expected}")
        found[switch] = allowed
    return found

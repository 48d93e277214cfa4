"""The course: checks of answers, figures, a few formulas, figures to touch, the handout.

    from thirteen_lessons import check, figure_curves

Each name is imported from its module when it is first asked for.
"""

from importlib import import_module

HOMES = {
    "recohort.paper.estimates": "reverse_median_follow_up",
    "recohort.paper.rounding": "round_to",
    "thirteen_lessons.exercises": "check quiz",
    "thirteen_lessons.interactive": "bench hill rounding sieve",
    "thirteen_lessons.intervals": "KINDS survival_limits",
    "thirteen_lessons.lesson_figures": "figure_coverage figure_curves figure_lexis figure_limits "
    "figure_log_minus_log figure_risk_set figure_shares figure_two_medians",
    "thirteen_lessons.model_figures": "figure_areas figure_hill figure_likelihood figure_p_values "
    "figure_residuals figure_splits",
    "thirteen_lessons.pair_figures": "figure_paired",
    "thirteen_lessons.power": "hazard_ratios log_rank_scores simulate",
    "thirteen_lessons.power_figures": "figure_power figure_replicas figure_samples",
    "thirteen_lessons.proportional": "score_test score_tests_of_groups",
    "thirteen_lessons.reading": "figure_fractions fractions page_of_slips",
}
_HOME = {name: module for module, names in HOMES.items() for name in names.split()}
__all__ = sorted(_HOME)


def __getattr__(name):
    """Import a name of the course from its module, the first time that it is used."""
    if name not in _HOME:
        raise AttributeError(f"module 'thirteen_lessons' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__():
    """What a notebook offers to complete."""
    return __all__

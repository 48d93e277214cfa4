"""The course: checks of answers, figures, a few formulas, figures to touch, the handout.

    from thirteen_lessons import check, figure_curves

Each name is imported from its module when it is first asked for.
"""

from recohort.lazy import offer

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
__all__, __getattr__, __dir__ = offer(__name__, HOMES)

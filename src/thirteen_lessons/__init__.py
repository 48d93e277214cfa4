"""The course: checks of answers, figures, a few formulas, figures to touch.

    from thirteen_lessons import check, figure_curves

Each name is imported from its module when it is first asked for.
"""

from recohort.lazy import offer

HOMES = {
    "recohort.paper.estimates": "reverse_median_follow_up",
    "recohort.paper.rounding": "round_to",
    "thirteen_lessons.exercises": "check quiz",
    "thirteen_lessons.formulas": "KINDS hazard_ratios log_rank_scores score_test "
    "score_tests_of_groups simulate survival_limits",
    "thirteen_lessons.interactive": "bench hill rounding sieve",
    "thirteen_lessons.lesson_figures": "figure_curves figure_likelihood",
    "thirteen_lessons.reading": "fractions page_of_slips",
}
__all__, __getattr__, __dir__ = offer(__name__, HOMES)

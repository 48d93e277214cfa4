"""Thirteen Patients, the helper: what a page needs to show the paper and the cohort beside it.

    import thirteen as tp

    patients = tp.read_patients()
    tp.figure_survival(patients, caption="Overall survival.")

A page makes its estimates with pandas, lifelines, statsmodels and SciPy; the names below read the
data, set numbers as text, lay out tables and draw. Each is imported when it is first asked for.
"""

from recohort.lazy import offer

HOMES = {
    "recohort.paper.estimates": "cox kaplan_meier log_rank median_survival survival_at",
    "thirteen.data": "DATA NOTICE changes groups in_words labels option_sources read_data "
    "read_patients read_table read_tables run",
    "thirteen.text": "counted large listed number p_text percent words",
    "thirteen.style": "new_figure show",
    "thirteen.layout": "table",
    "thirteen.ledger": "against compare ledger_table read_ledger",
    "thirteen.paper_tables": "paper_table",
    "thirteen.curves": "figure_survival",
    "thirteen.figures": "figure_forest figure_funnel figure_medians figure_swimmers",
}
__all__, __getattr__, __dir__ = offer(__name__, HOMES)

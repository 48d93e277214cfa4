"""Validation on known truth: cohorts drawn, printed as the paper prints, and rebuilt."""

"""Columns of numbers: means, spreads, quantiles."""

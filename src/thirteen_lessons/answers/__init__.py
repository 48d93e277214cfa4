"""Right answers and common mistakes of each lesson's exercises, computed from the cohort."""

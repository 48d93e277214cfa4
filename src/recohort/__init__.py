"""The engine: a small paper's published numbers in, every consistent cohort out."""

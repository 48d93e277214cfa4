"""Related tables, who belongs to whom, on a solver."""

"""A measure before and after, in real numbers: what is printed of it, and tables that fit."""

"""Contrasts: records as a table, and comparisons of cells."""

"""Grids of the studies of transformer encoders."""

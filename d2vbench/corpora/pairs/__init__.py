"""Pairs: splits, near-duplicates, subsets, own data."""

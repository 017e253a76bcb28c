"""Families of models that a plan can train."""

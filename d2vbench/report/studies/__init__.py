"""Chapters of single studies."""

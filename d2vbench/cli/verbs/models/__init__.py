"""Verbs about strategies, engines and a model to take home."""

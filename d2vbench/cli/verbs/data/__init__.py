"""Verbs about corpora and what else can be named."""

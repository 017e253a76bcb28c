"""Transformer encoders as a family: the only place that knows torch and transformers."""

from d2vbench.families.encoder.family import FAMILY

__all__ = ["FAMILY"]

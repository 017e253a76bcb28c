"""d2vbench: how to train gensim Doc2Vec on a generic and a domain corpus, measured.

The packages form a one-way pipeline: ``corpora`` -> ``strategies`` -> ``engines`` ->
``evaluation`` -> ``bench`` -> ``analysis`` -> ``report`` -> ``models`` -> ``api`` -> ``cli``. Each
may import from those before it only. ``errors``, ``keys`` and ``files`` are the ground that all
stand on.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load what takes long to import when it is asked for."""
    if name == "Doc2VecVectorizer":
        from d2vbench.models.vectorizer import Doc2VecVectorizer

        return Doc2VecVectorizer
    if name in ("run", "load"):
        import importlib

        return getattr(importlib.import_module("d2vbench.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

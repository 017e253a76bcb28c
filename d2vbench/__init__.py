"""d2vbench: how to train gensim Doc2Vec on a generic and a domain corpus, measured.

The packages form a one-way pipeline: ``corpora`` -> ``strategies`` -> ``engines`` ->
``evaluation`` -> ``bench`` -> ``analysis`` -> ``report`` -> ``models`` -> ``api`` -> ``cli``. Each
may import from those before it only. ``errors``, ``keys`` and ``files`` are the ground that all
stand on.
"""

import lazy_loader

# What there is, and for type checkers its types, says __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.2.0"

"""The report: tables and figures from a run's folder alone. Needs no gensim."""

import lazy_loader

# pandas and Matplotlib take a second to load, which a run that is complete already can do without.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

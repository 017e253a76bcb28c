"""The same things as the command line, for scripts and notebooks: `d2vbench.run`, `d2vbench.load`.

Nothing here prints, except the progress of a run that is not quiet, and nothing exits. Wrong
arguments are a `ValueError` or `TypeError`; all that the caller can fix is a `UserError`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

from .running import run
from .view import Run, load

__all__ = ["Run", "load", "run"]

from .running import DryRun, dry_run, run
from .view import Run, load

__all__ = ["DryRun", "Run", "dry_run", "load", "run"]

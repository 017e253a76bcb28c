from .api.running import DryRun, dry_run, run
from .api.view import Run, load
from .models.vectorizer import Doc2VecVectorizer

__all__ = ["Doc2VecVectorizer", "DryRun", "Run", "dry_run", "load", "run"]
__version__: str

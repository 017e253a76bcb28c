from .api.running import run
from .api.view import Run, load
from .models.vectorizer import Doc2VecVectorizer

__all__ = ["Doc2VecVectorizer", "Run", "load", "run"]
__version__: str

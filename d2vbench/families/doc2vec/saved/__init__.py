"""Doc2Vec files that gensim saved, read without running anything that is in them."""

from d2vbench.families.doc2vec.saved.kept import (
    keep_model,
    keep_vectors,
    kept_model,
    kept_shape,
    kept_vectors,
)
from d2vbench.families.doc2vec.saved.reader import read_gensim
from d2vbench.families.doc2vec.saved.rebuild import doc2vec_settings, to_gensim
from d2vbench.families.doc2vec.saved.saved_model import SavedModel
from d2vbench.families.doc2vec.saved.warm import check_saved_options, warm_settings

__all__ = [
    "SavedModel",
    "check_saved_options",
    "doc2vec_settings",
    "keep_model",
    "keep_vectors",
    "kept_model",
    "kept_shape",
    "kept_vectors",
    "read_gensim",
    "to_gensim",
    "warm_settings",
]

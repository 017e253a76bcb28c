"""Doc2Vec files that gensim saved, read without running anything that is in them."""

from d2vbench.families.doc2vec.saved.reader import read_gensim
from d2vbench.families.doc2vec.saved.rebuild import doc2vec_settings, to_gensim
from d2vbench.families.doc2vec.saved.saved_model import SavedModel

__all__ = ["SavedModel", "doc2vec_settings", "read_gensim", "to_gensim"]

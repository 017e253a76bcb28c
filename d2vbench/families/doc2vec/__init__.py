"""Doc2Vec: gensim's model in five variants, trained by two engines."""

from d2vbench.families.doc2vec.choice import AUTO, ENGINES, choose_engine
from d2vbench.families.doc2vec.family import Doc2VecFamily
from d2vbench.families.doc2vec.models import MODEL_TITLES, MODELS, Doc2VecSettings
from d2vbench.families.doc2vec.vocabulary import EXPANDED, OF_A_MODEL, VOCABULARIES

FAMILY = Doc2VecFamily()

__all__ = [
    "AUTO",
    "ENGINES",
    "EXPANDED",
    "FAMILY",
    "MODELS",
    "MODEL_TITLES",
    "OF_A_MODEL",
    "VOCABULARIES",
    "Doc2VecSettings",
    "choose_engine",
]

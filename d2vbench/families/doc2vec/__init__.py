"""Engines: train a plan, infer vectors."""

from d2vbench.families.doc2vec.choice import AUTO, ENGINES, choose_engine
from d2vbench.families.doc2vec.documents import Documents, map_documents
from d2vbench.families.doc2vec.execute import (
    Trainee,
    begin,
    inference_seeds,
    prepare,
    train,
    train_phase,
)
from d2vbench.families.doc2vec.models import MODEL_TITLES, MODELS, ModelSettings
from d2vbench.families.doc2vec.vocabulary import (
    EXPANDED,
    GENERIC,
    OWN,
    SHARED,
    VOCABULARIES,
    corpus_sizes,
)

__all__ = [
    "AUTO",
    "ENGINES",
    "EXPANDED",
    "GENERIC",
    "MODELS",
    "MODEL_TITLES",
    "OWN",
    "SHARED",
    "VOCABULARIES",
    "Documents",
    "ModelSettings",
    "Trainee",
    "begin",
    "choose_engine",
    "corpus_sizes",
    "inference_seeds",
    "map_documents",
    "prepare",
    "train",
    "train_phase",
]

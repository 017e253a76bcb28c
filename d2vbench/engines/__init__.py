"""Engines: train a plan, infer vectors."""

from d2vbench.engines.choice import AUTO, ENGINES, choose_engine
from d2vbench.engines.documents import Documents, map_documents
from d2vbench.engines.execute import (
    Trainee,
    begin,
    inference_seeds,
    prepare,
    train,
    train_phase,
)
from d2vbench.engines.models import MODEL_TITLES, MODELS, ModelSettings
from d2vbench.engines.vocabulary import (
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

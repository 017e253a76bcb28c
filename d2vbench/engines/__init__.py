"""Engines: train a plan, infer vectors."""

from d2vbench.engines.choice import AUTO, ENGINES, choose_engine
from d2vbench.engines.documents import Documents, map_documents
from d2vbench.engines.execute import Trainee, inference_seeds, prepare, train
from d2vbench.engines.models import MODEL_TITLES, MODELS, ModelSettings

__all__ = [
    "AUTO",
    "ENGINES",
    "MODELS",
    "MODEL_TITLES",
    "Documents",
    "ModelSettings",
    "Trainee",
    "choose_engine",
    "inference_seeds",
    "map_documents",
    "prepare",
    "train",
]

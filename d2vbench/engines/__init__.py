"""Engines: train a plan, infer vectors."""

from d2vbench.engines.documents import Documents, map_documents
from d2vbench.engines.execute import ENGINES, Trainee, inference_seeds, prepare, train
from d2vbench.engines.models import MODEL_TITLES, MODELS, ModelSettings

__all__ = [
    "ENGINES",
    "MODELS",
    "MODEL_TITLES",
    "Documents",
    "ModelSettings",
    "Trainee",
    "inference_seeds",
    "map_documents",
    "prepare",
    "train",
]

"""The model that people take home: trained on all the data, saved, and used on new texts."""

from d2vbench.models.evidence import Expected, expected_accuracy, recommended
from d2vbench.models.model_card import Facts, model_card
from d2vbench.models.model_files import (
    ModelPaths,
    check_model_path,
    safe_path,
    save_model,
)
from d2vbench.models.recipe import Recipe
from d2vbench.models.safe_file import read_text_model, write_text_model
from d2vbench.models.text_model import Inferred, Odd, TextModel
from d2vbench.models.training import Part, Trained, train_recipe
from d2vbench.models.vector_files import check_vector_path, write_vectors

__all__ = [
    "Expected",
    "Facts",
    "Inferred",
    "ModelPaths",
    "Odd",
    "Part",
    "Recipe",
    "TextModel",
    "Trained",
    "check_model_path",
    "check_vector_path",
    "expected_accuracy",
    "model_card",
    "read_text_model",
    "recommended",
    "safe_path",
    "save_model",
    "train_recipe",
    "write_text_model",
    "write_vectors",
]

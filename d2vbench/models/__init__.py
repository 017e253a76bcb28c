"""The model that people take home: trained on all the data, saved, and used on new texts.

What reads runs and writes cards is imported from its own module: it loads all of the analysis,
which training and inference do without.
"""

from d2vbench.models.recipe import Recipe
from d2vbench.models.safe_file import read_text_model, write_text_model
from d2vbench.models.text_model import Degenerate, Inferred, TextModel
from d2vbench.models.training import Part, Trained, train_recipe

__all__ = [
    "Degenerate",
    "Inferred",
    "Part",
    "Recipe",
    "TextModel",
    "Trained",
    "read_text_model",
    "train_recipe",
    "write_text_model",
]

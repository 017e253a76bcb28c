"""Models that old gensims saved, and pickles that are made to do harm."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "families/doc2vec/saved_models"
VARIANTS = ("dbow", "dbow-words", "dm-mean", "dm-sum", "dm-concat")
MODELS = (
    *(f"3.8.3/{name}" for name in (*VARIANTS, "split", "exponent")),
    *(
        f"{version}/{name}"
        for version in ("2.3.0", "3.4.0", "3.4.0-python2", "4.0.0")
        for name in ("dbow", "split")
    ),
)
LAYOUTS = {
    "2.3.0": "1.0 to 3.2",
    "3.4.0": "3.3 to 3.8",
    "3.4.0-python2": "3.3 to 3.8",
    "3.8.3": "3.3 to 3.8",
    "4.0.0": "4.0.0",
}


def model_path(name: str) -> Path:
    return FOLDER / f"{name}.model"


def expected(name: str) -> dict[str, Any]:
    """Return what the old gensim said of a model."""
    with np.load(FOLDER / f"{name}.expected.npz") as file:
        return {key: file[key] for key in file.files}


def maker() -> ModuleType:
    """Return the script that made the models."""
    spec = importlib.util.spec_from_file_location("make", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def variant(name: str) -> str:
    last = name.partition("/")[2]
    return {"split": "dm-mean", "exponent": "dbow"}.get(last, last)


def copied(name: str, folder: Path) -> Path:
    """Copy a model with the files beside it."""
    for path in model_path(name).parent.glob(f"{model_path(name).name}*"):
        shutil.copy(path, folder)
    return folder / model_path(name).name


class Call:
    """Calls a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call

"""What a model is on the disk: gensim's file, a table of its tags, the safe form, the card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from d2vbench.corpora.pairs.whole import Whole, document_names
from d2vbench.corpora.store.documents import labels_in
from d2vbench.corpora.store.selections import Selection
from d2vbench.errors import UsageError
from d2vbench.files import (
    make_writable_folder,
    remove_left_over,
    shown_name,
    write_atomic,
    write_text,
)
from d2vbench.models.model_card import Facts, model_card
from d2vbench.models.safe_file import SUFFIX, write_text_model
from d2vbench.models.training import Part, Trained
from d2vbench.models.vector_files import write_csv

if TYPE_CHECKING:
    from gensim.models.doc2vec import Doc2Vec


@dataclass(frozen=True)
class ModelPaths:
    """Where the parts of a model are.

    Attributes
    ----------
    gensim : tuple of pathlib.Path
        One for each model: ``MODEL``; of an ensemble ``MODEL.1``, ``MODEL.2``.
    tags : tuple of pathlib.Path
        The table of tags beside each that holds vectors of documents: ``.tags.csv``.
    safe : pathlib.Path
        ``MODEL.d2vbench.npz``: what ``infer`` reads.
    card : pathlib.Path
        ``MODEL.md``.
    """

    gensim: tuple[Path, ...]
    tags: tuple[Path, ...]
    safe: Path
    card: Path

    @classmethod
    def of(cls, model: Path, models: int = 1) -> ModelPaths:
        """Return the paths of a model."""
        gensim = [model] if models == 1 else [_beside(model, f".{i + 1}") for i in range(models)]
        tags = tuple(_beside(path, ".tags.csv") for path in gensim)
        return cls(tuple(gensim), tags, _beside(model, SUFFIX), _beside(model, ".md"))

    def all(self) -> tuple[Path, ...]:
        """Return all of them, in the order in which they are written."""
        return (*self.gensim, *self.tags, self.card, self.safe)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def safe_path(model: Path) -> Path:
    """Return the file that ``infer`` reads, from the name of a model or of that file itself."""
    return model if model.name.endswith(SUFFIX) else _beside(model, SUFFIX)


def check_model_path(model: Path, models: int, force: bool, option: str = "--output") -> ModelPaths:
    """Refuse a place where no model can be written, before the training that leads to it.

    Parameters
    ----------
    model : pathlib.Path
        Name of the model. Its folder is made where there is none.
    models : int
        How many models the strategy trains.
    force : bool
        Whether a model that is there may be overwritten.
    option : str
        What to call it in the message.

    Returns
    -------
    ModelPaths
        Where its parts will be.

    Raises
    ------
    UserError
        If a part is there already, or cannot be written.
    """
    if not model.name or not model.name.isprintable() or model.name.endswith(SUFFIX):
        raise UsageError(
            f"{option} {shown_name(str(model))}: expected the name of a file that can be printed "
            f"and does not end in {SUFFIX}, such as reviews.model"
        )
    paths = ModelPaths.of(model, models)
    for path in paths.all():
        if path.is_dir():
            raise UsageError(f"{option} {model}: {path} is a folder; give another name")
        if path.exists() and not force:
            raise UsageError(
                f"{option} {model}: {path} is there already; give another name, or --force to "
                "overwrite it"
            )
    make_writable_folder(model.parent, option)
    remove_left_over(model.parent, [path.name for path in paths.all()])
    return paths


def save_model(trained: Trained, facts: Facts, paths: ModelPaths) -> None:
    """Write all parts of a model, each atomically; what ``infer`` reads comes last.

    A table of tags that a model of that name had beside it, and this one has not, is removed.

    Parameters
    ----------
    trained : Trained
        The models.
    facts : Facts
        For the card.
    paths : ModelPaths
        From `check_model_path`.
    """
    for part, gensim, tags in zip(trained.parts, paths.gensim, paths.tags, strict=True):
        save_gensim(part.model, gensim)
        if not part.has_document_vectors:
            tags.unlink(missing_ok=True)
            continue
        columns = ("tag", "side", "corpus", "document", "label")
        write_csv(tags, columns, _tag_rows(part, facts.data), texts=len(columns))
    write_text(paths.card, model_card(trained, facts))
    about = {
        "strategy": str(trained.recipe.parsed),
        "schedule": trained.recipe.schedule,
        "pair": facts.data.name,
        "seed": trained.recipe.seed,
    }
    write_text_model(trained.text_model, paths.safe, about)


def save_gensim(model: Doc2Vec, path: Path) -> None:
    """Write a model as gensim does, in one file, atomically."""
    # Else the file would tell the time and the name of the temporary file.
    model.lifecycle_events = None
    model.total_train_time = 0.0
    # To an open file gensim writes all in one; to a path it would put large arrays beside it.
    # Of this protocol arrays are written as they lie in memory, not copied first.
    write_atomic(path, lambda file: model.save(file, pickle_protocol=5))


def _tag_rows(part: Part, data: Whole) -> Iterator[tuple[str, ...]]:
    first = len(data.generic)
    sides = (
        ("generic", data.generic, part.documents[part.documents < first]),
        ("domain", data.domain, part.documents[part.documents >= first] - first),
    )
    tag = 0
    for side, selection, positions in sides:
        presented = selection.take(positions)
        for name, label in zip(document_names(presented), _labels(presented), strict=True):
            yield str(tag), side, presented.corpus.name, name, label
            tag += 1


def _labels(selection: Selection) -> list[str]:
    names = (*("; ".join(labels_in(name)) for name in selection.corpus.label_names), "")
    return [names[i] for i in selection.corpus.labels[selection.documents].tolist()]

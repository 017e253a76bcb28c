"""The model card: data, settings, expected accuracy and use of a saved model, in Markdown.

After Mitchell et al. 2019, "Model Cards for Model Reporting" (arXiv 1810.03993).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2vbench.corpora.cards import SideCard
from d2vbench.corpora.pairs.choice import left_out_text
from d2vbench.corpora.pairs.whole import Whole
from d2vbench.corpora.store.tokenise import BUILT_IN, Tokeniser
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import MODEL_TITLES
from d2vbench.models.evidence import Expected
from d2vbench.models.training import Trained
from d2vbench.report.document.phrases import accuracy_text
from d2vbench.report.render.markdown import escape_markdown
from d2vbench.strategies import Phase, Sizes, order_text, presented, rates_text


@dataclass(frozen=True)
class Facts:
    """What a card says that the trained models do not hold.

    Attributes
    ----------
    data : Whole
        What was trained on.
    files : tuple of str
        Names of gensim's files, one for each model, without their folder.
    model : str
        Name of the model, as `d2vbench infer --model` takes it.
    environment : mapping
        Versions and processor: `d2vbench.bench.compute.environment.environment`.
    expected : Expected or None
        What a run measured.
    why : str
        Why there is no measured accuracy; a sentence, or empty.
    reasons : tuple of str
        Why this strategy: sentences of a recommendation, if there was one.
    """

    data: Whole
    files: tuple[str, ...]
    model: str
    environment: Mapping[str, Any]
    expected: Expected | None
    why: str = ""
    reasons: tuple[str, ...] = ()


def model_card(trained: Trained, facts: Facts) -> str:
    """Return the card.

    Parameters
    ----------
    trained : Trained
        The models.
    facts : Facts
        What else is known.

    Returns
    -------
    str
        Markdown; names of a person's own are escaped.
    """
    data, recipe, expected = facts.data, trained.recipe, facts.expected
    sides = (
        ("generic", data.generic, data.generic_card, data.card.generic),
        ("domain", data.domain, data.domain_card, data.card.domain),
    )[data.card.domain_alone :]
    return rendered(
        "model_card.md.jinja",
        facts=facts,
        recipe=recipe,
        parts=trained.parts,
        kept=all(part.has_document_vectors for part in trained.parts),
        title=MODEL_TITLES[recipe.settings.model],
        expected=expected,
        accuracy=accuracy_text(expected.accuracy) if expected else "",
        study=repr(expected.study) if expected else "",
        left_out=left_out_text(data.left_out),
        sides=[
            (
                side,
                card.title + _labels(part),
                f"{len(selection):,}",
                f"{selection.words():,}",
                selection.corpus.content_sha256,
                card.licence or "not stated",
            )
            for side, selection, card, part in sides
        ],
        versions=[
            (side, ", ".join(f"{name} {version}" for name, version in versions.items()))
            for side, selection, _, _ in sides
            if (versions := selection.corpus.meta.get("source", {}).get("versions", {}))
        ],
        citations=list(dict.fromkeys(card.citation for _, _, card, _ in sides if card.citation)),
        phases=_phases(trained),
        settings=_settings(trained, facts),
        snippet=snippet(trained.tokeniser, recipe.inference, facts.files),
        command=infer_command(trained.tokeniser, facts.model),
    )


def rendered(template: str, **values: Any) -> str:
    """Return a template of this folder, filled; its filters escape what a person named."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {
        "shown": escape_markdown,
        "code": lambda text, language: "\n".join(_code(language, text)),
        "table": lambda rows, *columns: "\n".join(_table(columns, rows)),
    }
    text = Path(__file__).with_name(template).read_text(encoding="utf-8")
    return environment.from_string(text).render(**values)


def _labels(part: SideCard) -> str:
    """Return which labels a side takes of its corpus, in words; empty for all."""
    some = f", labels {', '.join(part.include)}" if part.include else ""
    return some + (f", without {', '.join(part.exclude)}" if part.exclude else "")


def _phases(trained: Trained) -> list[tuple[str, ...]]:
    rows = []
    for i, part in enumerate(trained.parts):
        which = f"model {i + 1}: " if len(trained.parts) > 1 else ""
        rows += [(which + phase.name, *_phase(phase, trained.sizes)) for phase in part.plan.phases]
    return rows


def _phase(phase: Phase, sizes: Sizes) -> Sequence[str]:
    return (
        f"{phase.epochs}",
        order_text(phase),
        *(f"{n:,}" for n in presented(phase, sizes)),
        f"{round(phase.words(sizes)):,}",
        rates_text(phase),
    )


def _settings(trained: Trained, facts: Facts) -> list[tuple[str, str]]:
    recipe = trained.recipe
    values = {
        **recipe.settings.to_json(),
        "alpha": recipe.alpha,
        "min_alpha": recipe.min_alpha,
        "seed": recipe.seed,
        "threads": 1,
        "tokeniser": tokeniser_text(trained.tokeniser),
        "inference: epochs": recipe.inference.epochs,
        "inference: alpha": recipe.inference.alpha,
        "inference: min_alpha": recipe.inference.min_alpha,
    }
    rows = [(name, str(value)) for name, value in values.items()]
    environment = facts.environment
    versions = {"d2vbench": environment["d2vbench"], "Python": environment["python"]}
    versions |= environment["packages"]
    rows += [(f"version of {name}", str(version)) for name, version in versions.items()]
    rows.append(("processor", f"{environment['cpu']}, {environment['system']}"))
    return rows


def tokeniser_text(tokeniser: Tokeniser) -> str:
    """Return what a tokeniser does, in words."""
    if tokeniser.function:
        return tokeniser.function
    case = "lower-cased " if tokeniser.lower else ""
    return f"{case}runs of {tokeniser.min_length} to {tokeniser.max_length} letters"


def snippet(tokeniser: Tokeniser, inference: InferenceSettings, files: Sequence[str]) -> str:
    """Return Python code that infers a vector with the pinned settings and gensim alone."""
    if tokeniser.function == "whitespace":
        imports, words = [], ["words = text.split()"]
    elif tokeniser.function in BUILT_IN:
        imports = ["from d2vbench.corpora.store.tokenise import BUILT_IN"]
        words = [f"words = BUILT_IN[{tokeniser.function!r}](text)"]
    elif tokeniser.function:
        module, _, function = tokeniser.function.partition(":")
        # An attribute path, as in package.module:Class.method, is no name to import.
        imports = [f"import {module}"]
        words = [f"words = {module}.{function}(text)"]
    elif tokeniser.lower:
        imports = ["from gensim.utils import simple_preprocess"]
        lengths = f"min_len={tokeniser.min_length}, max_len={tokeniser.max_length}"
        words = [f"words = simple_preprocess(text, {lengths})"]
    else:
        imports = ["from gensim.utils import tokenize"]
        lengths = f"{tokeniser.min_length} <= len(w) <= {tokeniser.max_length}"
        words = [
            "words = [",
            f'    w for w in tokenize(text) if {lengths} and not w.startswith("_")',
            "]",
        ]
    pinned = f"epochs={inference.epochs}, alpha={inference.alpha!r}, min_alpha="
    pinned += repr(inference.min_alpha)
    if len(files) > 1:
        listed = ", ".join(ascii(name) for name in files)
        load = [f"models = [Doc2Vec.load(name) for name in ({listed})]"]
        infer = [
            f"parts = [model.infer_vector(words, {pinned}) for model in models]",
            "vector = np.concatenate(parts)",
        ]
        imports = ["import numpy as np", *imports]
    else:
        load = [f"model = Doc2Vec.load({files[0]!a})"]
        infer = [f"vector = model.infer_vector(words, {pinned})"]
    imports = sorted([*imports, "from gensim.models.doc2vec import Doc2Vec"])
    imports.sort(key=lambda line: line.startswith("from"))
    return "\n".join(
        [*imports, "", *load, 'text = "A text to infer a vector for."', *words, *infer]
    )


def infer_command(tokeniser: Tokeniser, model: str) -> str:
    """Return the command line that infers vectors with a model."""
    quoted = "'" + model.replace("'", "'\\''") + "'"
    shown = quoted if model.isprintable() else ascii(model)
    function = tokeniser.function
    own = f" --tokeniser {function}" if function else ""
    return f"d2vbench infer --model {shown} NEW.csv --output vectors.parquet{own}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(map(escape_markdown, row)) + " |" for row in rows]
    return lines


def _code(language: str, text: str) -> list[str]:
    """Return a block of code, fenced so that nothing in it can end the block."""
    longest = max((len(run) for run in _backticks(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", text.rstrip("\n"), fence]


def _backticks(text: str) -> list[str]:
    return "".join(c if c == "`" else " " for c in text).split()

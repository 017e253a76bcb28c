"""The model card: data, settings, expected accuracy and use of a saved model, in Markdown.

After Mitchell et al. 2019, "Model Cards for Model Reporting" (arXiv 1810.03993).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from d2vbench.corpora.cards import SideCard
from d2vbench.corpora.pairs.choice import left_out_text
from d2vbench.corpora.pairs.whole import Whole
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.families.doc2vec import MODEL_TITLES
from d2vbench.models.evidence import Expected
from d2vbench.models.training import Part, Trained
from d2vbench.report.document.phrases import accuracy_text
from d2vbench.report.render.markdown import escape_markdown
from d2vbench.strategies import Phase, Sizes, presented, rates_text


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
    parts = [
        _title(trained, facts),
        _accuracy(facts),
        _data(trained, facts),
        _plan(trained),
        _settings(trained, facts),
        _use(trained, facts),
        _limits(trained),
    ]
    return "\n".join(line for part in parts for line in part)


def _title(trained: Trained, facts: Facts) -> list[str]:
    recipe = trained.recipe
    model = MODEL_TITLES[recipe.settings.model]
    how = f"{recipe.parsed}, schedule {recipe.schedule}"
    lines = [
        f"# {escape_markdown(facts.model)}",
        "",
        f"gensim Doc2Vec, {model}, {recipe.settings.vector_size} components, trained on "
        f"{escape_markdown(facts.data.name)} by the strategy {escape_markdown(how)}.",
        "",
    ]
    if len(trained.parts) > 1:
        names = ", ".join(map(escape_markdown, facts.files))
        lines += [
            f"The strategy trains {len(trained.parts)} models ({names}); a document's vector is "
            "theirs side by side.",
            "",
        ]
    return lines


def _accuracy(facts: Facts) -> list[str]:
    lines = ["## Expected accuracy", ""]
    if facts.expected is None:
        lines.append(escape_markdown(facts.why))
    else:
        found = facts.expected
        rests_on = (
            "one seed, so no interval"
            if found.seeds == 1
            else f"mean of {found.seeds} seeds, 95 % interval over seeds and documents"
        )
        lines.append(
            f"{accuracy_text(found.accuracy)} "
            "of held-out domain documents were classified correctly (logistic regression on "
            f"inferred vectors, all labels, {rests_on}) "
            "by models that this recipe made of the training documents alone "
            f"({found.fraction * 100:g} % of them; engine {', '.join(found.engines)}; run "
            f"{escape_markdown(repr(found.study))}). This model was trained on the test documents "
            "as well, so nothing is left to measure it on: take the number for what models like it "
            "reach on new documents of the same kind."
        )
        if found.fraction < 1:
            lines += [
                "",
                "This model has more domain documents than those had, and with more of them "
                "another strategy may be ahead.",
            ]
        if not found.same_documents:
            lines += [
                "",
                "**The run had other documents, or other words of them, than this model:** the "
                "number may not hold.",
            ]
    if facts.reasons:
        lines += ["", *(f"- {escape_markdown(reason)}" for reason in facts.reasons)]
    return [*lines, ""]


def _data(trained: Trained, facts: Facts) -> list[str]:
    data = facts.data
    sides = (
        ("generic", data.generic, data.generic_card, data.card.generic),
        ("domain", data.domain, data.domain_card, data.card.domain),
    )
    rows = [
        (
            side,
            card.title + _labels(part),
            f"{len(selection):,}",
            f"{selection.words():,}",
            selection.corpus.content_sha256,
            card.licence or "not stated",
        )
        for side, selection, card, part in sides
    ]
    lines = [
        "## Data",
        "",
        *_table(("side", "corpus", "documents", "words", "content sha256", "licence"), rows),
        "",
        "All documents of both corpora were trained on, as far as the strategy presents them: "
        "training and test documents, labelled or not. The sha256 is that of all documents of the "
        f"corpus. Left out: {left_out_text(data.left_out)}.",
    ]
    lines.append("")
    for i, part in enumerate(trained.parts):
        which = f" ({escape_markdown(facts.files[i])})" if len(trained.parts) > 1 else ""
        lines.append(
            f"Presented{which}: {len(part.documents):,} documents, of which {_degenerate(part)}; "
            f"{part.words:,} words in the vocabulary."
        )
    for side, selection, _, _ in sides:
        versions = selection.corpus.meta.get("source", {}).get("versions", {})
        if versions:
            text = ", ".join(f"{name} {version}" for name, version in versions.items())
            lines += ["", f"Versions of the {side} corpus: {escape_markdown(text)}."]
    cited = [card.citation for _, _, card, _ in sides if card.citation]
    for citation in dict.fromkeys(cited):
        lines += ["", "To cite:", "", *_code("bibtex", citation)]
    return [
        *lines,
        "",
        "The licences of the corpora bind whoever passes on what was made of them; the words of "
        "the vocabulary and the names in the table of tags come from the texts.",
        "",
    ]


def _labels(part: SideCard) -> str:
    """Return which labels a side takes of its corpus, in words; empty for all."""
    some = f", labels {', '.join(part.include)}" if part.include else ""
    return some + (f", without {', '.join(part.exclude)}" if part.exclude else "")


_ORDERS = {"shuffled": "shuffled each epoch", "once": "shuffled once"}


def _degenerate(part: Part) -> str:
    found = part.degenerate
    return (
        f"{found['empty']:,} are empty, {found['all_out_of_vocabulary']:,} have no word of "
        f"the vocabulary, and {found['cut']:,} are cut at 10,000 words"
    )


def _plan(trained: Trained) -> list[str]:
    recipe, sizes = trained.recipe, trained.sizes
    lines = ["## Plan", "", f"E = {recipe.epochs} passes over the generic corpus.", ""]
    rows = []
    for i, part in enumerate(trained.parts):
        which = f"model {i + 1}: " if len(trained.parts) > 1 else ""
        rows += [(which + phase.name, *_phase(phase, sizes)) for phase in part.plan.phases]
    columns = (
        "phase", "epochs", "order", "generic documents presented", "domain documents presented",
        "words presented", "alpha",
    )  # fmt: skip
    return [*lines, *_table(columns, rows), ""]


def _phase(phase: Phase, sizes: Sizes) -> Sequence[str]:
    learns = "" if len(phase.learns) == 3 else f"; learns {', '.join(phase.learns)}"
    return (
        f"{phase.epochs}",
        _ORDERS.get(phase.order, phase.order)
        + (", share of the domain rising" if phase.spread == "rising" else "")
        + learns,
        *(f"{n:,}" for n in presented(phase, sizes)),
        f"{round(phase.words(sizes)):,}",
        rates_text(phase),
    )


def _settings(trained: Trained, facts: Facts) -> list[str]:
    recipe = trained.recipe
    values = {
        **recipe.settings.to_json(),
        "alpha": recipe.alpha,
        "min_alpha": recipe.min_alpha,
        "seed": recipe.seed,
        "threads": 1,
        "tokeniser": _tokeniser(trained.tokeniser),
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
    return ["## Settings", "", *_table(("setting", "value"), rows), ""]


def _tokeniser(tokeniser: Tokeniser) -> str:
    if tokeniser.function:
        return tokeniser.function
    case = "lower-cased " if tokeniser.lower else ""
    return f"{case}runs of {tokeniser.min_length} to {tokeniser.max_length} letters"


def snippet(trained: Trained, files: Sequence[str]) -> str:
    """Return Python code that infers a vector with the pinned settings and gensim alone."""
    tokeniser, inference = trained.tokeniser, trained.recipe.inference
    if tokeniser.function == "whitespace":
        imports, words = [], ["words = text.split()"]
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


def _use(trained: Trained, facts: Facts) -> list[str]:
    name = facts.model
    quoted = "'" + name.replace("'", "'\\''") + "'"
    shown = quoted if name.isprintable() else ascii(name)
    own = ""
    if trained.tokeniser.function:
        own = f" --tokeniser {trained.tokeniser.function}"
    return [
        "## How to use it",
        "",
        "Infer every vector that is compared with another, training documents included, by one "
        "procedure; the tokeniser must be the one of training. With gensim alone:",
        "",
        *_code("python", snippet(trained, facts.files)),
        "",
        "gensim starts each inference from Python's hash of the text and continues one stream "
        "of random numbers, so its vectors differ a little from call to call and, unless "
        "PYTHONHASHSEED is set, from process to process. With d2vbench the vector of a text is the "
        "same whenever it is inferred, and no pickle is opened:",
        "",
        *_code("sh", f"d2vbench infer --model {shown} NEW.csv --output vectors.parquet{own}"),
        "",
        "Vectors of the documents of training are in `model.dv[tag]`; the table of tags beside "
        "the model says which document a tag is. They come from training and not from inference: "
        "do not mix the two. A gensim file is a pickle, which can run code when it is opened: load "
        "only those that you trust.",
        "",
    ]


def _limits(trained: Trained) -> list[str]:
    lines = [
        "## Limits",
        "",
        "- A document without any word of the vocabulary has a vector that says nothing of it.",
        "- Of documents of more than 10,000 words gensim takes the first 10,000.",
        "- The vocabulary and the senses of words are those of the corpora above; what these hold "
        "of prejudice, errors and personal data may show in the vectors.",
    ]
    return [*lines, ""]


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

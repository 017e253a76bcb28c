"""``d2vbench train``: the chosen strategy on all the data, as a model to take home."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.cli.arguments import ENGINE, add_own_corpora, chosen_pairs, only_pair
from d2vbench.cli.verbs.models import encoder_verbs
from d2vbench.cli.verbs.models.encoder_verbs import add_encoder, refuse_alone
from d2vbench.errors import UsageError, UserError, option

if TYPE_CHECKING:
    from d2vbench.analysis import RunData
    from d2vbench.corpora import Cards, PairCard
    from d2vbench.corpora.pairs.whole import Whole
    from d2vbench.families.doc2vec import Doc2VecSettings
    from d2vbench.models import Recipe, Trained
    from d2vbench.models.evidence import Expected
    from d2vbench.models.model_files import ModelPaths

# Options that a run decides; all None by default.
_DECIDED = (
    "strategy", "schedule", "vector_size", "window", "negative", "sample", "min_count",
    "vocabulary", "epochs",
    "alpha", "min_alpha", "infer_epochs", "infer_alpha", "infer_min_alpha",
    "generic_model", "word_vectors",
)  # fmt: skip


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "train",
        help="train a strategy on all the data and save a gensim model with its card",
        description="Train a strategy on all documents of both corpora, training and test, "
        "labelled or not, and save a gensim Doc2Vec with a model card and what 'd2vbench infer' "
        "reads. The domain corpus needs no labels here.",
        epilog="Example: d2vbench train --generic g.txt --domain d.csv --output my.model",
    )
    parser.add_argument(
        "--output", type=Path, metavar="MODEL", required=True,
        help="the model's file; its card and tables have the same name with a suffix",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="overwrite a model that is there")
    parser.add_argument(
        "--keep-document-vectors", action="store_true",
        help="save the vectors of the documents of training too, and a table of their tags; "
        "inference needs none of them, and they grow with the corpora",
    )  # fmt: skip
    what = parser.add_argument_group("what to train")
    what.add_argument("--strategy", metavar="STRATEGY", help="as in 'oversampled(4)'")
    what.add_argument("--schedule", metavar="SCHEDULE", help="as in 'follow-up(0.005)' (linear)")
    evidence = what.add_mutually_exclusive_group()
    evidence.add_argument(
        "--from-run", type=Path, metavar="RUN",
        help="take the strategy that a run recommends for the pair, with all its settings",
    )  # fmt: skip
    evidence.add_argument(
        "--run", type=Path, metavar="RUN", dest="evidence",
        help="take the expected accuracy on the model card from this run",
    )  # fmt: skip
    what.add_argument("--pair", metavar="PAIR", help="a pair (see: d2vbench list)")
    what.add_argument("--model", metavar="MODEL", help="dbow, dbow-words, dm-mean, ... (dbow)")
    for flag, kind, text in (
        ("--vector-size", int, "components of a vector (100)"),
        ("--window", int, "words of context on each side (5)"),
        ("--negative", int, "negative samples (5)"),
        ("--sample", float, "threshold of subsampling; 0: none (0.0001)"),
        ("--min-count", int, "least count of a word (5)"),
        ("--vocabulary", str, "whose words and counts; see: d2vbench list (presented)"),
        ("--epochs", int, "passes over the generic corpus (10)"),
        ("--alpha", float, "first learning rate (0.025)"),
        ("--min-alpha", float, "last learning rate, above 0 (0.0001)"),
        ("--infer-epochs", int, "passes over a document when its vector is inferred (20)"),
        ("--infer-alpha", float, "first learning rate of inference (0.025)"),
        ("--infer-min-alpha", float, "last learning rate of inference (0.0001)"),
    ):
        what.add_argument(
            flag, type=kind, metavar={int: "N", float: "X"}.get(kind, "POLICY"), help=text
        )
    what.add_argument(
        "--seed", type=int, default=0, metavar="N", help="seed of all random choices (0)"
    )
    what.add_argument("--engine", help=ENGINE)
    what.add_argument(
        "--generic-model", type=Path, metavar="FILE",
        help="go on from a saved Doc2Vec in place of the generic corpus, with 'warm(k)'",
    )  # fmt: skip
    what.add_argument(
        "--word-vectors", type=Path, metavar="FILE",
        help="start from word vectors (word2vec, GloVe), with 'pretrained-words(k)'",
    )  # fmt: skip
    add_encoder(parser, trains=True)
    add_own_corpora(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train and save."""
    if options.encoder is not None:
        return encoder_verbs.train(options)
    refuse_alone(options)
    from d2vbench.analysis import load_run
    from d2vbench.corpora.pairs.own import is_own
    from d2vbench.corpora.pairs.warning import whole_warnings
    from d2vbench.corpora.pairs.whole import open_whole
    from d2vbench.families.doc2vec import choose_engine
    from d2vbench.models import train_recipe
    from d2vbench.models.model_card import Facts
    from d2vbench.models.model_files import check_model_path, save_model

    started = time.monotonic()
    engine = choose_engine(options.engine, _warn)
    folder = options.from_run or options.evidence
    data = load_run(folder) if folder is not None else None
    cards, name = _pair(options, data)
    if options.from_run is not None:
        assert data is not None
        recipe, reasons = _from_run(options, data, name, engine)
    else:
        recipe, reasons = _asked(options, engine, cards, name), ()
    paths = check_model_path(options.output, recipe.parsed.models, options.force)
    card = cards.pair(name)
    if options.domain is not None:
        # Seen before anything is read: is that the column that was meant?
        print(card.description)
    documents = open_whole(card, cards, report=print)
    if is_own(card, cards):
        for line in whole_warnings(documents, recipe.settings.min_count):
            print(line)
    expected, why = _expected(cards, name, recipe, data, folder)
    for reason in reasons:
        print(reason)
    print(
        f"{len(documents.generic):,} generic and {len(documents.domain):,} domain documents; "
        f"engine: {engine}"
    )
    trained = train_recipe(
        documents.generic,
        documents.domain,
        recipe,
        card.tokeniser,
        report=print,
        keep_document_vectors=options.keep_document_vectors,
    )
    facts = Facts(
        documents,
        tuple(path.name for path in paths.gensim),
        options.output.name,
        _environment(),
        expected,
        why,
        reasons,
    )
    save_model(trained, facts, paths)
    _tell(trained, documents, paths, expected, why, time.monotonic() - started)
    return 0


def _pair(options: argparse.Namespace, data: RunData | None) -> tuple[Cards, str]:
    """Return the cards, and the name of the pair to train on."""
    from d2vbench.corpora import load_cards

    there = list(data.manifest.get("pairs", {})) if data is not None else []
    named = options.pair
    if options.generic is None and options.domain is None:
        if named is None and options.from_run is not None and len(there) == 1:
            options.pair = named = there[0]
        if named in there and named not in load_cards().pairs:
            raise UsageError(
                f"pair {named} of the run is of your own files, whose place no result tells: give "
                "--generic and --domain as for that run"
            )
    if named is None and options.generic is None and options.domain is None:
        has = f" (the run has {', '.join(there)})" if there else " (see: d2vbench list)"
        raise UsageError(f"which pair? Give --pair{has}, or --generic and --domain")
    cards, names = chosen_pairs(options, labelled=False)
    assert names is not None
    return cards, only_pair(names, named)


def _asked(options: argparse.Namespace, engine: str, cards: Cards, name: str) -> Recipe:
    from d2vbench.families import InferenceSettings
    from d2vbench.families.doc2vec import Doc2VecSettings
    from d2vbench.families.doc2vec.saved import check_saved_options
    from d2vbench.models import Recipe

    if options.strategy is None:
        raise UsageError("which strategy? Give --strategy, or --from-run with a run's folder")

    def given(*names: str, prefix: str = "") -> dict[str, Any]:
        values = {name: getattr(options, prefix + name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    check_saved_options(vars(options))
    of_model = ("model", "vector_size", "window", "negative", "sample", "min_count")
    if options.generic_model is None:
        asked = given(*of_model, "vocabulary")
        if options.word_vectors is not None:
            asked |= _start(options, cards, name)
        settings = Doc2VecSettings(engine=engine, **asked)
    else:
        settings = _saved(options, engine, cards.pair(name))
    inference = InferenceSettings(**given("epochs", "alpha", "min_alpha", prefix="infer_"))
    return Recipe(
        settings=settings,
        inference=inference,
        seed=options.seed,
        **given("strategy", "schedule", "epochs", "alpha", "min_alpha"),
    )


def _start(options: argparse.Namespace, cards: Cards, pair: str) -> dict[str, Any]:
    """Return the settings of a model that starts from word vectors of a file."""
    from d2vbench.models.saved_generic import keep_word_vectors

    kept, size, said = keep_word_vectors(options.word_vectors, cards, [pair], options.vector_size)
    print(said)
    return {"word_vectors": kept[pair], "vector_size": size}


def _saved(options: argparse.Namespace, engine: str, card: PairCard) -> Doc2VecSettings:
    """Return the settings of a model that goes on from a saved one."""
    from d2vbench.families.doc2vec import OF_A_MODEL
    from d2vbench.families.doc2vec.saved import warm_settings
    from d2vbench.models.saved_generic import keep_generic_model

    policy = options.vocabulary or next(iter(OF_A_MODEL))
    kept, said = keep_generic_model(options.generic_model, [card.tokeniser], False)
    print(said)
    return warm_settings(kept, policy, engine)


def _from_run(
    options: argparse.Namespace, data: RunData, pair: str, engine: str
) -> tuple[Recipe, tuple[str, ...]]:
    from d2vbench.models.evidence import recommended
    from d2vbench.report.chapters.recommendation import recommendation_lines

    for name in _DECIDED:
        if getattr(options, name) is not None:
            raise UsageError(
                f"{option(name)} does not go with --from-run, which takes strategy, schedule and "
                "settings from the run: give --strategy and --run in its place"
            )
    recipe, found = recommended(data, pair, options.model, options.seed, engine)
    return recipe, tuple(recommendation_lines(found))


def _expected(
    cards: Cards, pair: str, recipe: Recipe, data: RunData | None, folder: Path | None
) -> tuple[Expected | None, str]:
    """Return what a run measured, or else why there is nothing to say."""
    from d2vbench.models.evidence import expected_accuracy

    if data is None:
        return None, (
            "Nothing was measured: this model was trained on all documents, and no run was given "
            "that says what the same recipe reached on held-out ones."
        )
    expected = expected_accuracy(data, pair, recipe)
    if expected is None:
        return None, (
            "Nothing was measured: the run that was given has no finished cell of this pair, "
            "strategy, schedule and settings."
        )
    return dataclasses.replace(expected, same_documents=_same(cards, pair, data)), ""


def _same(cards: Cards, pair: str, data: RunData) -> bool:
    """Return whether the pair has the documents and words that it had in the run."""
    from d2vbench.corpora import open_pair

    try:
        found = open_pair(cards.pair(pair), cards)
    except UserError:
        return False  # The run had labels, and these have none.
    return bool(data.manifest.get("pairs", {}).get(pair, {}).get("key") == found.key)


def _environment() -> dict[str, Any]:
    from d2vbench.bench.compute.environment import environment

    return environment()


def _tell(
    trained: Trained,
    documents: Whole,
    paths: ModelPaths,
    expected: Expected | None,
    why: str,
    seconds: float,
) -> None:
    from d2vbench.api.progress import time_left
    from d2vbench.corpora.pairs.choice import left_out_text
    from d2vbench.report.document.phrases import accuracy_text

    for part, path in zip(trained.parts, paths.gensim, strict=True):
        degenerate = part.degenerate
        print(
            f"{path}: {len(part.documents):,} documents, {part.words:,} words; "
            f"{degenerate['empty']:,} empty, "
            f"{degenerate['all_out_of_vocabulary']:,} without a known word, "
            f"{degenerate['cut']:,} cut at 10,000 words"
        )
    if len(trained.parts) > 1:
        print(
            f"The strategy trains {len(trained.parts)} models: a document's vector is theirs side "
            "by side, as 'd2vbench infer' writes it."
        )
    if any(documents.left_out.values()):
        print(f"Left out: {left_out_text(documents.left_out)}.")
    if expected is None:
        print(why)
    else:
        share = "" if expected.fraction == 1 else f" with {expected.fraction:.0%} of D-train"
        other = "" if expected.same_documents else ", on other documents than these"
        print(f"Expected accuracy: {accuracy_text(expected.accuracy)}, measured{share}{other}")
    print(f"Trained in {time_left(seconds)}. Card: {paths.card}")


def _warn(text: str) -> None:
    print(text, file=sys.stderr)

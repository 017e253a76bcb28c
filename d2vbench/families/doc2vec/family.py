"""Doc2Vec as a family: settings, versions, cost, and learners."""

from __future__ import annotations

from typing import Any

from d2vbench.errors import option
from d2vbench.families.base import Cost, Family, Sides
from d2vbench.families.counts import count, parse_policy, part_of_plan
from d2vbench.families.doc2vec import models, start, vocabulary
from d2vbench.families.doc2vec.choice import ENGINES
from d2vbench.families.doc2vec.learner import Doc2VecLearner
from d2vbench.families.doc2vec.models import Doc2VecSettings, build_model
from d2vbench.families.doc2vec.saved import warm
from d2vbench.families.doc2vec.saved.kept import kept_words
from d2vbench.families.doc2vec.templates import MOST_KEPT, Templates
from d2vbench.families.doc2vec.vocabulary import EXPANDED
from d2vbench.families.gensim_learner import OFFERS
from d2vbench.families.selection import SELECTION_VERSION
from d2vbench.families.settings import settings_of
from d2vbench.keys import canonical_json, derive_seed
from d2vbench.mapped import LEAST
from d2vbench.strategies import Plan, Strategy

# Rough figures, only to tell the time left and to start long cells first: PV-DBOW words a second,
# and what a word costs in other models.
_WORDS_A_SECOND = {"native": 9e6, "gensim": 9e5}
_COST_OF_A_WORD = {"dbow": 1.0, "dbow-words": 5.0, "dm-mean": 1.5, "dm-sum": 1.5, "dm-concat": 8.0}
# Strings, dictionary entries and gensim's own record of a word.
_BYTES_OF_A_WORD = 600
# A document's row in gensim's list of tags, and its place in orders and seeds.
_BYTES_OF_A_DOCUMENT = 120
# A process with gensim loaded, in which an expansion is tried.
_BYTES_OF_A_PROCESS = 320 << 20

# A word of a vocabulary that is kept for cells of other seeds, without its text.
_BYTES_OF_A_KEPT_WORD = 150

# What the native kernel copies onto cache lines of their own: of two tables, so much each.
_BYTES_OF_COPIED_ROWS = 2 * (16 << 20)

_TEMPLATES = Templates()


class Doc2VecFamily(Family):
    """gensim's Doc2Vec in five models, trained by gensim's own core or by the native kernel."""

    name = "doc2vec"
    title = "Doc2Vec"
    version = 1
    offers = OFFERS

    def settings(self, **options: Any) -> Doc2VecSettings:
        """Return the settings that options describe."""
        made: Doc2VecSettings = settings_of(Doc2VecSettings, options)
        return made

    def components(self, settings: Doc2VecSettings) -> dict[str, int]:
        """Return the versions of vocabulary, initial weights, the engine and inference."""
        engine = ENGINES[settings.engine]
        return {
            **dict([vocabulary.version(settings.vocabulary)]),
            "initial weights": models.VERSION,
            **({"saved model": warm.VERSION} if settings.generic_model else {}),
            **({"word vectors": warm.VECTORS_VERSION} if settings.word_vectors else {}),
            "start vectors": start.VERSION,
            "nearness": SELECTION_VERSION,
            f"training {settings.engine}": engine.version,
            f"inference {settings.engine}": engine.inference_version,
        }

    def label(self, settings: Doc2VecSettings) -> str:
        """Return the model's name."""
        return settings.model

    def refuses(self, settings: Doc2VecSettings, strategy: Strategy) -> str:
        """Return why a strategy cannot be trained: frozen weights in PV-DBOW, an expansion."""
        reason = strategy.definition.refuses.get(settings.model)
        if reason:
            return f"strategy {strategy} {reason}"
        if settings.generic_model and strategy.name not in ("generic-only", "warm"):
            return (
                f"strategy {strategy} needs the generic corpus: with a saved model there are "
                "generic-only, warm(k) and domain-only"
            )
        if (settings.generic_model or settings.word_vectors) and isinstance(strategy.k, str):
            return f"strategy {strategy} goes by the size of the generic corpus, and there is none"
        if settings.word_vectors and not strategy.name.startswith("pretrained-words"):
            return (
                f"strategy {strategy} takes no word vectors of a file: pretrained-words(k) and "
                "pretrained-words-frozen(k) do"
            )
        if strategy.name == "warm" and not settings.generic_model:
            return (
                f"strategy {strategy} needs a saved model: give {option('generic_model', 'FILE')}"
            )
        if settings.vocabulary in EXPANDED and strategy.name != "sequential":
            return (
                f"vocabulary {settings.vocabulary}: gensim expands between the two phases of "
                f"sequential(k), which {strategy} has not"
            )
        return ""

    def part_of_plan(self, settings: Doc2VecSettings, plan: Plan) -> Any:
        """Return how often the plan makes each side count, where the policy asks for it."""
        if settings.vocabulary in EXPANDED or settings.generic_model:
            return None
        return part_of_plan(parse_policy(settings.vocabulary), plan)

    def trains_apart(self, settings: Doc2VecSettings) -> bool:
        """Return whether gensim's own vocabulary expansion is tried, which may crash."""
        return settings.vocabulary in EXPANDED

    def train_apart(
        self, sides: Sides, settings: Doc2VecSettings, seed: int, plan: Plan
    ) -> tuple[dict[str, Any], Doc2VecLearner | None]:
        """Try the expansion in a process of its own."""
        from d2vbench.families.doc2vec.reference.expanded import train_expanded

        return train_expanded(sides, settings, seed, plan)

    def cost(self, settings: Doc2VecSettings, sides: Sides) -> Cost:
        """Return what training takes: rates of a usual processor; weights and documents."""
        words = sum(count >= settings.min_count for count in sides.word_counts.values())
        if settings.generic_model:
            words += kept_words(settings.generic_model)
        documents = len(sides.generic) + len(sides.domain)
        state = weight_bytes(settings, words, documents)
        apart = _BYTES_OF_A_PROCESS if self.trains_apart(settings) else 0
        # The native kernel trains copies of the rows of frequent words, of two tables.
        copied = min(state, _BYTES_OF_COPIED_ROWS) if settings.engine == "native" else 0
        return Cost(
            seconds_per_word=_COST_OF_A_WORD[settings.model] / _WORDS_A_SECOND[settings.engine],
            state_bytes=state,
            # While a checkpoint is read, those of its tables that do not stay in the file: words,
            # outputs and documents of less than so much each.
            bytes=apart
            + state
            + min(state, 3 * LEAST)
            + copied
            + (_BYTES_OF_A_WORD + MOST_KEPT * _BYTES_OF_A_KEPT_WORD) * words
            + _BYTES_OF_A_DOCUMENT * documents,
        )

    def prepare(
        self, sides: Sides, settings: Doc2VecSettings, seed: int, plan: Plan
    ) -> Doc2VecLearner:
        """Build the vocabulary and the initial weights, and start gensim's random stream.

        Document g of G has tag g, document d of D has tag ``len(generic) + d``.

        Raises
        ------
        UsageError
            If no word is frequent enough.
        """
        if settings.generic_model:
            return Doc2VecLearner(sides, warm.warm_model(sides, settings, seed), settings.engine)
        policy = parse_policy(settings.vocabulary)
        counted = canonical_json(part_of_plan(policy, plan))

        def make(initial: int) -> Any:
            documents = len(sides.generic) + len(sides.domain)
            return build_model(count(policy, sides, plan), documents, settings, initial)

        model = _TEMPLATES.model(
            (settings, sides.generic.key, sides.domain.key, counted),
            derive_seed(seed, "initial weights"),
            make,
        )
        if settings.word_vectors:
            warm.place_word_vectors(model, settings.word_vectors)
        model.random.seed(derive_seed(seed, "training stream"))
        return Doc2VecLearner(sides, model, settings.engine)


def weight_bytes(settings: Doc2VecSettings, words: int, documents: int) -> int:
    """Return the bytes of word, document and output vectors, in single precision.

    A concatenation has an output row of ``2 * window + 1`` vectors for each word.
    """
    size = settings.vector_size
    outputs = size * (2 * settings.window + 1 if settings.model == "dm-concat" else 1)
    return 4 * (words * (size + outputs) + documents * size)

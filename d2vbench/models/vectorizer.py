"""A scikit-learn transformer: texts in, Doc2Vec vectors out, by any strategy of d2vbench."""

from __future__ import annotations

import copy
import numbers
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from d2vbench.arguments import number, text, whole_number
from d2vbench.corpora.pairs.own import own_texts
from d2vbench.corpora.store.memory import MemoryCorpus, encode_in_memory, numbered, whole
from d2vbench.defaults import ALPHA, MIN_ALPHA
from d2vbench.errors import ArgumentError, ArgumentTypeError, UserError, as_argument_errors
from d2vbench.families import InferenceSettings
from d2vbench.families.counts import PRESENTED
from d2vbench.families.doc2vec import Doc2VecSettings, choose_engine
from d2vbench.models.inputs import DEFAULT_TOKENIZER, DocumentReader, document_reader
from d2vbench.models.recipe import Recipe
from d2vbench.models.text_model import TextModel, Vectors
from d2vbench.models.training import train_recipe

Documents = Iterable[str] | Iterable[Sequence[str]]
Generic = Documents | str | PathLike[str] | None

# Parameters of release 0.1, and what stands in their place.
_RENAMED = {"lower": "lowercase", "tokeniser": "tokenizer"}
_NOT_GIVEN = "deprecated"


class Doc2VecVectorizer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Doc2Vec vectors of texts, trained on them and on a generic corpus.

    What ``d2vbench train`` and ``d2vbench infer`` do, as a scikit-learn transformer: of the same
    texts, settings and seed, the vectors are the same.

    Parameters
    ----------
    strategy : str or None
        As in ``"oversampled(4)"``: which documents are presented when. The texts given to `fit`
        are the domain corpus D. None: ``"combined"`` where there is a generic corpus G, else
        ``"domain-only"``.
    schedule : str
        Of the learning rate, as in ``"follow-up(0.005)"``.
    generic : iterable of documents, path or None
        The generic corpus G: documents like those of `fit`, or a file or folder as ``--generic``
        takes it. An iterator is used up by the first fit: give a list. Clones share it, and `repr`
        shows its length alone.
    model : str
        ``"dbow"``, ``"dbow-words"``, ``"dm-mean"``, ``"dm-sum"`` or ``"dm-concat"``.
    vector_size, window, negative, min_count : int
        As in gensim.
    sample : float
        Threshold of subsampling, as in gensim.
    vocabulary : str
        Whose words and counts: ``"presented"``, those of the documents as often as the strategy
        presents them; others as ``d2vbench list`` shows them.
    epochs : int
        Passes over G; D is presented k times as often, where the strategy has a k.
    alpha, min_alpha : float
        Ends of the learning rate of training.
    infer_epochs : int
        Passes over a document when its vector is inferred.
    infer_alpha, infer_min_alpha : float
        Ends of the learning rate of inference.
    tokenizer : str, callable or None
        ``"simple_preprocess"``: documents are texts, split as gensim's function of that name does.
        A function from a text to a list of words, or its name as ``"package.module:function"``.
        None: documents are lists of words already, as gensim takes them.
    lowercase : bool
        Whether to lower-case; of ``"simple_preprocess"`` alone, as are the next.
    min_length, max_length : int
        Words of fewer or more letters are dropped.
    engine : str or None
        ``"native"``, ``"gensim"`` or ``"auto"``; None: what ``D2VBENCH_ENGINE`` says, else
        ``"auto"``.
    random_state : int, RandomState, Generator or None
        A whole number gives the same vectors each time, whatever the global random state is. None
        takes fresh entropy, and leaves the global random state alone too.
    n_jobs : int or None
        Threads of inference in the native engine; None: 1, -1: all cores. Vectors do not depend
        on it. Training has one thread.
    verbose : int
        1: lines on standard error that say what is being trained.
    lower, tokeniser
        Former names of ``lowercase`` and ``tokenizer`` (there None was ``"simple_preprocess"``).

        .. deprecated:: 0.2

    Attributes
    ----------
    text_model_ : d2vbench.models.TextModel
        The trained gensim models (``text_model_.models``) with tokeniser and pinned inference.
    recipe_ : d2vbench.models.Recipe
        What was trained: the strategy that was chosen, the engine and the seed among it.
    degenerate_ : list of dict of str to int
        Of each model: how many of the documents presented are empty, have no word of the
        vocabulary, or are cut at 10,000 words.

    Notes
    -----
    `transform` infers a vector for every text, also for those that `fit` has seen. Vectors of
    training are never returned: a classifier needs old and new texts treated alike.
    The vector of a text does not depend on the other texts or on their order. A text without any
    word of the vocabulary gets a vector that does not depend on the text's meaning.

    A tokenizer that cannot be imported by name (a lambda, a function of a notebook) is applied
    before anything else: `text_model_` then takes words, one a line, in place of texts.

    Labels are ignored. In a cross-validation the vectors are trained on the training folds
    alone.

    Examples
    --------
    >>> from d2vbench import Doc2VecVectorizer
    >>> texts = ["the cat sat on the mat", "the dog sat on the log"] * 5
    >>> vectorizer = Doc2VecVectorizer(vector_size=8, min_count=1, sample=0)
    >>> vectorizer.fit_transform(texts).shape
    (10, 8)
    """

    def __init__(
        self,
        strategy: str | None = None,
        schedule: str = "linear",
        *,
        generic: Generic = None,
        model: str = "dbow",
        vector_size: int = 100,
        window: int = 5,
        negative: int = 5,
        sample: float = 1e-4,
        min_count: int = 5,
        vocabulary: str = PRESENTED,
        epochs: int = 10,
        alpha: float = ALPHA,
        min_alpha: float = MIN_ALPHA,
        infer_epochs: int = 20,
        infer_alpha: float = ALPHA,
        infer_min_alpha: float = MIN_ALPHA,
        tokenizer: str | Callable[[str], list[str]] | None = DEFAULT_TOKENIZER,
        lowercase: bool = True,
        min_length: int = 2,
        max_length: int = 15,
        engine: str | None = None,
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
        lower: Any = _NOT_GIVEN,
        tokeniser: Any = _NOT_GIVEN,
    ) -> None:
        self.strategy = strategy
        self.schedule = schedule
        self.generic = generic
        self.model = model
        self.vector_size = vector_size
        self.window = window
        self.negative = negative
        self.sample = sample
        self.min_count = min_count
        self.vocabulary = vocabulary
        self.epochs = epochs
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.infer_epochs = infer_epochs
        self.infer_alpha = infer_alpha
        self.infer_min_alpha = infer_min_alpha
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.min_length = min_length
        self.max_length = max_length
        self.engine = engine
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.lower = lower
        self.tokeniser = tokeniser

    def fit(self, X: Documents, y: Any = None, generic: Generic = None) -> Doc2VecVectorizer:
        """Train on texts, and on those of the generic corpus.

        Parameters
        ----------
        X : iterable of str, or of lists of str
            The domain corpus; one or more documents. Lists of words with ``tokenizer=None``.
        y : ignored
            There for pipelines.
        generic : iterable of documents or path, optional
            In place of the parameter of the same name.

        Returns
        -------
        Doc2VecVectorizer
            Itself.

        Raises
        ------
        ValueError
            For wrong parameters, for anything but documents (then a `TypeError` too), and for a
            strategy that needs generic texts where there are none.
        """
        with as_argument_errors(UserError):
            reader = self._make_reader()
            self._train(_encoded(X, reader, "X"), generic, reader)
        return self

    def transform(self, X: Documents) -> Vectors:
        """Infer the vectors of texts.

        Parameters
        ----------
        X : iterable of str, or of lists of str
            Any documents, of the kind that `fit` took.

        Returns
        -------
        (n_texts, vector_size) float32
            One a text, in their order.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        with as_argument_errors(UserError):
            return self._infer(_encoded(X, self._reader, "X"))

    def fit_transform(self, X: Documents, y: Any = None, generic: Generic = None) -> Vectors:
        """Do `fit` and `transform` on the same texts, which may come from an iterator.

        Parameters
        ----------
        X, y, generic
            As of `fit`.

        Returns
        -------
        (n_texts, vector_size) float32
            Inferred, as `transform` does: not the vectors of training.
        """
        with as_argument_errors(UserError):
            reader = self._make_reader()
            corpus = _encoded(X, reader, "X")
            self._train(corpus, generic, reader)
            return self._infer(corpus)

    @property
    def odd_(self) -> list[dict[str, int]]:
        """Former name of ``degenerate_``."""
        check_is_fitted(self)
        warnings.warn("odd_ is now degenerate_; release 0.3 drops odd_", FutureWarning, 2)
        return self.degenerate_

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        """Return the parameters that are not the default; of the generic corpus, its length."""
        shown = copy.copy(self)
        if self.generic is not None and not isinstance(self.generic, (str, PathLike)):
            shown.generic = _Summary(self.generic)  # type: ignore[assignment]
        return str(BaseEstimator.__repr__(shown, N_CHAR_MAX))

    def __sklearn_clone__(self) -> Doc2VecVectorizer:
        """Return an unfitted vectorizer of the same parameters, with the same generic corpus."""
        bare = copy.copy(self)
        bare.generic = None
        clone: Doc2VecVectorizer = BaseEstimator.__sklearn_clone__(bare)
        clone.generic = self.generic
        return clone

    def _train(self, corpus: MemoryCorpus, generic: Generic, reader: DocumentReader) -> None:
        if not len(corpus.lengths()):
            raise ArgumentError("X holds no document: Doc2Vec is trained on one or more")
        # Before training, which takes long.
        _threads(self.n_jobs)
        source = self.generic if generic is None else generic
        texts = whole(_encoded_generic(source, reader))
        recipe = self._recipe("combined" if len(texts) else "domain-only")
        trained = train_recipe(texts, whole(corpus), recipe, reader.tokenizer, self._note)
        self.recipe_ = recipe
        self.text_model_: TextModel = trained.text_model
        self.degenerate_ = [part.degenerate for part in trained.parts]
        self._reader = reader
        self._n_features_out = self.text_model_.vector_size

    def _note(self, line: str) -> None:
        if self.verbose:
            print(f"[Doc2VecVectorizer] {line}", file=sys.stderr, flush=True)

    def _infer(self, corpus: MemoryCorpus) -> Vectors:
        # Whoever loads it elsewhere may lack the engine of training; the two agree.
        engine = choose_engine(self.engine, lambda line: None)
        threads = _threads(self.n_jobs)
        self._note(f"inferring {len(corpus.lengths()):,} vectors")
        return self.text_model_.infer_selection(whole(corpus), engine, threads)[0]

    def _make_reader(self) -> DocumentReader:
        given = {"tokenizer": self.tokenizer, "lowercase": self.lowercase}
        for old, new in _RENAMED.items():
            value = getattr(self, old)
            if isinstance(value, str) and value == _NOT_GIVEN:
                continue
            warnings.warn(f"{old} is now {new}; release 0.3 drops {old}", FutureWarning, 3)
            given[new] = DEFAULT_TOKENIZER if old == "tokeniser" and value is None else value
        return document_reader(**given, min_length=self.min_length, max_length=self.max_length)

    def _recipe(self, strategy: str) -> Recipe:
        # A grid search may hand over NumPy's numbers, which are no JSON: seeds hash JSON.
        whole_numbers: dict[str, Any] = {
            name: whole_number(name, getattr(self, name))
            for name in ("vector_size", "window", "negative", "min_count", "epochs", "infer_epochs")
        }
        rates = {
            name: number(name, getattr(self, name))
            for name in ("sample", "alpha", "min_alpha", "infer_alpha", "infer_min_alpha")
        }
        epochs, infer_epochs = whole_numbers.pop("epochs"), whole_numbers.pop("infer_epochs")
        return Recipe(
            strategy=strategy if self.strategy is None else text("strategy", self.strategy),
            schedule=text("schedule", self.schedule),
            settings=Doc2VecSettings(
                model=text("model", self.model),
                sample=rates["sample"],
                vocabulary=text("vocabulary", self.vocabulary),
                engine=choose_engine(self.engine, lambda line: None),
                **whole_numbers,
            ),
            epochs=epochs,
            alpha=rates["alpha"],
            min_alpha=rates["min_alpha"],
            inference=InferenceSettings(
                infer_epochs, rates["infer_alpha"], rates["infer_min_alpha"]
            ),
            seed=_seed(self.random_state),
        )

    def __sklearn_tags__(self) -> Any:
        """Say that the input is text, one-dimensional, and not to be converted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.no_validation = True
        tags.non_deterministic = self.random_state is None
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _more_tags(self) -> dict[str, Any]:
        """Say the same to scikit-learn before 1.6."""
        return {"X_types": ["string"], "no_validation": True, "preserves_dtype": []}


def _encoded(documents: Any, reader: DocumentReader, name: str) -> MemoryCorpus:
    return encode_in_memory(numbered(reader.texts(documents, name)), reader.tokenizer, name)


def _encoded_generic(source: Generic, reader: DocumentReader) -> MemoryCorpus:
    if not isinstance(source, (str, PathLike)):
        return _encoded([] if source is None else source, reader, "generic")
    if reader.takes_words:
        raise ArgumentError(
            "generic: expected a list of token lists, got a path: files hold texts, and "
            "tokenizer=None takes no texts"
        )
    texts = [document.text for document in own_texts(str(source), "generic")]
    return _encoded(texts, reader, "generic")


class _Summary:
    """Stands for a corpus where it is shown."""

    def __init__(self, corpus: Any) -> None:
        count = f"{len(corpus):,} " if hasattr(corpus, "__len__") else ""
        self._text = f"<{count}documents: {type(corpus).__name__}>"

    def __repr__(self) -> str:
        return self._text


def _threads(n_jobs: Any) -> int:
    """Return a number of threads: as in scikit-learn, None is 1 and -1 is all cores."""
    from joblib import effective_n_jobs

    jobs = 1 if n_jobs is None else whole_number("n_jobs", n_jobs)
    if not jobs:
        raise ArgumentError("n_jobs: expected a whole number other than 0, or None, got 0")
    return int(effective_n_jobs(jobs))


def _seed(random_state: Any) -> int:
    """Return a seed from 0; the global random state is neither read nor changed."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, numbers.Integral) and not isinstance(random_state, bool):
        return int(random_state)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**32, dtype=np.uint32))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**32))
    raise ArgumentTypeError(
        "random_state: expected a whole number, a RandomState, a Generator or None, got "
        f"{random_state!r:.60}"
    )

"""A scikit-learn transformer: texts in, Doc2Vec vectors out, by any strategy of d2vbench."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from d2vbench.corpora.pairs.own import own_texts
from d2vbench.corpora.store.memory import MemoryCorpus, encode_in_memory, numbered, whole
from d2vbench.corpora.store.selections import Selection
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UsageError, UserError
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings, choose_engine
from d2vbench.models.recipe import Recipe
from d2vbench.models.text_model import TextModel, Vectors
from d2vbench.models.training import train_recipe

Texts = Iterable[str]
Generic = Texts | str | PathLike[str] | None


class VectorizerError(UsageError, ValueError):
    """A wrong parameter or input: what scikit-learn's callers catch as a `ValueError`."""


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
    generic : iterable of str, path or None
        The generic corpus G: texts, or a file or folder as ``--generic`` takes it. As a parameter
        it is there for `clone`, pipelines and grid searches; a list is better than an iterator,
        which is used up by the first fit.
    model : str
        ``"dbow"``, ``"dbow-words"``, ``"dm-mean"``, ``"dm-sum"`` or ``"dm-concat"``.
    vector_size, window, negative, min_count : int
        As in gensim.
    sample : float
        Threshold of subsampling, as in gensim.
    epochs : int
        Passes over G; D is presented k times as often, where the strategy has a k.
    alpha, min_alpha : float
        Ends of the learning rate of training.
    infer_epochs : int
        Passes over a document when its vector is inferred.
    infer_alpha, infer_min_alpha : float
        Ends of the learning rate of inference.
    lower : bool
        Whether to lower-case.
    min_length, max_length : int
        Words of fewer or more letters are dropped.
    tokeniser : str or None
        A function of one's own, as ``"package.module:name"``, in place of the three before.
    engine : str or None
        ``"native"``, ``"gensim"`` or ``"auto"``; None: what ``D2VBENCH_ENGINE`` says, else
        ``"auto"``.
    random_state : int, RandomState, Generator or None
        A whole number gives the same vectors each time, whatever the global random state is. None
        takes fresh entropy, and leaves the global random state alone too.

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
    `transform` infers a vector for every text, also for those that `fit` has seen: vectors of
    training are never handed out, since a classifier must meet new texts as it met the old ones.
    The vector of a text does not depend on the other texts or on their order. A text without any
    word of the vocabulary gets a vector that says nothing of it.

    Labels are not looked at. In a cross-validation the vectors are trained on the training folds
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
        epochs: int = 10,
        alpha: float = 0.025,
        min_alpha: float = 0.0001,
        infer_epochs: int = 20,
        infer_alpha: float = 0.025,
        infer_min_alpha: float = 0.0001,
        lower: bool = True,
        min_length: int = 2,
        max_length: int = 15,
        tokeniser: str | None = None,
        engine: str | None = None,
        random_state: Any = 0,
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
        self.epochs = epochs
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.infer_epochs = infer_epochs
        self.infer_alpha = infer_alpha
        self.infer_min_alpha = infer_min_alpha
        self.lower = lower
        self.min_length = min_length
        self.max_length = max_length
        self.tokeniser = tokeniser
        self.engine = engine
        self.random_state = random_state

    def fit(self, X: Texts, y: Any = None, generic: Generic = None) -> Doc2VecVectorizer:
        """Train on texts, and on those of the generic corpus.

        Parameters
        ----------
        X : iterable of str
            The domain corpus; one or more texts.
        y : ignored
            There for pipelines.
        generic : iterable of str or path, optional
            In place of the parameter of the same name.

        Returns
        -------
        Doc2VecVectorizer
            Itself.

        Raises
        ------
        ValueError
            For wrong parameters, for anything but texts, and for a strategy that needs generic
            texts where there are none.
        """
        with _as_value_errors():
            self._train(_encoded(X, self._tokeniser(), "X"), generic)
        return self

    def transform(self, X: Texts) -> Vectors:
        """Infer the vectors of texts.

        Parameters
        ----------
        X : iterable of str
            Any texts.

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
        with _as_value_errors():
            return self._infer(_encoded(X, self.text_model_.tokeniser, "X"))

    def fit_transform(self, X: Texts, y: Any = None, generic: Generic = None) -> Vectors:
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
        with _as_value_errors():
            corpus = _encoded(X, self._tokeniser(), "X")
            self._train(corpus, generic)
            return self._infer(corpus)

    def _train(self, corpus: MemoryCorpus, generic: Generic) -> None:
        if not len(corpus.lengths()):
            raise VectorizerError("X holds no text: Doc2Vec is trained on one or more")
        tokeniser = self._tokeniser()
        source = self.generic if generic is None else generic
        texts = _generic(source, tokeniser)
        recipe = self._recipe("combined" if len(texts) else "domain-only")
        trained = train_recipe(texts, whole(corpus), recipe, tokeniser)
        self.recipe_ = recipe
        self.text_model_: TextModel = trained.text_model
        self.degenerate_ = [part.degenerate for part in trained.parts]
        self._n_features_out = self.text_model_.vector_size

    def _infer(self, corpus: MemoryCorpus) -> Vectors:
        # Whoever loads it elsewhere may lack the engine of training; the two agree.
        engine = choose_engine(self.engine, lambda text: None)
        return self.text_model_.infer_selection(whole(corpus), engine)[0]

    def _tokeniser(self) -> Tokeniser:
        if self.tokeniser is not None:
            return Tokeniser(function=self.tokeniser)
        return Tokeniser(self.lower, self.min_length, self.max_length)

    def _recipe(self, strategy: str) -> Recipe:
        # A grid search may hand over NumPy's numbers, which are no JSON: seeds hash JSON.
        whole_numbers: dict[str, Any] = {
            name: _whole_number(name, getattr(self, name))
            for name in ("vector_size", "window", "negative", "min_count", "epochs", "infer_epochs")
        }
        rates = {
            name: _number(name, getattr(self, name))
            for name in ("sample", "alpha", "min_alpha", "infer_alpha", "infer_min_alpha")
        }
        epochs, infer_epochs = whole_numbers.pop("epochs"), whole_numbers.pop("infer_epochs")
        return Recipe(
            strategy=strategy if self.strategy is None else str(self.strategy),
            schedule=str(self.schedule),
            settings=Doc2VecSettings(
                model=str(self.model),
                sample=rates["sample"],
                engine=choose_engine(self.engine, lambda text: None),
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


@contextmanager
def _as_value_errors() -> Iterator[None]:
    """Turn what a person can put right into what scikit-learn's callers catch."""
    try:
        yield
    except VectorizerError:
        raise
    except UserError as error:
        raise VectorizerError(str(error)) from error


def _encoded(texts: Any, tokeniser: Tokeniser, name: str) -> MemoryCorpus:
    return encode_in_memory(numbered(_checked(texts, name)), tokeniser, name)


def _checked(texts: Any, name: str) -> Sequence[str]:
    """Return texts as a list, or say what else they are."""
    if isinstance(texts, (str, bytes)):
        raise VectorizerError(f"{name}: expected an iterable of texts, got one text")
    # A table or a matrix would be gone through by its columns or rows.
    shape = getattr(texts, "shape", None)
    if shape is not None and len(shape) != 1:
        raise VectorizerError(
            f"{name}: expected one-dimensional texts, got {type(texts).__name__} of shape "
            f"{tuple(shape)}: choose the column of the texts"
        )
    try:
        listed = list(texts)
    except TypeError:
        raise VectorizerError(
            f"{name}: expected an iterable of texts, got {type(texts).__name__}"
        ) from None
    for i, text in enumerate(listed):
        if not isinstance(text, str):
            raise VectorizerError(
                f"{name}: expected texts, got {type(text).__name__} at position {i}: {text!r:.40}"
            )
    return listed


def _generic(source: Generic, tokeniser: Tokeniser) -> Selection:
    if source is None:
        return whole(_encoded([], tokeniser, "generic"))
    if isinstance(source, (str, PathLike)):
        documents = own_texts(str(source), "generic")
        return whole(encode_in_memory(documents, tokeniser, "generic"))
    return whole(_encoded(source, tokeniser, "generic"))


def _whole_number(name: str, value: Any) -> int:
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    raise VectorizerError(f"{name}: expected a whole number, got {value!r:.60}")


def _number(name: str, value: Any) -> float:
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return float(value)
    raise VectorizerError(f"{name}: expected a number, got {value!r:.60}")


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
    raise VectorizerError(
        "random_state: expected a whole number, a RandomState, a Generator or None, got "
        f"{random_state!r:.60}"
    )

"""A pickle of gensim's, read with inert objects in place of all that it names.

What a pickle names is looked up in one table, and every entry of it is a class of this module that
keeps what it is given and does nothing. No function of gensim, NumPy or Python is called on behalf
of the file. A hostile file can still take time and memory.
"""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from d2vbench.errors import UserError

_NUMBERS = re.compile(r"[biuf][1248]")
_COMPRESSED = {b"\x1f\x8b": "gunzip", b"BZ": "bunzip2"}

#: What a damaged pickle may raise, in the unpickler or in the objects below.
_DAMAGED = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    OverflowError, MemoryError, RecursionError, ImportError,
)  # fmt: skip


class _Fixed(type):
    """A class whose attributes a pickle cannot set."""

    def __setattr__(cls, name: str, value: object) -> None:
        raise TypeError("a pickle may not change a class")


class Inert(metaclass=_Fixed):
    """An object of the file, with the state that the file gave it.

    Attributes
    ----------
    given : tuple
        Arguments that it was made with.
    state : object
        Its attributes, usually a dict.
    """

    __slots__ = ("given", "state")
    given: tuple[Any, ...]
    state: Any

    def __new__(cls, *given: Any) -> Inert:
        """Keep the arguments."""
        new = object.__new__(cls)
        new.given, new.state = given, {}
        return new

    def __init__(self, *given: Any) -> None:
        """Take any arguments."""

    def __setstate__(self, state: Any) -> None:
        """Keep the attributes."""
        self.state = state


class Doc2Vec(Inert):
    """The model."""

    __slots__ = ()


class OtherModel(Inert):
    """A model of gensim's that is no Doc2Vec."""

    __slots__ = ()


class Part(Inert):
    """Vectors, vocabulary or weights of a model."""

    __slots__ = ()


class Random(Inert):
    """A generator of random numbers, or a part of one."""

    __slots__ = ()


class Vocab(Inert):
    """A word of gensim before 4: what else it holds belongs to hierarchical softmax."""

    __slots__ = ("count", "index", "sample_int")

    def __setstate__(self, state: Any) -> None:
        """Keep three numbers."""
        self.count, self.index = state["count"], state["index"]
        self.sample_int = state.get("sample_int")


class Dtype(Inert):
    """A type of numbers."""

    __slots__ = ()

    def numbers(self) -> np.dtype[Any]:
        """Return the type, of numbers alone."""
        name = self.given[0]
        if not isinstance(name, str) or not _NUMBERS.fullmatch(name):
            raise ValueError(f"an array of {name!r:.20} where numbers were expected")
        order = self.state[1] if isinstance(self.state, tuple) else "|"
        return np.dtype({"<": "<", ">": ">"}.get(order, "=") + name)


class Array(Inert):
    """An array; that of ``numpy.core.multiarray._reconstruct``."""

    __slots__ = ()

    def numbers(self) -> npt.NDArray[Any]:
        """Return it as numbers: a view of the bytes of the file, which cannot be written."""
        _, shape, dtype, fortran, raw = self.state
        return _numbers(raw, dtype, shape, "F" if fortran else "C")


class Buffer(Inert):
    """An array; that of ``numpy.core.numeric._frombuffer``, in pickles of protocol 5."""

    __slots__ = ()

    def numbers(self) -> npt.NDArray[Any]:
        """Return it as numbers."""
        raw, dtype, shape, order = self.given
        return _numbers(raw, dtype, shape, order)


def _numbers(raw: Any, dtype: Any, shape: Any, order: Any) -> npt.NDArray[Any]:
    if isinstance(raw, str):  # Python 2 wrote bytes as text.
        raw = raw.encode("latin-1")
    if not isinstance(dtype, Dtype):
        raise ValueError("an array without a type")
    numbers = dtype.numbers()
    if not isinstance(raw, bytes | bytearray):
        raise ValueError("an array without numbers")
    array = np.frombuffer(raw, numbers).reshape(shape, order="F" if order == "F" else "C")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


class Scalar(Inert):
    """A number of NumPy's: becomes one of Python's."""

    __slots__ = ()

    def __new__(cls, *given: Any) -> Any:
        """Return the number."""
        dtype, raw = given
        return _numbers(raw, dtype, (1,), "C")[0].item()


class Encode(Inert):
    """Bytes that a pickle of protocol 2 holds as text."""

    __slots__ = ()

    def __new__(cls, *given: Any) -> Any:
        """Return the bytes."""
        text, encoding = given
        if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
            raise ValueError("bytes in another form than NumPy writes")
        return text.encode("latin-1")


class NoBytes(Inert):
    """``bytes()`` of an empty array."""

    __slots__ = ()

    def __new__(cls, *given: Any) -> Any:
        """Return no bytes."""
        if given:
            raise ValueError("bytes in another form than NumPy writes")
        return b""


class Mapping(Inert):
    """A dict of another kind, which begins empty: becomes a plain one."""

    __slots__ = ()

    def __new__(cls, *given: Any) -> Any:
        """Return an empty dict."""
        return {}


_KEYED = "gensim.models.keyedvectors"
_NAMES: dict[type[Inert], tuple[str, ...]] = {
    Doc2Vec: ("gensim.models.doc2vec.Doc2Vec",),
    OtherModel: ("gensim.models.word2vec.Word2Vec",),
    Part: (
        "gensim.models.doc2vec.Doc2VecTrainables", "gensim.models.doc2vec.Doc2VecVocab",
        "gensim.models.doc2vec.DocvecsArray", "gensim.models.doc2vec.Doctag",
        "gensim.models.word2vec.Word2VecTrainables", "gensim.models.word2vec.Word2VecVocab",
        f"{_KEYED}.KeyedVectors", f"{_KEYED}.Word2VecKeyedVectors",
        f"{_KEYED}.EuclideanKeyedVectors", f"{_KEYED}.Doc2VecKeyedVectors",
    ),
    Vocab: (f"{_KEYED}.Vocab", "gensim.models.word2vec.Vocab"),
    # Functions and types, kept as names that are never called.
    Inert: (
        "gensim.utils.call_on_class_only", "builtins.hash", "builtins.int", "builtins.long",
        "builtins.float", "builtins.frozenset", "numpy.ndarray",
    ),
    NoBytes: ("builtins.bytes",),
    Mapping: ("collections.defaultdict", "collections.OrderedDict"),
    Encode: ("_codecs.encode",),
    Dtype: ("numpy.dtype",),
    Array: ("numpy.core.multiarray._reconstruct",),
    Scalar: ("numpy.core.multiarray.scalar",),
    Buffer: ("numpy.core.numeric._frombuffer",),
    Random: (
        "numpy.random.__RandomState_ctor", "numpy.random.mtrand.__RandomState_ctor",
        "numpy.random._pickle.__randomstate_ctor", "numpy.random._pickle.__bit_generator_ctor",
        "numpy.random._pickle.__generator_ctor", "numpy.random._mt19937.MT19937",
        "numpy.random._pcg64.PCG64", "numpy.random.bit_generator.SeedSequence",
        "numpy.random.bit_generator.__pyx_unpickle_SeedSequence",
    ),
}  # fmt: skip
_ALLOWED = {name: kind for kind, names in _NAMES.items() for name in names}


class _Refused(Exception):
    """A name that no saved Doc2Vec has."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return the inert class for a name, never what the name says."""
        # Names of Python 2, and those that NumPy 2 moved.
        module = "builtins" if module == "__builtin__" else module
        module = re.sub(r"^numpy\._core\.", "numpy.core.", module)
        kind = _ALLOWED.get(f"{module}.{name}")
        if kind is None:
            raise _Refused(f"{module}.{name}")
        return kind


def read_inert(path: Path) -> Any:
    """Read the first pickle of a file as inert objects.

    Parameters
    ----------
    path : pathlib.Path
        Any file.

    Returns
    -------
    object
        `Inert` objects, and dicts, lists, texts and numbers.

    Raises
    ------
    UserError
        If it cannot be read, is compressed, is no pickle or not whole, or names anything that
        no saved Doc2Vec has.
    """
    try:
        with path.open("rb") as file:
            _refuse_compressed(path, file)
            return _Unpickler(file, encoding="latin1").load()
    except FileNotFoundError:
        raise UserError(f"there is no model file {path}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    except _Refused as refused:
        raise UserError(
            f"{path} names {_shown(str(refused))}, which is no array, vocabulary or setting of a "
            "Doc2Vec: it is refused, and nothing of it was run; give a file that the save() of "
            "gensim's Doc2Vec wrote"
        ) from None
    except _DAMAGED as error:
        why = _shown(str(error) or type(error).__name__)
        raise UserError(
            f"{path} is no file that the save() of gensim's Doc2Vec wrote, or is not whole "
            f"({why}): copy it again from where it was whole"
        ) from None


def _shown(text: str) -> str:
    """Return text of the file as it may be printed."""
    return text[:200] if text[:200].isprintable() else ascii(text[:200])


def _refuse_compressed(path: Path, file: BinaryIO) -> None:
    tool = _COMPRESSED.get(file.read(2))
    if tool:
        raise UserError(f"{path} is compressed: unpack it first, with {tool}")
    file.seek(0)

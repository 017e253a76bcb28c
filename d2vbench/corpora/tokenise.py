"""From text to words."""

from __future__ import annotations

from functools import lru_cache

# Words outside these lengths are dropped, as gensim's simple_preprocess does by default.
MIN_LENGTH = 2
MAX_LENGTH = 15


def tokenise(text: str) -> list[str]:
    """Split a text into lower-case alphabetic words: gensim's ``simple_preprocess``.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Words of 2 to 15 letters, in order.

    Examples
    --------
    >>> tokenise("The Fourier transform, x_1 = F(y).")
    ['the', 'fourier', 'transform', 'x_']
    """
    return list(_simple_preprocess()(text, min_len=MIN_LENGTH, max_len=MAX_LENGTH))


@lru_cache(maxsize=1)
def _simple_preprocess():  # type: ignore[no-untyped-def]
    # gensim takes a second to import; `d2vbench list` never needs it.
    from gensim.utils import simple_preprocess

    return simple_preprocess

"""What classes are called in plain words: all that zero-shot classification knows of them."""

from __future__ import annotations

from collections.abc import Sequence

from d2vbench.errors import UserError


def title_of(name: str) -> str:
    """Return the name of a class as text that an encoder can read.

    Raises
    ------
    UserError
        If there is no letter in it.

    Examples
    --------
    >>> title_of("comp.sys.mac_hardware"), title_of("Health/Care")
    ('comp sys mac hardware', 'Health Care')
    """
    words = "".join(c if c.isalnum() else " " for c in name).split()
    if not any(c.isalpha() for word in words for c in word):
        raise UserError(
            f"class {name!r:.60} has no title that could be read: zero-shot classification needs "
            "classes with names"
        )
    return " ".join(words)


def class_titles(names: Sequence[str], titles: Sequence[str] = ()) -> list[str]:
    """Return the title of each class.

    Parameters
    ----------
    names : sequence of str
        Labels of the classes.
    titles : sequence of str
        Of a pair: what their card calls them; none, where it has no titles.

    Raises
    ------
    UserError
        If a class has none, or two classes have one.
    """
    found = list(titles) if titles else list(map(title_of, names))
    for i, (name, title) in enumerate(zip(names, found, strict=True)):
        if not title:
            raise UserError(
                f"class {name!r:.60} has no title on the card of its corpus, and others have: add "
                "it under [titles]"
            )
        if title in found[:i]:
            other = names[found.index(title)]
            raise UserError(
                f"classes {other!r:.60} and {name!r:.60} have one title, {title!r:.60}: zero-shot "
                "classification cannot tell them apart"
            )
    return found

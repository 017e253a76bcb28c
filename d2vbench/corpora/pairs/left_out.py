"""What the making of a pair left out, in words."""

from __future__ import annotations

from collections.abc import Mapping

_REASONS = {
    "domain_unlabelled": "of D without a label",
    "domain_near_duplicates": "near-duplicates in D",
    "generic_held_out": "of G that its own split holds out",
    "generic_near_duplicates": "of G that resemble one of D",
    "generic_near_held_out": "of G that resemble one held out of it",
    "generic_over_cap": "of G over the most that its card takes",
    "domain_in_small_classes": "of D in classes too small",
    "domain_over_cap": "of D over the most of a class",
}


def left_out_text(counts: Mapping[str, int]) -> str:
    """Return how many documents were left out, and why.

    Parameters
    ----------
    counts : mapping of str to int
        As in `Pair.counts`.

    Returns
    -------
    str
        Part of a sentence; ``nothing`` where all counts are zero.

    Examples
    --------
    >>> left_out_text({"domain_unlabelled": 1200, "domain_near_duplicates": 0})
    '1,200 of D without a label'
    >>> left_out_text({})
    'nothing'
    """
    # A name that is not known comes from the records of another version.
    parts = [
        f"{n:,} {_REASONS.get(name, name.replace('_', ' '))}" for name, n in counts.items() if n
    ]
    return ", ".join(parts) or "nothing"

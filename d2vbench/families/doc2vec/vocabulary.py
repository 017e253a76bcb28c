"""Vocabulary policies: which training documents make a model's vocabulary.

Counts are natural under each of them: a document counts once, however often a strategy presents it.
"""

from __future__ import annotations

import numpy as np

from d2vbench.errors import unknown_name
from d2vbench.families.base import Sides
from d2vbench.families.words import count_words
from d2vbench.strategies import Plan

SHARED, OWN, GENERIC = "shared", "own", "generic"

#: Policies by name, with what they are.
VOCABULARIES: dict[str, str] = {
    SHARED: "G and D-train, whatever the strategy presents.",
    OWN: "Only the documents that the strategy presents.",
    GENERIC: "G alone: words that only D has are unknown.",
    "expanded": "G, then gensim's build_vocab(update=True) with D, tags going on after G's.",
    "expanded-restarted-tags": "As expanded, with D's tags beginning at 0 again.",
    "expanded-repaired": "As expanded, with the document vectors resized by hand.",
}

#: Those that only gensim's own update makes; see `d2vbench.families.doc2vec.reference.expanded`.
EXPANDED = tuple(name for name in VOCABULARIES if name.startswith("expanded"))


#: Raised when a policy counts other documents, or a vocabulary is made of them otherwise.
VERSIONS = dict.fromkeys(VOCABULARIES, 1)


def count(policy: str, sides: Sides, plan: Plan | None) -> dict[str, int]:
    """Count the words that a model's vocabulary is made of.

    Parameters
    ----------
    policy : str
        ``"shared"``, ``"own"`` or ``"generic"``.
    sides : Sides
        G and the part of D-train that is trained on; never a test document.
    plan : Plan or None
        Needed for ``"own"``.

    Returns
    -------
    dict of str to int
        See `d2vbench.families.words.count_words`.

    Raises
    ------
    UsageError
        For an unknown policy.
    ValueError
        If ``"own"`` comes without a plan.
    """
    if policy == SHARED:
        return sides.word_counts
    if policy == GENERIC:
        return count_words([sides.generic])
    if policy != OWN:
        raise unknown_name("vocabulary policy", policy, (SHARED, OWN, GENERIC))
    if plan is None:
        raise ValueError("the vocabulary policy 'own' needs the plan that will be trained")
    counted = []
    phases = [phase for phase in plan.phases if phase.generic.count]
    if phases:
        widest = max(phases, key=lambda phase: phase.nearest)
        generic = sides.generic
        if widest.nearest != 1:
            nearest = sides.nearest[: widest.generic_documents(sides.sizes)]
            generic = generic.take(np.sort(nearest))
        counted.append(generic)
    if any(phase.domain.count for phase in plan.phases):
        counted.append(sides.domain)
    return count_words(counted)

"""Vocabulary policies: which training documents make a model's vocabulary.

Counts are natural under each of them: a document counts once, however often a strategy presents it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from d2vbench.corpora import Selection
from d2vbench.errors import unknown_name
from d2vbench.strategies import Plan, Sizes

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


def counted_documents(
    policy: str,
    generic: Selection,
    domain: Selection,
    plan: Plan | None,
    nearest: npt.NDArray[np.int64] | None,
) -> list[Selection]:
    """Return the documents whose words are counted.

    Parameters
    ----------
    policy : str
        ``"shared"``, ``"own"`` or ``"generic"``.
    generic, domain : Selection
        G and the part of D-train that is trained on; never a test document.
    plan : Plan or None
        Needed for ``"own"``.
    nearest : (n_generic,) int64 or None
        Documents of G, the nearest to D first; needed where the plan takes a share of them.

    Returns
    -------
    list of Selection
        One or two.

    Raises
    ------
    UsageError
        For an unknown policy.
    ValueError
        If ``"own"`` comes without a plan.
    """
    if policy == SHARED:
        return [generic, domain]
    if policy == GENERIC:
        return [generic]
    if policy != OWN:
        raise unknown_name("vocabulary policy", policy, (SHARED, OWN, GENERIC))
    if plan is None:
        raise ValueError("the vocabulary policy 'own' needs the plan that will be trained")
    counted = []
    phases = [phase for phase in plan.phases if phase.generic.count]
    if phases:
        widest = max(phases, key=lambda phase: phase.nearest)
        if widest.nearest == 1:
            counted.append(generic)
        else:
            assert nearest is not None
            sizes = corpus_sizes(generic, domain)
            counted.append(generic.take(np.sort(nearest[: widest.generic_documents(sizes)])))
    if any(phase.domain.count for phase in plan.phases):
        counted.append(domain)
    return counted


def corpus_sizes(generic: Selection, domain: Selection) -> Sizes:
    """Return how large the two sides are, as plans need it."""
    return Sizes(len(generic), len(domain), generic.words(), domain.words())

"""Vocabulary policies of Doc2Vec: those of counts, and gensim's own expansion."""

from __future__ import annotations

from d2vbench.families import counts

#: Those that only gensim's own update makes; see `d2vbench.families.doc2vec.reference.expanded`.
EXPANDED: dict[str, str] = {
    "expanded": "G, then gensim's build_vocab(update=True) with D, tags going on after G's.",
    "expanded-restarted-tags": "As expanded, with D's tags beginning at 0 again.",
    "expanded-repaired": "As expanded, with the document vectors resized by hand.",
}

#: Those of a saved model that D goes on from; the first is the default: on four pairs a saved
#: model without D's words lost up to twelve points against it (docs/choosing.md).
OF_MODEL, EXPANDED_MODEL, ADDED = "model", "model-expanded", "model-added"
OF_A_MODEL: dict[str, str] = {
    ADDED: "With D's words at start vectors, counts of both added up.",
    EXPANDED_MODEL: "With D's words by gensim's build_vocab(update=True), and its repair.",
    OF_MODEL: "The words of the saved model; others of D are left out.",
}

#: Policies as they are written, with what they are.
VOCABULARIES: dict[str, str] = {
    **counts.WHOLE,
    **{f"{name}(X)": text for name, text in counts.PARTS.items()},
    **EXPANDED,
}


def canonical(policy: str) -> str:
    """Return a policy as it is written in records.

    Raises
    ------
    UsageError
        For an unknown one.
    """
    if policy in EXPANDED or policy in OF_A_MODEL:
        return policy
    return str(counts.parse_policy(policy, EXPANDED))


def version(policy: str) -> tuple[str, int]:
    """Return the component that a policy is, without its X, and its version."""
    if policy in EXPANDED or policy in OF_A_MODEL:
        return f"vocabulary {policy}", 1
    name = counts.parse_policy(policy).name
    return f"vocabulary {name}", counts.VERSIONS[name]

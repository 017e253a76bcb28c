"""Arms of fine-tuning: which weights go on learning from labels, and by which loss.

An arm is a text in a cell, as a label budget is: ``all``, ``top(1)``, ``head`` or ``scratch``, and
after a comma the loss where it is not the plain one: ``all, weighted``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from d2vbench.errors import UsageError, check_name

#: Raised when what an arm predicts changes.
VERSION = 2
#: Documents of an update.
BATCH = 16

ALL, TOP, HEAD, SCRATCH = "all", "top", "head", "scratch"
#: Which weights learn.
KINDS: dict[str, str] = {
    ALL: "All weights, and a new linear head.",
    "top(n)": "The top n layers, and a new linear head; those below keep their values.",
    HEAD: "A new linear head on the vectors of the body as it is.",
    SCRATCH: "All weights, of a body of the same shape whose weights are random.",
}
PLAIN, WEIGHTED, BALANCED, FOCAL = "plain", "weighted", "balanced", "focal"
#: What is minimised, n labelled documents in K classes.
LOSSES: dict[str, str] = {
    PLAIN: "The mean cross-entropy.",
    WEIGHTED: "That, a document of class c weighing n / (K n_c): each class as much in all.",
    BALANCED: "The mean cross-entropy of documents drawn so that each class is drawn as often.",
    FOCAL: "The mean of (1 - p) squared times the cross-entropy, p the probability of the class.",
}
_ARM = re.compile(r"(all|head|scratch|top\(([1-9]\d?)\))(?:, ([a-z]+))?")


@dataclass(frozen=True)
class Arm:
    """An arm of fine-tuning.

    Attributes
    ----------
    kind : str
        ``all``, ``top``, ``head`` or ``scratch``.
    layers : int
        Of ``top(n)``; else 0.
    loss : str
        A key of `LOSSES`.
    """

    kind: str
    layers: int = 0
    loss: str = PLAIN

    def __str__(self) -> str:
        """Return the form that `parse_arm` reads."""
        kind = f"{TOP}({self.layers})" if self.kind == TOP else self.kind
        return kind if self.loss == PLAIN else f"{kind}, {self.loss}"


def parse_arm(text: str) -> Arm:
    """Read an arm.

    Raises
    ------
    UsageError
        For another text.

    Examples
    --------
    >>> parse_arm("top(2), weighted")
    Arm(kind='top', layers=2, loss='weighted')
    >>> str(parse_arm("all, plain"))
    'all'
    """
    read = _ARM.fullmatch(text)
    if read is None:
        raise UsageError(
            f"an arm of fine-tuning is all, top(n), head or scratch, and may have a loss, as in "
            f"'all, weighted'; got {text!r:.60}"
        )
    loss = read[3] or PLAIN
    check_name("loss", loss, LOSSES)
    return Arm(TOP if read[2] else read[1], int(read[2] or 0), loss)

"""The updates of fine-tuning: AdamW over a head, and over a body where that learns too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from d2vbench.errors import UserError

_BETAS, _DECAY, _LONGEST_GRADIENT = (0.9, 0.999), 0.01, 1.0
_WARM_SHARE = 0.1


@dataclass(frozen=True)
class Rates:
    """Learning rates of a course.

    Attributes
    ----------
    body, head : float
        Of AdamW, after warm-up.
    """

    body: float
    head: float


class Descent:
    """A head and perhaps a body on their way down a loss.

    Parameters
    ----------
    head : torch.nn.Module
        Learns at the rate of the head.
    body : torch.nn.Module or None
        What of it requires gradients learns at the rate of the body; None where it does not learn.
    rates : Rates
        Both.
    updates : int
        Of the longest course: rates rise over a tenth of it, and then stay.
    what : str
        What is learned, for messages.
    """

    def __init__(self, head: Any, body: Any, rates: Rates, updates: int, what: str) -> None:
        import torch

        self._rates, self._what = rates, what
        groups: list[dict[str, Any]] = [
            {"params": list(head.parameters()), "lr": rates.head, "weight_decay": _DECAY}
        ]
        if body is not None:
            learns = [p for p in body.parameters() if p.requires_grad]
            for decay, some in (
                (_DECAY, [p for p in learns if p.ndim > 1]),
                (0.0, [p for p in learns if p.ndim < 2]),
            ):
                groups.append({"params": some, "lr": rates.body, "weight_decay": decay})
        for group in groups:
            group["peak"] = group["lr"]
        first, *others = groups
        self._clipped = [first["params"], [p for group in others for p in group["params"]]]
        self._optimiser = torch.optim.AdamW(groups, betas=_BETAS, foreach=False)
        self._warm, self._updates = max(round(_WARM_SHARE * updates), 1), 0

    def error(self, found: str) -> UserError:
        """Return the error to raise where something is no number any more."""
        return UserError(
            f"{self._what}: after {self._updates:,} updates {found} (rates {self._rates.body:g} of "
            f"the body, {self._rates.head:g} of the head): lower peak_rate"
        )

    def step(self, loss: Any) -> None:
        """Make one update.

        Raises
        ------
        UserError
            If the loss is no number any more.
        """
        import torch

        value = float(loss.detach())
        if not math.isfinite(value):
            raise self.error(f"the loss is {value}")
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        rising = min((self._updates + 1) / self._warm, 1.0)
        for group in self._optimiser.param_groups:
            group["lr"] = group["peak"] * rising
        # A body is clipped as a whole, and its head by itself: they learn at rates of their own.
        for parameters in self._clipped:
            torch.nn.utils.clip_grad_norm_(parameters, _LONGEST_GRADIENT)
        self._optimiser.step()
        self._updates += 1

"""The claims about fine-tuning encoders, as data: E1 to E4, of the study `fine-tuning`."""

from __future__ import annotations

from d2vbench.analysis.claims.differences import ContrastTest
from d2vbench.analysis.claims.evidence import Estimand
from d2vbench.analysis.claims.judging import Claim
from d2vbench.analysis.contrasts.contrasts import Cells, Contrast

STUDY = "fine-tuning"

_ALL, _FROZEN = ("fine-tuned all",), ("",)
_HEAD, _TOP, _SCRATCH = ("fine-tuned head",), ("fine-tuned top(1)",), ("fine-tuned scratch",)
# What a body without further training is called by has no k.
_ANY_K = Estimand(k=None)


def _as_it_is(setting: tuple[str, ...]) -> Cells:
    return Cells(("untrained",), setting=setting)


def _mixed(setting: tuple[str, ...]) -> Cells:
    return Cells(("oversampled",), k=(4,), schedule=("linear",), setting=setting)


def _better(name: str, first: Cells, second: Cells, context: bool = False) -> ContrastTest:
    return ContrastTest(
        Contrast(name, first, second, match=()),
        supports=("better",),
        contradicts=("worse", "equivalent"),
        estimand=_ANY_K,
        context=context,
    )


def _beside_all(setting: tuple[str, ...], what: str) -> tuple[ContrastTest, ...]:
    return (
        _better(f"all weights minus {what}, the encoder as it is", _as_it_is(_ALL),
                _as_it_is(setting), True),
        _better(f"all weights minus {what}, further trained on both corpora", _mixed(_ALL),
                _mixed(setting), True),
    )  # fmt: skip


_NEEDS = "untrained, domain-only(4), oversampled(4) and sequential(4), fine-tuned all"
_READ_TOGETHER = "Labels are those of the label budget, the same documents on both sides."

ENCODER_CLAIMS: tuple[Claim, ...] = (
    Claim(
        "E1",
        "Fine-tuning all weights is better than a classifier on frozen vectors.",
        "Devlin et al. 2019 (arXiv 1810.04805); Peters et al. 2019 (arXiv 1903.05987) find it to "
        "depend on the task",
        (
            _better("all weights minus frozen vectors, the encoder as it is", _as_it_is(_ALL),
                    _as_it_is(_FROZEN)),
            _better("all weights minus frozen vectors, further trained on both corpora",
                    _mixed(_ALL), _mixed(_FROZEN)),
            *_beside_all(_HEAD, "a head"),
            *_beside_all(_TOP, "the top layer"),
        ),
        ((STUDY, "untrained or oversampled(4), fine-tuned all and as frozen vectors"),),
        _READ_TOGETHER + " Frozen vectors are classified by logistic regression, as everywhere. A "
        "head, and the top layer, stand beside without a vote.",
    ),
    Claim(
        "E2",
        "Further training on the domain's texts before fine-tuning helps.",
        "Gururangan et al. 2020 (arXiv 2004.10964): don't stop pretraining",
        (
            _better("trained on the domain first minus the encoder as it is, all weights",
                    Cells(("domain-only",), k=(4,), schedule=("linear",), setting=_ALL),
                    _as_it_is(_ALL)),
            _better("trained on both corpora first minus the encoder as it is, all weights",
                    _mixed(_ALL), _as_it_is(_ALL), True),
        ),
        ((STUDY, _NEEDS),),
        _READ_TOGETHER + " Further training reads no label. Of an encoder from scratch the encoder "
        "as it is has random weights.",
    ),
    Claim(
        "E3",
        "For further training, one corpus after the other is worse than both shuffled together.",
        "the advice of C1, asked of what is fine-tuned afterwards",
        (
            ContrastTest(
                Contrast(
                    "sequential minus shuffled, the same documents equally often, all weights",
                    Cells(("sequential",), k=(4,), schedule=("restart",), setting=_ALL),
                    _mixed(_ALL),
                    match=(),
                ),
                supports=("worse",),
                contradicts=("better", "equivalent"),
            ),
        ),
        ((STUDY, _NEEDS),),
        _READ_TOGETHER + " sequential(4) with a restart against oversampled(4).",
    ),
    Claim(
        "E4",
        "A checkpoint is better than random weights of the same shape, both fine-tuned whole.",
        "Devlin et al. 2019 (arXiv 1810.04805)",
        (
            _better("checkpoint minus random weights, all weights", _as_it_is(_ALL),
                    _as_it_is(_SCRATCH)),
        ),
        ((STUDY, "a checkpoint (--encoder), untrained, fine-tuned all and scratch"),),
        _READ_TOGETHER + " Both read the checkpoint's word pieces. What a checkpoint was trained "
        "on is not known here, and may hold test documents of a public corpus.",
    ),
)  # fmt: skip

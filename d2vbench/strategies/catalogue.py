"""The catalogue of strategies: each a short function that lays out phases.

E is the number of passes over G. Unless it says otherwise, a strategy of a given k presents every
document of G E times and every document of D k x E times: `sequential(k)`, `reverse(k)`,
`concatenated(k)`, `shuffled-once(k)`, `oversampled(k)`, `loop(k)`, `replay(k, p)`, `annealed(k)`,
`mixed-finish(k)`, `frozen(k)` and, over its two models, `ensemble(k)` differ in order alone;
`adapted(k)`, `anchored(k, lambda)` and `pretrained-words(k)` present the same in the order of
`sequential(k)`, and differ from it in what the second phase does with the model.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

from d2vbench.plugins import Catalogue
from d2vbench.strategies.definition import Phases, Share, StrategyDefinition, Terms, check_strategy
from d2vbench.strategies.phase import Passes, Phase

# What a saved model was trained on before: it is only taken.
SAVED = Phase("saved model", 0)
# A model as it is before any training.
_UNTRAINED = Phase("untrained", 0)


def domain_only(of: Terms) -> Phases:
    """D alone, k x E epochs; k may be 'budget': the control for whether G helps at all.

    Lai et al. 2015 (arXiv 1507.05523) found the domain of a corpus to matter more than its size.
    ``domain-only(budget)`` takes as many epochs as go through the words that `combined` does: the
    control for mere training time.
    """
    return (Phase("domain", of.k * of.epochs, domain=of.domain),)


def generic_only(of: Terms) -> Phases:
    """G alone, E epochs: the control for what the domain documents add.

    Where a saved model stands for G, that model as it is.
    """
    if of.saved:
        return (SAVED,)
    return (Phase("generic", of.epochs, generic=of.generic),)


def untrained(of: Terms) -> Phases:
    """Nothing: an encoder as it is, for what further training adds (encoders only)."""
    return (_UNTRAINED,)


def warm(of: Terms) -> Phases:
    """Take a saved model of G, then D for k x E: what is left to do where G itself is gone."""
    return (SAVED, *domain_only(of))


def combined(of: Terms) -> Phases:
    """G and D in one, reshuffled each epoch: the common advice; the same as oversampled(1)."""
    return oversampled(dataclasses.replace(of, k=1))


def oversampled(of: Terms) -> Phases:
    """G and k copies of D in one, reshuffled each epoch; k may be 'balanced'.

    The control for whether D needs weight. Copies share their document's vector; whether they
    count for the vocabulary is its policy's. With ``balanced``, k is the whole number that brings
    the words of D nearest to those of G.
    """
    return (Phase("mixed", of.epochs, generic=of.generic, domain=of.domain),)


def sequential(of: Terms) -> Phases:
    """G for E epochs, then D for k x E: what the question asks about."""
    return (*generic_only(of), *domain_only(of))


def reverse(of: Terms) -> Phases:
    """D for k x E epochs, then G for E: the control for which corpus comes last."""
    return (*domain_only(of), *generic_only(of))


def concatenated(of: Terms) -> Phases:
    """Each epoch G, then k copies of D, never shuffled: the control for shuffling at all."""
    (mixed,) = oversampled(of)
    return (dataclasses.replace(mixed, name="concatenated", order="concatenated"),)


def shuffled_once(of: Terms) -> Phases:
    """As oversampled(k), in one random order for all epochs: the control for reshuffling."""
    (mixed,) = oversampled(of)
    return (dataclasses.replace(mixed, name="shuffled-once", order="once"),)


def replay(of: Terms) -> Phases:
    """As sequential(k), with the last share p of G's passes mixed into the second phase.

    Experience replay against forgetting: de Masson d'Autume et al. 2019; Ibrahim et al. 2024
    (arXiv 2403.08763). The control for what the domain phase forgets of G. ``replay(k, 0)`` is
    ``sequential(k)``; ``replay(k, 1)`` mixes all.
    """
    if not of.share:
        return sequential(of)
    first = of.epochs * (1 - of.share)
    second = Phase("replay", of.k * of.epochs, generic=Passes(first, of.epochs), domain=of.domain)
    if not first:
        return (second,)
    return (Phase("generic", math.ceil(first), generic=Passes(0, first)), second)


def annealed(of: Terms) -> Phases:
    """G and D mixed, the share of D rising from epoch to epoch, from nothing towards all.

    Between `oversampled` (a level share) and `sequential` (a step), as a smooth form of a
    domain-upsampled tail (Blakeney et al. 2024, arXiv 2406.03476): the control for whether the
    sudden change of corpus does the harm. One epoch is ``oversampled(k)``.
    """
    return (Phase("annealed", of.epochs, generic=of.generic, domain=of.domain, spread="rising"),)


def mixed_finish(of: Terms) -> Phases:
    """G for the first half of its epochs, then the other half mixed with all copies of D.

    Mixed fine-tuning (Chu et al. 2017, arXiv 1701.03214): between `sequential` and `oversampled`,
    the control for whether the last phase has to be pure. An odd E leaves the larger half to the
    mix; E = 1 is halved.
    """
    half = of.epochs // 2 or Fraction(1, 2)
    mixed = of.epochs - of.epochs // 2
    return (
        Phase("generic", max(of.epochs // 2, 1), generic=Passes(0, half)),
        Phase("mixed", mixed, generic=Passes(half, of.epochs), domain=of.domain),
    )


def selected(of: Terms) -> Phases:
    """As combined, with only the share q of G that is nearest to D.

    The control for whether choice beats quantity (Moore and Lewis 2010; Gururangan et al. 2020,
    arXiv 2004.10964). Nearness comes from training text alone. Every
    chosen document of G and every document of D is presented E times.
    """
    (mixed,) = combined(of)
    return (dataclasses.replace(mixed, name="selected", nearest=of.share),)


def frozen(of: Terms) -> Phases:
    """As sequential(k), with the output weights fixed in the second phase (PV-DM only).

    Di Carlo et al. 2019 (arXiv 1906.02376) hold a shared target matrix fixed, so that vectors of
    different slices stay comparable: the control for drift of the output weights.
    """
    generic, domain = sequential(of)
    return generic, dataclasses.replace(domain, learns=("documents", "words"))


def adapted(of: Terms) -> Phases:
    """As sequential(k), the second phase drawing negative samples by the counts of D alone.

    After incremental negative sampling (Kaji and Kobayashi 2017, arXiv 1704.03956), which moves
    the noise distribution with the text that is read: the control for whose counts the follow-up
    is trained against. Here the table changes once, between the phases.
    """
    generic, domain = sequential(of)
    return generic, dataclasses.replace(domain, noise="domain")


def anchored(of: Terms) -> Phases:
    """As sequential(k), the second phase pulled back to the generic weights, as strongly as lambda.

    Yang, Lu and Zheng 2017 (EMNLP, D17-1312) add to the loss of the domain the squared distance of
    a word's vector from its generic one, lambda times its weight: the control for how far the
    follow-up may move. Here all words of G weigh alike, and words that G lacks are free.
    ``anchored(k, 0)`` is ``sequential(k)``.
    """
    generic, domain = sequential(of)
    return generic, dataclasses.replace(domain, pull=float(of.share))


def pretrained_words(of: Terms) -> Phases:
    """G for its word vectors alone: then a new model of D starts from them (not in PV-DBOW).

    Lau and Baldwin 2016 (arXiv 1607.05368) start Doc2Vec from word vectors of a large corpus, as
    gensim's ``intersect_word2vec_format`` does: the control for what of the generic phase helps.
    Output weights begin anew, and negative samples are drawn by the counts of D; the list of words
    and subsampling stay those of the whole plan. Where a file of word vectors stands for G, the
    plan is D alone, and so they are D's.
    """
    generic, domain = sequential(of)
    return generic, dataclasses.replace(domain, noise="domain", fresh=("outputs",))


def pretrained_words_frozen(of: Terms) -> Phases:
    """As pretrained-words(k), the word vectors of G kept as they are."""
    generic, domain = pretrained_words(of)
    return generic, dataclasses.replace(domain, learns=("documents", "outputs"))


def loop(of: Terms) -> Phases:
    """As oversampled(k), a phase an epoch: `train()` called in a loop, as much online code does.

    The control for what that costs. Under `restart` each call begins at alpha again; under
    `lowered(s)` alpha is set by hand, and goes on below zero where the calls are many. Under
    `linear` it is ``oversampled(k)``.
    """
    (mixed,) = oversampled(of)
    return tuple(
        dataclasses.replace(
            mixed,
            name=f"call {i + 1}",
            epochs=1,
            generic=Passes(i, i + 1),
            domain=Passes(of.k * i, of.k * (i + 1)),
        )
        for i in range(of.epochs)
    )


def ensemble(of: Terms) -> tuple[Phases, ...]:
    """Two models of half the width, G alone and D alone, inferred vectors side by side.

    Meta-embeddings: Bollegala et al. 2018 (arXiv 1709.06671), Coates and Bollegala 2018. The
    control for whether the corpora need to share one model.
    """
    return generic_only(of), domain_only(of)


_WITHOUT_WORDS = {
    "dbow": "starts from word vectors, and model dbow has none that training reads; use "
    "dbow-words or a PV-DM model, such as dm-mean"
}

# What frozen output weights leave to learn is nothing that inference reads.
_AS_GENERIC_ONLY = {
    model: f"cannot be told from generic-only in model {model}: {reason}; use a PV-DM model, "
    "such as dm-mean"
    for model, reason in {
        "dbow": "nothing but the output weights decides an inferred vector",
        "dbow-words": "inference leaves the word vectors out, so nothing but the output weights "
        "decides an inferred vector",
    }.items()
}

STRATEGIES: Catalogue[StrategyDefinition] = Catalogue(
    "strategy",
    "d2vbench.strategies",
    {
        "domain-only": StrategyDefinition(domain_only, version=1, word="budget"),
        "generic-only": StrategyDefinition(generic_only, version=1, k=False),
        "combined": StrategyDefinition(combined, version=1, k=False),
        "oversampled": StrategyDefinition(oversampled, version=1),
        "sequential": StrategyDefinition(sequential, version=1),
        "reverse": StrategyDefinition(reverse, version=1),
        "concatenated": StrategyDefinition(concatenated, version=1),
        "shuffled-once": StrategyDefinition(shuffled_once, version=1),
        "replay": StrategyDefinition(replay, version=1, share=Share("p", 0.1)),
        "annealed": StrategyDefinition(annealed, version=1),
        "mixed-finish": StrategyDefinition(mixed_finish, version=1),
        "selected": StrategyDefinition(
            selected,
            version=1,
            k=False,
            share=Share("q", 0.5, at_zero="leaves nothing of G; use domain-only"),
        ),
        "frozen": StrategyDefinition(frozen, version=1, refuses=_AS_GENERIC_ONLY),
        "adapted": StrategyDefinition(adapted, version=1),
        "anchored": StrategyDefinition(
            anchored, version=1, share=Share("lambda", 10.0, most=math.inf)
        ),
        "pretrained-words": StrategyDefinition(pretrained_words, version=1, refuses=_WITHOUT_WORDS),
        "pretrained-words-frozen": StrategyDefinition(
            pretrained_words_frozen, version=1, refuses=_WITHOUT_WORDS
        ),
        "loop": StrategyDefinition(loop, version=1),
        "warm": StrategyDefinition(warm, version=1),
        "untrained": StrategyDefinition(untrained, version=1, k=False),
        "ensemble": StrategyDefinition(ensemble, version=1, models=2),
    },
    check_strategy,
)

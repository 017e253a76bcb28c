"""The options of ``run`` that set the model: several values of one make a grid."""

from __future__ import annotations

import argparse
from typing import Any

# Field of a request: the type of its values, and what the option says.
_SETTINGS: dict[str, tuple[type, str]] = {
    "vector_size": (int, "components of a vector"),
    "window": (int, "words of context on each side"),
    "negative": (int, "negative samples for each word"),
    "sample": (float, "threshold above which frequent words are subsampled; 0: none"),
    "min_count": (int, "ignore words that occur less often"),
    "infer_epochs": (int, "passes over a document when its vector is inferred"),
    "infer_alpha": (float, "first learning rate of inference"),
}


def add_settings_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them to a verb."""
    group = parser.add_argument_group(
        "settings of the model", "Each takes one or several values; several make a grid."
    )
    for name, (kind, text) in _SETTINGS.items():
        group.add_argument(
            f"--{name.replace('_', '-')}", type=kind, nargs="+", metavar="VALUE", help=text
        )
    group.add_argument(
        "--choose-inference",
        action="store_true",
        help="beside the pinned inference, choose one by cross-validation for each cell and label "
        "budget: from --infer-epochs x --infer-alpha, or from the usual grid",
    )
    group.add_argument(
        "--classifier",
        action="append",
        metavar="NAME",
        help="evaluate with this classifier; may be given again",
    )
    group.add_argument("--family", metavar="NAME", help="train this kind of model, as in doc2vec")


def chosen_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a request that the options set; those not given are left out.

    Parameters
    ----------
    options : argparse.Namespace
        Of a parser with `add_settings_arguments`.

    Returns
    -------
    dict of str to object
        Tuples of values for settings and classifiers, a name for the family. The request checks
        the values.
    """
    chosen: dict[str, Any] = {
        name: tuple(values) for name in _SETTINGS if (values := getattr(options, name)) is not None
    }
    if options.choose_inference:
        chosen["choose_inference"] = True
    if options.classifier:
        chosen["classifiers"] = tuple(options.classifier)
    if options.family is not None:
        chosen["family"] = options.family
    return chosen

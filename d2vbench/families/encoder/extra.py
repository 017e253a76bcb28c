"""torch and transformers, where they are installed; and how they are kept quiet and alone."""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from d2vbench.errors import UserError

_NEEDED = ("torch", "transformers", "tokenizers", "safetensors")
#: What to type where the extra is missing.
INSTALL = "pip install 'd2vbench[transformers]'"


def missing() -> list[str]:
    """Return which packages of the extra are not installed; imports none of them."""
    return [name for name in _NEEDED if importlib.util.find_spec(name) is None]


def check_installed() -> None:
    """Raise a UserError that says what to type, unless the extra is installed."""
    if lacking := missing():
        raise UserError(
            f"encoders need {', '.join(lacking)}, which {'is' if len(lacking) == 1 else 'are'} not "
            f"installed: {INSTALL}"
        )


@contextmanager
def quiet_and_alone(seed: int | None = None) -> Iterator[None]:
    """Use torch within on one thread, with a random stream of its own, and without messages.

    Parameters
    ----------
    seed : int, optional
        Of torch's random stream within, where something is drawn. The stream outside is unaffected.
    """
    check_installed()
    import torch
    from transformers.utils import logging

    threads, verbosity = torch.get_num_threads(), logging.get_verbosity()
    shown = logging.is_progress_bar_enabled()
    parallel = os.environ.get("TOKENIZERS_PARALLELISM")
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            # Of other people's code on its way to newer versions; errors stay errors.
            warnings.simplefilter("ignore")
            if seed is not None:
                torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)
        logging.set_verbosity(verbosity)
        if shown:
            logging.enable_progress_bar()
        if parallel is None:
            os.environ.pop("TOKENIZERS_PARALLELISM", None)
        else:
            os.environ["TOKENIZERS_PARALLELISM"] = parallel

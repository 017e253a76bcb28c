"""Token classification: which words of a text are names, and of what."""

from d2vbench.evaluation.tokens.planted import PLANTED
from d2vbench.evaluation.tokens.tagged import TAGGED
from d2vbench.evaluation.tokens.task import TokenDefinition

#: Raised when words are told apart, or scored, otherwise.
TOKENS_VERSION = 1

TASKS: dict[str, TokenDefinition] = {task.name: task for task in (PLANTED, TAGGED)}

__all__ = ["TASKS", "TOKENS_VERSION", "TokenDefinition"]

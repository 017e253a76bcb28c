from typing import Any

import numpy as np

KINDS: dict[str, int]
MAX_WORDS: int
MAX_WINDOW: int
MAX_NEGATIVE: int
MAX_VECTOR_SIZE: int
MAX_LAYER1_SIZE: int
MAX_VOCABULARY: int

def variants() -> tuple[str, ...]: ...

class Model:
    def __init__(
        self,
        words: np.ndarray,
        docs: np.ndarray,
        outputs: np.ndarray,
        cum_table: np.ndarray,
        sample_int: np.ndarray | None,
        *,
        kind: str,
        mean: bool,
        window: int,
        shrink_windows: bool,
        negative: int,
        null_word: int,
        learn_docs: bool,
        learn_words: bool,
        learn_outputs: bool,
        hot: int,
    ) -> None: ...
    def put_back(self) -> None: ...
    def draw(self, randoms: np.ndarray, out: np.ndarray) -> None: ...

class Corpus:
    def __init__(
        self,
        tokens: np.ndarray,
        offsets: np.ndarray,
        order: np.ndarray,
        rows: np.ndarray,
        alphas: np.ndarray,
        seeds: np.ndarray | None,
        passes: int,
        alpha_by_pass: bool,
    ) -> None: ...

class Worker:
    def __init__(self, model: Model, corpus: Corpus, variant: str, ahead: int) -> None: ...
    def seed(self, seed: int) -> None: ...
    def follow(self, bit_generator: Any) -> None: ...
    def run(self, begin: int, end: int) -> tuple[int, int]: ...
    def randint(self, bound: int, out: np.ndarray) -> None: ...

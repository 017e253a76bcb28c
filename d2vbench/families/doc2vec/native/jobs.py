"""The learning rate over one epoch: gensim's jobs and its decay by words."""

import numpy as np


def job_plan(
    lengths: np.ndarray,
    batch_words: int,
    start_alpha: float,
    end_alpha: float,
    epoch: int,
    epochs: int,
    total_words: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut presentations into jobs, and give each its learning rate.

    A job takes documents while their raw words fit into `batch_words`; a longer document is a job
    of its own. The rate of a job follows from the words of the jobs before it (gensim 4.4.0,
    ``Word2Vec._job_producer`` and ``_get_next_alpha``; the first job may come out empty there).

    Parameters
    ----------
    lengths : ndarray of int64, shape (n,)
        Raw words of each presentation.
    batch_words : int
        Raw words that fit into a job.
    start_alpha, end_alpha : float
        Learning rate at the start of epoch 0 and the least there is.
    epoch, epochs : int
        Number of this epoch, from 0, and how many there are.
    total_words : int or None
        Raw words of an epoch, by which the rate decays; None: it decays by presentations, as in
        ``train()`` with ``total_examples``.

    Returns
    -------
    bounds : ndarray of int64, shape (n_jobs + 1,)
        Job ``j`` holds presentations ``bounds[j] .. bounds[j + 1] - 1``.
    alphas : ndarray of float64, shape (n_jobs,)
        Learning rate of each job.

    Examples
    --------
    >>> bounds, alphas = job_plan(np.array([6, 4, 5]), 10, 0.1, 0.01, 0, 1, 15)
    >>> bounds.tolist(), [round(a, 6) for a in alphas.tolist()]
    ([0, 2, 3], [0.1, 0.04])
    """
    ends = np.cumsum(lengths)
    bounds, alphas = [0], []
    n, begin, pushed = len(lengths), 0, 0
    while begin < n:
        through = begin / n if total_words is None else 1.0 * pushed / total_words
        progress = (epoch + through) / epochs
        alphas.append(max(end_alpha, start_alpha - (start_alpha - end_alpha) * progress))
        # The first document always fits: an empty job before it would change nothing.
        end = max(begin + 1, int(np.searchsorted(ends, pushed + batch_words, side="right")))
        pushed = int(ends[end - 1])
        bounds.append(end)
        begin = end
    return np.array(bounds, dtype=np.int64), np.array(alphas, dtype=np.float64)

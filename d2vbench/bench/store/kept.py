"""Checkpoints that any damage makes as good as absent."""

from __future__ import annotations

from d2vbench.bench.store.checkpoints import Checkpoints
from d2vbench.damaged import DAMAGED_ARCHIVE
from d2vbench.families.doc2vec import Trainee


class CarefulCheckpoints(Checkpoints):
    """`Checkpoints`, of which one that cannot be read, for whatever reason, is trained again."""

    def load(self, key: str, trainee: Trainee) -> float | None:
        """Put a model back to where a checkpoint was made.

        Parameters
        ----------
        key : str
            Of the checkpoint.
        trainee : Trainee
            Just prepared; its model is changed only if all is well.

        Returns
        -------
        float or None
            The seconds of training that it stands for; None if it is missing or damaged. A flipped
            bit in the directory of the file may also say that a part is encrypted or compressed.
        """
        try:
            return super().load(key, trainee)
        except DAMAGED_ARCHIVE:
            return None

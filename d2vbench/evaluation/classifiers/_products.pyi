import numpy as np
import numpy.typing as npt

class Rows:
    def __init__(
        self,
        begin: npt.NDArray[np.int32],
        place: npt.NDArray[np.int32],
        values: npt.NDArray[np.float32],
        columns: int,
    ) -> None: ...
    def multiply(self, dense: npt.NDArray[np.float32], out: npt.NDArray[np.float32]) -> None: ...

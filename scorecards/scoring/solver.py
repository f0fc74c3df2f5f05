"""Linear programs over one feasible region, asked one objective after another (HiGHS).

An attack asks the same sums thousands of questions. The solution of the last question is
still a corner of the region, so the simplex method goes on from there instead of looking
for a first corner again.
"""

import highspy
import numpy as np
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from .arrays import Floats

_PRIMAL_SIMPLEX = 4
"""HiGHS's name for the simplex that keeps to the region while the objective changes."""


class Solver:
    """``matrix @ x = right`` with ``bounds`` (variables x 2: least, most) on each variable."""

    def __init__(self, matrix: csr_array, right: Floats, bounds: Floats) -> None:
        rows, columns = matrix.shape
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = rows, columns
        program.col_cost_ = np.zeros(columns)
        program.col_lower_, program.col_upper_ = bounds[:, 0].copy(), bounds[:, 1].copy()
        program.row_lower_ = program.row_upper_ = right
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = matrix.indptr
        program.a_matrix_.index_ = matrix.indices
        program.a_matrix_.value_ = matrix.data
        self._columns = np.arange(columns, dtype=np.int32)
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.passModel(program)

    def least(self, weights: Floats) -> Floats:
        """Where ``weights @ x`` is least; ValueError where no x keeps to the sums."""
        highs = self._highs
        highs.changeColsCost(self._columns.size, self._columns, weights)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            told = highs.modelStatusToString(highs.getModelStatus())
            raise ValueError(f"the release contradicts itself: {told}")
        highs.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
        return np.asarray(highs.getSolution().col_value, dtype=np.float64)

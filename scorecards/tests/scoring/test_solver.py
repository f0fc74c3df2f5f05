"""Questions asked one after another have the answers they have alone."""

import numpy as np
import pytest
from scipy.optimize import linprog  # type: ignore[import-untyped]
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from scorecards.scoring.solver import Solver

COMMUNES, SERVICES = 5, 4


def sums_of_a_table() -> csr_array:
    """What each commune and each service adds up to, as equations of their cells."""
    rows = np.kron(np.eye(COMMUNES), np.ones(SERVICES))
    columns = np.kron(np.ones(COMMUNES), np.eye(SERVICES))
    return csr_array(np.vstack([rows, columns]))


def test_each_question_is_answered_as_if_it_were_the_first() -> None:
    generator = np.random.default_rng(3)
    matrix = sums_of_a_table()
    truth = generator.integers(0, 9, size=COMMUNES * SERVICES).astype(float)
    right = matrix @ truth
    bounds = np.column_stack([np.zeros(truth.size), np.full(truth.size, 12.0)])
    solver = Solver(matrix, right, bounds)
    for _ in range(40):
        weights = generator.choice([-1.0, 0.0, 1.0], size=truth.size)
        point = solver.least(weights)
        alone = linprog(weights, A_eq=matrix, b_eq=right, bounds=bounds)
        assert weights @ point == pytest.approx(alone.fun)
        assert matrix @ point == pytest.approx(right)
        assert (point >= -1e-9).all()
        assert (point <= 12.0 + 1e-9).all()


def test_sums_that_contradict_each_other_are_told() -> None:
    matrix = csr_array(np.array([[1.0, 1.0], [1.0, 1.0]]))
    bounds = np.array([[0.0, 5.0], [0.0, 5.0]])
    solver = Solver(matrix, np.array([3.0, 4.0]), bounds)
    with pytest.raises(ValueError, match="contradicts itself"):
        solver.least(np.ones(2))

"""Fixtures of the tests of embedded servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import passable_folder


@pytest.fixture
def var() -> Iterator[Path]:
    """An empty `var/` in a folder that PostgreSQL's user may pass."""
    with passable_folder() as folder:
        (folder / "var").mkdir()
        yield folder / "var"

"""An older PostgreSQL is refused by name, before it fails at a score."""

from types import SimpleNamespace
from typing import Any

import pytest

from config import database_version


def with_version(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    info = SimpleNamespace(server_version=number)
    wrapper: Any = SimpleNamespace(
        connection=SimpleNamespace(info=info), ensure_connection=lambda: None
    )
    monkeypatch.setattr(database_version, "connections", {"default": wrapper})


@pytest.mark.parametrize(
    ("number", "complaints"), [(130022, 1), (140020, 1), (150018, 0), (170009, 0), (180003, 0)]
)
def test_older_servers_are_refused(
    monkeypatch: pytest.MonkeyPatch, number: int, complaints: int
) -> None:
    with_version(monkeypatch, number)
    result = database_version.is_new_enough(databases=["default"])
    assert len(result) == complaints
    assert all("too old: the platform needs 15" in error.msg for error in result)


def test_without_databases_nothing_is_asked() -> None:
    assert database_version.is_new_enough(databases=None) == []

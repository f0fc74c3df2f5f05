"""The list of columns that hold encrypted text: every app adds its own.

`manage.py rotate_keys` encrypts them again, so a column that is missing here would become
unreadable when an earlier key is removed; a test compares this list with the fields of all models.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from sealing import BrokenSealError, Purpose, is_current, open_seal, seal

BATCH = 500


@dataclass(frozen=True)
class Column:
    """One encrypted field; ``many``: a JSON list of encrypted texts."""

    model: type[models.Model]
    field: str
    purpose: Purpose
    many: bool = False

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"


@dataclass
class Outcome:
    """The result for one column: rows encrypted again, rows already current, unreadable rows."""

    renewed: int
    current: int
    unreadable: list[Any]


_columns: dict[str, Column] = {}


def holds_sealed(
    model: type[models.Model], field: str, purpose: Purpose, *, many: bool = False
) -> None:
    """Register a column that holds encrypted text."""
    column = Column(model, field, purpose, many)
    _columns[column.name] = column


def columns() -> list[Column]:
    """Return every such column."""
    return [_columns[name] for name in sorted(_columns)]


def renew(column: Column, *, only_look: bool = False) -> Outcome:
    """Encrypt a column under today's key, some hundred rows in each transaction.

    A row that cannot be read stays as it is and is named; it blocks no other. Can be stopped and
    begun again at any time.
    """
    outcome = Outcome(0, 0, [])
    for numbers in _batches(column):
        with transaction.atomic():
            rows = column.model._default_manager.select_for_update().filter(pk__in=numbers)
            for pk, kept in rows.values_list("pk", column.field):
                _renew_row(column, pk, kept, outcome, only_look=only_look)
    return outcome


def _batches(column: Column) -> Iterator[list[Any]]:
    manager, last = column.model._default_manager, None
    while True:
        rows = (
            manager.order_by("pk") if last is None else manager.filter(pk__gt=last).order_by("pk")
        )
        numbers = list(rows.values_list("pk", flat=True)[:BATCH])
        if not numbers:
            return
        last = numbers[-1]
        yield numbers


def _renew_row(column: Column, pk: Any, kept: Any, outcome: Outcome, *, only_look: bool) -> None:
    if not kept:
        return
    ciphertexts = kept if column.many else [kept]
    if all(is_current(text, column.purpose) for text in ciphertexts):
        outcome.current += 1
        return
    try:
        opened = [open_seal(text, column.purpose) for text in ciphertexts]
    except BrokenSealError:
        outcome.unreadable.append(pk)
        return
    outcome.renewed += 1
    if only_look:
        return
    sealed: list[Any] = [seal(text, column.purpose) for text in opened]
    if not isinstance(ciphertexts[0], bytes | memoryview):
        sealed = [each.decode() for each in sealed]
    value = sealed if column.many else sealed[0]
    column.model._default_manager.filter(pk=pk).update(**{column.field: value})

"""Tables partitioned by period: made by the migration, with a partition added for each new period.

PostgreSQL's own partitions by list: every part holds one period. Parts are made in
advance of the rows and attached, which blocks nobody who reads or writes the others.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

FACTS = "scorecards_judgedcase"
SCORES = "scorecards_score"
RELEASED = "scorecards_releasedcell"
COMPARISONS = "scorecards_comparison"
OVERALL = "scorecards_overall"
CLASSES = "scorecards_placeclass"
ON_TIME = "scorecards_ontime"
GAPS = "scorecards_votegap"
STATES = "scorecards_cellstate"


class CreatePartitionedModel(CreateModel):
    """``CreateModel`` whose table is partitioned by list of the column ``partition_by``."""

    def __init__(self, *args: Any, partition_by: str, **kwargs: Any) -> None:
        self.partition_by = partition_by
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        name, args, kwargs = super().deconstruct()
        return name, list(args), {**kwargs, "partition_by": self.partition_by}

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        sql, params = schema_editor.table_sql(model)
        column = schema_editor.quote_name(self.partition_by)
        schema_editor.execute(f"{sql} PARTITION BY LIST ({column})", params or None)
        schema_editor.deferred_sql.extend(schema_editor._model_indexes_sql(model))


def ensure(table: str, codes: Iterable[str]) -> None:
    """Make sure that ``table`` has a part for each of these period codes.

    Call it before the transaction touches the table. Two callers at once wait for each
    other; a part that exists costs one look at the catalogue.
    """
    wanted = missing({table: codes})[table]
    with connection.cursor() as cursor:
        for code in wanted:  # before the lock of the whole table, which others take last
            _lock(cursor, f"part {part_of(table, code)}")
    for code in wanted:
        _make(table, code)


def missing(wanted: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return, by table, those of the wanted period codes that have no partition, in order."""
    named = {table: {part_of(table, c): c for c in codes} for table, codes in wanted.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s)",
            [[name for parts in named.values() for name in parts]],
        )
        present = {name for (name,) in cursor.fetchall()}
    return {
        table: sorted(code for name, code in parts.items() if name not in present)
        for table, parts in named.items()
    }


@contextmanager
def filled_first(table: str, code: str) -> Iterator[str | None]:
    """Provide the name of a new partition, to be filled before it is indexed; None if there is one.

    Building indexes over existing rows costs less than half of adding rows to indexes one by one.
    Run inside a transaction: until it ends, others that need this partition wait in ``ensure``, and
    a transaction that fails leaves nothing.
    """
    part = part_of(table, code)
    with connection.cursor() as cursor:
        _lock(cursor, f"part {part}")
        if not _is_there(cursor, part):
            cursor.execute(
                f'CREATE TABLE "{part}" (LIKE "{table}" INCLUDING ALL EXCLUDING INDEXES)'
            )
            yield part
            for definition in _indexes(cursor, table, part):
                cursor.execute(definition)
            _lock(cursor, f"parts of {table}")
            _attach(cursor, table, code)
        else:
            yield None


def _make(table: str, code: str) -> None:
    part = part_of(table, code)
    with connection.cursor() as cursor:
        _lock(cursor, f"parts of {table}")
        if not _is_there(cursor, part):
            cursor.execute(f'CREATE TABLE "{part}" (LIKE "{table}" INCLUDING ALL)')
            _attach(cursor, table, code)


def _attach(cursor: CursorWrapper, table: str, code: str) -> None:
    part = part_of(table, code)
    cursor.execute(f'ALTER TABLE "{table}" ATTACH PARTITION "{part}" FOR VALUES IN (%s)', [code])


def _lock(cursor: CursorWrapper, name: str) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def _is_there(cursor: CursorWrapper, part: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [part])
    return bool(cursor.fetchone() == (True,))


def _indexes(cursor: CursorWrapper, table: str, part: str) -> list[str]:
    """Build the statements that give ``part`` the keys and indexes of ``table``.

    Attaching it would make them too, but of one part at a time: that locks the table.
    """
    cursor.execute(
        """
        SELECT CASE WHEN c.oid IS NOT NULL
            THEN format('ALTER TABLE %%I ADD %%s', %s, pg_get_constraintdef(c.oid))
            ELSE format('CREATE %%s INDEX ON %%I USING %%s', CASE WHEN i.indisunique THEN 'UNIQUE'
                END, %s, split_part(pg_get_indexdef(i.indexrelid), ' USING ', 2)) END
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype <> 'f'
        WHERE i.indrelid = %s::regclass ORDER BY i.indexrelid""",
        [part, part, table],
    )
    return [definition for (definition,) in cursor.fetchall()]


def parts(table: str) -> list[str]:
    """Return the period codes that ``table`` has a part for, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = %s::regclass ORDER BY c.relname",
            [table],
        )
        return [_code_of(table, name) for (name,) in cursor.fetchall()]


def part_of(table: str, code: str) -> str:
    """Return the name of the part that holds the period ``code``.

    It has only letters, digits and underscores.
    """
    tail = code.lower().replace("-", "_")
    if not tail.replace("_", "").isalnum():
        raise ValueError(f"{code!r} cannot name a part of a table")
    return f"{table}_{tail}"


def _code_of(table: str, part: str) -> str:
    return part.removeprefix(f"{table}_").replace("_", "-").upper()

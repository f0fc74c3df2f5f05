"""Read the database as it was at one moment, also from a second connection."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Begin a transaction that sees the database at one moment; inside another, what that sees."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def meanwhile(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do work in a thread whose connection sees what ``one_snapshot`` saw; yield its result.

    The work may not need what this transaction wrote. Where ``one_snapshot`` is inside another
    transaction, whose rows no other connection sees, the work is done here when it is asked for.
    """
    if len(connection.savepoint_ids) > 0:
        yield work
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_do, work, snapshot).result


def _do(work: Callable[[], T], snapshot: str) -> T:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            return work()
    finally:
        connection.close()

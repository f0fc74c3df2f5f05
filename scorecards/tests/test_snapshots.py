"""A second connection reads the database as a transaction saw it when it began."""

import threading

import pytest
from django.db import connection

from accounts.models import Programme
from scorecards.storage.snapshots import meanwhile, one_snapshot


def _programmes() -> tuple[int, int]:
    """Return the thread that asks and the number of programmes that it sees."""
    return threading.get_ident(), Programme.objects.count()


@pytest.mark.django_db(transaction=True)
def test_work_in_a_thread_sees_what_the_transaction_saw() -> None:
    before = Programme.objects.count()
    with one_snapshot():
        assert _programmes()[1] == before
        committed = threading.Thread(target=_one_more)
        committed.start()
        committed.join()
        with meanwhile(_programmes) as result:
            thread, seen = result()
    assert thread != threading.get_ident()
    assert seen == before
    assert Programme.objects.count() == before + 1


@pytest.mark.django_db
def test_inside_another_transaction_the_work_sees_its_rows() -> None:
    before = Programme.objects.count()
    _add()
    with one_snapshot(), meanwhile(_programmes) as result:
        assert result() == (threading.get_ident(), before + 1)


@pytest.mark.django_db(transaction=True)
def test_a_failure_of_the_work_is_raised() -> None:
    with pytest.raises(ZeroDivisionError), one_snapshot(), meanwhile(lambda: 1 // 0) as result:
        result()
    assert not connection.in_atomic_block


def _add() -> None:
    Programme.objects.create(code="snapshot", name_en="Snapshot", name_km="Snapshot")


def _one_more() -> None:
    try:
        _add()
    finally:
        connection.close()

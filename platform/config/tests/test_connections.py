"""Tasks share a connection, and one that was cut is noticed before the next task begins."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection

from config.celery import app, check_connections

TASK = SimpleNamespace(request=SimpleNamespace(is_eager=False))


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_task_goes_on_with_the_connection_of_the_one_before_and_with_a_new_one_when_it_is_cut():
    assert app.conf.get("CELERY_DB_REUSE_MAX") > 1  # otherwise Celery closes it after each task
    with ThreadPoolExecutor(1) as worker:
        try:
            first = worker.submit(_backend).result()
            worker.submit(check_connections, sender=TASK).result()
            assert worker.submit(_backend).result() == first
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
                assert cursor.fetchone() == (True,)
            worker.submit(check_connections, sender=TASK).result()
            assert worker.submit(_backend).result() != first
        finally:
            worker.submit(lambda: connection.close()).result()  # noqa: PLW0108 - of its thread

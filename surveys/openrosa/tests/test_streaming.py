"""However many records a form has, what leaves the server is written while it is read."""

import tracemalloc

import pytest
from django.db import DatabaseError, connection

from surveys.models import Submission
from surveys.submissions.exports.formats import BROKEN_OFF, json_lines, write_xlsx
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db
RECORDS = 2000
LONG = 5000


@pytest.fixture
def many(form):
    """One record with a long story, copied so many times in the database."""
    story = "ក" * LONG
    receive(
        sender=Sender(programme_id=form.programme_id),
        xml=record(answers=f"<age>31</age><note>{story}</note>"),
    )
    observe_waiting()
    names = ", ".join(
        f'"{f.column}"'
        for f in Submission._meta.local_concrete_fields
        if f.name not in {"id", "instance_id"}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO surveys_submission (instance_id, {names}) SELECT 'uuid:' || n, {names}"
            " FROM surveys_submission, generate_series(1, %s) n",
            [RECORDS - 1],
        )
    return form


@pytest.fixture
def base(client, many, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root", "a-long-password-9"))
    return f"/v1/projects/{many.programme_id}/forms/{many.xml_form_id}"


def open_cursors():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '_django%%'")
        return cursor.fetchone()[0]


def written(parts):
    """Bytes given in all, the most that Python held meanwhile, and cursors open at the start."""
    tracemalloc.start()
    given = len(next(parts))
    while given < 1000:  # the head of a feed comes before its rows
        given += len(next(parts))
    cursors = open_cursors()
    given += sum(len(part) for part in parts)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return given, most, cursors


@pytest.mark.parametrize(
    ("address", "ready"),
    [
        ("/submissions.csv", True),
        ("/submissions.csv", False),
        (".svc/Submissions", True),
    ],
)
def test_csv_and_odata_are_written_while_they_are_read(client, base, address, ready):
    if not ready:
        Submission.objects.update(line_key="")
    given, most, cursors = written(client.get(base + address).streaming_content)
    assert given > RECORDS * LONG * 3
    assert most < given / 2
    assert cursors == 1


def test_the_list_of_records_carries_no_wording_and_no_form(client, base):
    listed = client.get(f"{base}/submissions").streaming_content
    given, most, cursors = written(listed)
    assert RECORDS * 300 < given < RECORDS * 1000
    assert most < 3_000_000  # the wordings of one chunk alone would be more
    assert cursors == 1


def test_a_background_job_holds_a_chunk_at_a_time(many, tmp_path):
    rows = Submission.objects.filter(form=many)
    given, most, cursors = written(json_lines(rows, many))
    assert given > RECORDS * LONG
    assert most < RECORDS * LONG * 2
    assert cursors == 1
    heard = []
    write_xlsx(rows, many, tmp_path / "x.xlsx", heard.append)
    assert heard == [1000, 2000, 2000]  # of the progress that a person watches


def until_broken(parts, got):
    """Read on while the database is started anew: its cursors are gone after two parts."""
    for part in parts:
        got.append(part.decode())
        if len(got) == 2:
            with connection.cursor() as cursor:
                cursor.execute("CLOSE ALL")


def test_a_csv_that_breaks_off_says_so_in_its_last_line(client, base):
    parts = client.get(f"{base}/submissions.csv").streaming_content
    got = []
    with pytest.raises(DatabaseError):
        until_broken(parts, got)
    assert got[-1].strip() == BROKEN_OFF

"""Identical twins at once, and bodies without a length, on the real web server."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from surveys.models import Quarantine, Submission, SubmissionAttachment, SubmissionVersion
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db(transaction=True)
ROSA = {"X-OpenRosa-Version": "1.0"}
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 999


def post(url, xml, **files):
    parts = {"xml_submission_file": ("r.xml", xml, "text/xml")}
    parts |= {name: (name, content, "image/jpeg") for name, content in files.items()}
    return requests.post(f"{url}/submission", files=parts, headers=ROSA, timeout=60).status_code


def at_once(times, work):
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _n: work(), range(times)))


@pytest.fixture
def url(server, key, form):
    return f"{server}{key}"


def test_eight_identical_twins_leave_one_row_and_no_refusal(url):
    for _round in range(3):
        xml = record()
        assert set(at_once(8, lambda xml=xml: post(url, xml))) <= {201, 202}
    assert Submission.objects.count() == 3
    assert not Quarantine.objects.exists()


def test_twins_with_photos_leave_each_photo_once(url):
    xml = record()
    assert set(at_once(8, lambda: post(url, xml, **{"p.jpg": JPEG}))) <= {201, 202}
    assert SubmissionAttachment.objects.get().size == len(JPEG)


def test_twins_of_an_edit_leave_one_edit(url):
    post(url, record(instance="uuid:1"))
    edit = record(instance="uuid:2", replaces="uuid:1")
    assert set(at_once(8, lambda: post(url, edit))) <= {201, 202}
    assert SubmissionVersion.objects.count() == 1


def test_of_two_different_edits_at_once_one_wins_and_the_other_is_held(url):
    post(url, record(instance="uuid:1"))
    edits = [record(instance=f"uuid:e{n}", replaces="uuid:1") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(lambda xml: post(url, xml), edits))
    assert answers == [201, 409, 409, 409]
    assert Quarantine.objects.count() == 3


def test_a_body_without_a_length_is_read(url):
    xml = record()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="r.xml"\r\n'
        b"Content-Type: text/xml\r\n\r\n" + xml + b"\r\n--x--\r\n"
    )
    answer = requests.post(
        f"{url}/submission",
        data=iter([body[:50], body[50:]]),
        headers={**ROSA, "Content-Type": "multipart/form-data; boundary=x"},
        timeout=60,
    )
    assert answer.status_code == 201
    assert bytes(Submission.objects.get().xml) == xml


def test_two_hundred_megabytes_are_refused_and_the_server_lives_on(url):
    def flood():
        for _part in range(200):
            yield b"x" * 1_000_000

    try:
        answer = requests.post(
            f"{url}/submission",
            data=flood(),
            headers={**ROSA, "Content-Type": "multipart/form-data; boundary=x"},
            timeout=60,
        )
        assert answer.status_code in {400, 413}
    except requests.ConnectionError:
        pass  # refused before the rest was sent
    assert post(url, record()) == 201

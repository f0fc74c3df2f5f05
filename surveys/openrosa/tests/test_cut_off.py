"""A body that ends too early is refused, and nothing of it is acknowledged."""

import pytest

from surveys.models import Submission, SubmissionAttachment
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db
BOUNDARY = "fe3a0c51-collect"
PHOTO = b"\xff\xd8\xff\xe0" + b"photo" * 30_000
WHERE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name, kind, content, encoding=""):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
    return f"{head}Content-Type: {kind}\r\n{encoding}\r\n".encode() + content + b"\r\n"


def body(*files):
    parts = [part("xml_submission_file", "text/xml", record(instance="uuid:1"))]
    parts += [part(name, "image/jpeg", content) for name, content in files]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(client, key, content):
    return client.post(
        f"{key}/submission",
        content,
        content_type=WHERE,
        headers={"X-OpenRosa-Version": "1.0"},
    )


@pytest.fixture
def complete_body():
    return body(("a.jpg", PHOTO), ("b.jpg", b"\xff\xd8\xff\xe0small"))


def cuts(complete_body):
    end = len(complete_body)
    closing = complete_body.rindex(f"--{BOUNDARY}--".encode())
    first, second = complete_body.index(PHOTO), complete_body.index(b"small")
    return {
        "inside the first photo": first + 5000,
        "inside the second photo": second + 2,
        "between two parts": complete_body.index(b'name="b.jpg"') - 60,
        "before the closing boundary": closing,
        "inside the closing boundary": end - 6,
        "before the last hyphen": end - 3,
        "inside the record": 300,
        "nothing": 0,
    }


@pytest.mark.parametrize(
    "where",
    [
        "inside the first photo",
        "inside the second photo",
        "between two parts",
        "before the closing boundary",
        "inside the closing boundary",
        "before the last hyphen",
        "inside the record",
        "nothing",
    ],
)
def test_a_body_that_was_cut_off_is_refused(client, key, form, complete_body, where):
    answer = send(client, key, complete_body[: cuts(complete_body)[where]])
    assert answer.status_code == 400
    assert not Submission.objects.exists()
    again = send(client, key, complete_body)
    assert again.status_code == 201
    assert sorted(SubmissionAttachment.objects.values_list("name", "size")) == [
        ("a.jpg", len(PHOTO)),
        ("b.jpg", 9),
    ]


def test_a_whole_body_may_end_without_a_line_break_or_with_an_epilogue(
    client, key, form, complete_body
):
    assert send(client, key, complete_body.rstrip()).status_code == 201
    assert (
        send(client, key, complete_body + b"an epilogue that nobody reads\r\n").status_code == 202
    )


def test_a_small_record_that_was_cut_off_is_refused_too(client, key, form):
    small = body()
    for cut in (len(small) - 3, len(small) - 5, len(small) - 40, len(small) // 2):
        assert send(client, key, small[:cut]).status_code == 400
    assert not Submission.objects.exists()
    assert send(client, key, small).status_code == 201


def test_a_length_that_is_no_number_is_no_error_of_ours(client, key, form):
    for length in ("²", "9" * 5000, "-1", "x"):
        answer = client.post(
            f"{key}/submission",
            body(),
            content_type=WHERE,
            headers={"X-OpenRosa-Version": "1.0"},
            CONTENT_LENGTH=length,
        )
        assert 400 <= answer.status_code < 500, length


def test_a_photo_of_a_record_sent_by_itself_is_refused_when_it_was_cut_off(
    server, form, programme, tmp_path
):
    """A raw body has no closing boundary; its length says whether all of it came."""
    import socket
    from urllib.parse import urlsplit

    from accounts.tests.factories import join, make_user
    from accounts.tokens import issue

    person = make_user(username="sok")
    join(person, "cases.record", "submissions.review", programme=programme)
    token = issue(user=person, name="script")[1]
    place = f"/v1/projects/{programme.pk}/forms/small/submissions"
    head = f"Host: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    at = urlsplit(server)

    def send_raw(path, content, length):
        with socket.create_connection((at.hostname, at.port), timeout=20) as line:
            start = f"POST {path} HTTP/1.1\r\n{head}Content-Type: text/xml\r\n"
            line.sendall(f"{start}Content-Length: {length}\r\n\r\n".encode() + content)
            if len(content) < length:
                line.shutdown(socket.SHUT_WR)  # the network ends here
            result = b""
            while more := line.recv(65536):
                result += more
            return result

    xml = record(instance="uuid:1")
    assert b" 200 " in send_raw(place, xml, len(xml))[:20]
    photo = f"{place}/uuid:1/attachments/a.jpg"
    assert b" 200 " not in send_raw(photo, PHOTO[:5000], len(PHOTO))[:20]
    assert not SubmissionAttachment.objects.exists()

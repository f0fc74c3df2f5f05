"""ODK Collect's whole sequence, step by step as its HTTP client does it, for every sign-in.

Collect sends no password before a 401 challenges it. It answers the first scheme that it knows:
Digest on http and https, Basic on https alone.
"""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from urllib.parse import unquote, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factories import join, make_user
from surveys.forms.publishing import attach
from surveys.forms.tablets import login_of
from surveys.models import Submission, SubmissionAttachment
from surveys.openrosa import authentication
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
PASSWORD = "a-long-enough-word-7"
SPOKEN = """
| survey |
| | type | name | label | media::audio |
| | integer | age | Age | age.mp3 |
| | image | photo | Photo | |
| settings |
| | form_id | version |
| | {form_id} | 1 |
"""


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Collect:
    """The steps of ODK Collect over Django's test client."""

    def __init__(self, client, server_url, *, login=None, https=False):
        self.client, self.server_url, self.login, self.https = client, server_url, login, https
        self.challenged = 0

    def send(self, method, url, **more):
        parts = urlsplit(url)
        path = unquote(parts.path) + (f"?{parts.query}" if parts.query else "")
        send = getattr(self.client, method)
        headers = {"X-OpenRosa-Version": "1.0", "User-Agent": "org.odk.collect.android/v2025.2"}
        answer = send(path, secure=self.https, headers=headers, **more)
        if answer.status_code == 401 and self.login:
            self.challenged += 1
            headers["Authorization"] = self.authorization(
                answer["WWW-Authenticate"], method.upper(), parts.path
            )
            for value in more.get("data", {}).values():
                if hasattr(value, "seek"):
                    value.seek(0)
            answer = send(path, secure=self.https, headers=headers, **more)
        return answer

    def authorization(self, challenge, method, uri):
        schemes = re.findall(r"(?:^|, )(Digest|Basic) ", challenge)
        scheme = next(s for s in schemes if s == "Digest" or self.https)
        name, password = self.login
        if scheme == "Basic":
            return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
        nonce = re.search(r'nonce="([^"]+)"', challenge)[1]
        realm = re.search(r'Digest realm="([^"]+)"', challenge)[1]
        ha1, ha2 = md5(f"{name}:{realm}:{password}"), md5(f"{method}:{uri}")
        response = md5(f"{ha1}:{nonce}:00000001:0a4f113b:auth:{ha2}")
        return (
            f'Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'qop=auth, nc=00000001, cnonce="0a4f113b", response="{response}"'
        )

    def list_forms(self):
        answer = self.send("get", f"{self.server_url}/formList?deviceID=collect%3Aabc")
        assert answer.status_code == 200, answer.content
        assert answer["X-OpenRosa-Version"] == "1.0"
        root = ET.fromstring(answer.content)
        return [{c.tag.removeprefix(LIST): c.text for c in x} for x in root]

    def fetch(self, url):
        answer = self.send("get", f"{url}?deviceID=collect%3Aabc")
        assert answer.status_code == 200, (url, answer.status_code, answer.content)
        return answer

    def media(self, manifest_url):
        answer = self.fetch(manifest_url)
        assert answer["X-OpenRosa-Version"] == "1.0"
        root = ET.fromstring(answer.content)
        files = [{c.tag.removeprefix(MANIFEST): c.text for c in x} for x in root]
        return {f["filename"]: (f["hash"], self.fetch(f["downloadUrl"]).content) for f in files}

    def submit(self, xml, **files):
        place = f"{self.server_url}/submission?deviceID=collect%3Aabc"
        assert self.send("head", place).status_code == 204
        parts = {"xml_submission_file": SimpleUploadedFile("r.xml", xml, "text/xml")}
        for name, content in files.items():
            parts[name] = SimpleUploadedFile(name, content, "image/jpeg")
        return self.send("post", place, data=parts)


def complete_sequence(collect, form_id):
    (row,) = collect.list_forms()
    assert row["formID"] == form_id
    xml = collect.fetch(row["downloadUrl"])
    assert row["hash"] == "md5:" + hashlib.md5(xml.content).hexdigest()
    given = collect.media(row["manifestUrl"])
    assert given == {"age.mp3": ("md5:" + md5("ID3spoken"), b"ID3spoken")}
    answers = "<age>31</age><photo>a.jpg</photo>"
    sent = collect.submit(
        record(form=form_id.replace("&", "&amp;"), instance="uuid:1", answers=answers),
        **{"a.jpg": b"\xff\xd8\xff\xe0photo"},
    )
    assert sent.status_code == 201, sent.content
    assert Submission.objects.get().form.xml_form_id == form_id
    assert SubmissionAttachment.objects.get().name == "a.jpg"


@pytest.fixture(params=["spoken", "12/2026", "សំណួរ 1"])
def form_id(request, programme):
    text = SPOKEN.format(form_id=request.param)
    form = factories.published(programme, text)
    attach(version=form.current, name="age.mp3", content=b"ID3spoken", content_type="", by=None)
    return request.param


@pytest.mark.parametrize("https", [False, True])
def test_by_the_token_in_the_address(client, key, form_id, https):
    scheme = "https" if https else "http"
    collect = Collect(client, f"{scheme}://testserver{key}", https=https)
    complete_sequence(collect, form_id)


def test_by_digest_on_plain_http(client, programme, tablet, form_id):
    login = login_of(tablet[0])
    place = f"http://testserver/v1/projects/{programme.pk}"
    collect = Collect(client, place, login=login)
    complete_sequence(collect, form_id)
    assert collect.challenged == 6  # the list, the form, the manifest, the media, HEAD and POST
    assert Submission.objects.get().app_user == tablet[0]


def test_by_a_tablets_basic_on_https(client, programme, tablet, form_id):
    login = login_of(tablet[0])
    place = f"https://testserver/v1/projects/{programme.pk}"
    complete_sequence(Collect(client, place, login=login, https=True), form_id)
    assert Submission.objects.get().app_user == tablet[0]


def test_by_a_persons_own_password_on_https(client, programme, form_id):
    person = make_user(username="sok")
    join(person, "cases.record", programme=programme)
    place = f"https://testserver/v1/projects/{programme.pk}"
    complete_sequence(Collect(client, place, login=("sok", PASSWORD), https=True), form_id)
    assert Submission.objects.get().submitter == person


def test_everything_is_challenged_before_it_is_given(client, programme, form_id):
    base = f"/v1/projects/{programme.pk}"
    form = f"{base}/forms/{form_id}"
    for path in (
        f"{base}/formList",
        f"{form}.xml",
        f"{form}/manifest",
        f"{form}/attachments/age.mp3",
        f"{form}/versions/1.xml",
        f"{base}/submission",
    ):
        for https in (False, True):
            answer = client.get(path, secure=https)
            assert answer.status_code == 401, path
            offered = answer["WWW-Authenticate"]
            assert 'Digest realm="' in offered
            assert ("Basic realm=" in offered) == https


def test_a_wrong_password_opens_nothing(client, programme, tablet, form_id):
    name, password = login_of(tablet[0])
    for login in ((name, "wrong"), (name, ""), ("nobody", password), ("tablet²", password)):
        for https in (False, True):
            place = f"http://testserver/v1/projects/{programme.pk}"
            collect = Collect(client, place, login=login, https=https)
            for path in ("formList", f"forms/{form_id}.xml", f"forms/{form_id}/manifest"):
                assert collect.send("get", f"{place}/{path}").status_code == 401


def test_a_tablet_fetches_only_the_forms_that_it_was_given(client, programme, form_id):
    other, _token = factories.tablet(programme, "Other", all_forms=False)
    place = f"http://testserver/v1/projects/{programme.pk}"
    collect = Collect(client, place, login=login_of(other))
    assert collect.list_forms() == []
    for tail in (".xml", "/manifest", "/attachments/age.mp3", "/versions/1.xml"):
        assert collect.send("get", f"{place}/forms/{form_id}{tail}").status_code == 404


def test_media_that_did_not_change_is_not_sent_again(client, key, programme, tablet, form_id):
    first = client.get(f"{key}/forms/{form_id}/attachments/age.mp3")
    again = client.get(
        f"{key}/forms/{form_id}/attachments/age.mp3", headers={"If-None-Match": first["ETag"]}
    )
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("nc=00000001", "nc=²"),
        ("nc=00000001", "nc=" + "1" * 5000),
        ("nonce=", 'nonce="' + "9" * 400 + '.x", was='),
        ("nonce=", 'nonce="².0123456789abcdef0123456789abcdef", was='),
        ('username="tablet', 'username="tablet' + "9" * 400),
        ('username="tablet', 'username="tablet²'),
        ("response=", 'response="é", was='),
    ],
)
def test_a_digest_that_cannot_be_read_is_refused(client, programme, tablet, part, wrong):
    path = f"/v1/projects/{programme.pk}/formList"
    collect = Collect(client, "", login=login_of(tablet[0]))
    right = collect.authorization(
        f'Digest realm="{authentication.REALM}", nonce="{authentication.new_nonce()}"', "GET", path
    )
    headers = {"X-OpenRosa-Version": "1.0"}
    assert client.get(path, headers={**headers, "Authorization": right}).status_code == 200
    assert part in right
    header = right.replace(part, wrong, 1)
    assert client.get(path, headers={**headers, "Authorization": header}).status_code == 401

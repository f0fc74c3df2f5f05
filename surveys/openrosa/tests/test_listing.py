"""Lists, manifests, forms and the tablet's own addresses."""

import base64
import hashlib
import json
import xml.etree.ElementTree as ET
import zlib

import pytest

from surveys.forms.publishing import attach, prepare, save_draft, set_state
from surveys.forms.tablets import (
    collect_settings,
    enrol,
    login_of,
    new_code,
    qr_text,
    revoke,
    rotate,
)
from surveys.models import Submission
from surveys.openrosa import authentication
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def listed(answer):
    root = ET.fromstring(answer.content)
    assert root.tag == f"{LIST}xforms"
    return [{c.tag.removeprefix(LIST): c.text for c in x} for x in root]


def test_the_form_list_is_as_collect_reads_it(rosa, key, form):
    answer = rosa.get(f"{key}/formList?deviceID=x")
    assert answer.status_code == 200
    assert "text/xml" in answer["Content-Type"]
    assert answer["X-OpenRosa-Version"] == "1.0"
    (row,) = listed(answer)
    assert (row["formID"], row["name"], row["version"]) == ("small", "Small", "1")
    assert "manifestUrl" not in row
    xml = rosa.get(row["downloadUrl"].replace("http://testserver", ""))
    assert row["hash"] == "md5:" + hashlib.md5(xml.content).hexdigest()
    assert "http://testserver/v1/key/" in row["downloadUrl"]
    again = rosa.get(f"{key}/formList", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_the_public_address_comes_from_settings(rosa, key, form, settings):
    settings.PUBLIC_URL = "https://words.example.org/"
    assert listed(rosa.get(f"{key}/formList"))[0]["downloadUrl"].startswith(
        "https://words.example.org/v1/key/"
    )


def test_closing_forms_and_drafts_are_not_listed(rosa, key, form, programme):
    prepared = prepare(factories.SMALL.replace("| small |", "| draft |").encode(), "md")
    save_draft(programme=programme, prepared=prepared, by=None)
    set_state(form=form, state="closing", by=None)
    assert listed(rosa.get(f"{key}/formList")) == []


def test_the_manifest_names_only_what_is_here_and_changes_with_it(rosa, key, programme):
    text = """
| survey |
| | type | name | label | media::audio |
| | integer | age | Age | age.mp3 |
| | select_one_from_file communes.csv | commune | Commune | |
| settings |
| | form_id | version |
| | media | 1 |
"""
    form = factories.published(programme, text)
    place = f"{key}/forms/media/manifest"
    first = ET.fromstring(rosa.get(place).content)
    assert [f.find(f"{MANIFEST}filename").text for f in first] == ["communes.csv"]
    attach(version=form.current, name="age.mp3", content=b"ID3", content_type="", by=None)
    second = ET.fromstring(rosa.get(place).content)
    rows = {f.find(f"{MANIFEST}filename").text: f for f in second}
    assert set(rows) == {"age.mp3", "communes.csv"}
    url = rows["age.mp3"].find(f"{MANIFEST}downloadUrl").text
    given = rosa.get(url.replace("http://testserver", ""))
    assert given.content == b"ID3"
    md5 = rows["age.mp3"].find(f"{MANIFEST}hash").text
    assert md5 == "md5:" + hashlib.md5(given.content).hexdigest()


def test_digest_works_on_plain_http(rosa, tablet, programme, form):
    app_user, _token = tablet
    url = f"/v1/projects/{programme.pk}/formList"
    challenge = rosa.get(url)
    assert challenge.status_code == 401
    assert challenge["WWW-Authenticate"].startswith("Digest ")
    name, password = login_of(app_user)

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()

    nonce = authentication.new_nonce()
    ha1, ha2 = md5(f"{name}:{authentication.REALM}:{password}"), md5(f"GET:{url}")
    response = md5(f"{ha1}:{nonce}:00000001:abc:auth:{ha2}")
    header = (
        f'Digest username="{name}", realm="{authentication.REALM}", nonce="{nonce}", uri="{url}", '
        f'qop=auth, nc=00000001, cnonce="abc", response="{response}"'
    )
    assert listed(rosa.get(url, HTTP_AUTHORIZATION=header))[0]["formID"] == "small"
    wrong = header.replace(response, "0" * 32)
    assert rosa.get(url, HTTP_AUTHORIZATION=wrong).status_code == 401
    old = header.replace(nonce, authentication.new_nonce(0))
    assert rosa.get(url, HTTP_AUTHORIZATION=old).status_code == 401


def test_basic_works_too(rosa, tablet, programme, form):
    pair = base64.b64encode(":".join(login_of(tablet[0])).encode()).decode()
    url = f"/v1/projects/{programme.pk}/submission"
    assert rosa.head(url, HTTP_AUTHORIZATION=f"Basic {pair}").status_code == 204


def test_the_qr_code_holds_what_collect_needs(tablet):
    values = collect_settings(server_url="https://x.example/v1/key/t/projects/1", name="Test")
    back = json.loads(zlib.decompress(base64.b64decode(qr_text(values))))
    assert back["general"]["server_url"].endswith("/projects/1")
    assert back["general"]["form_update_mode"] == "match_exactly"
    assert "admin" in back


def test_a_draft_can_be_tested_and_leaves_nothing(rosa, form, programme):
    prepared = prepare(factories.SMALL.replace("| small | 1 |", "| small | 2 |").encode(), "md")
    draft = save_draft(programme=programme, prepared=prepared, by=None)
    base = f"/v1/test/{draft.draft_token}/projects/{programme.pk}/forms/small/draft"
    assert listed(rosa.get(f"{base}/formList"))[0]["version"] == "2"
    assert b'version="2"' in rosa.get(f"{base}.xml").content
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = SimpleUploadedFile("r.xml", record(version="2"), "text/xml")
    answer = rosa.post(f"{base}/submission", {"xml_submission_file": sent})
    assert answer.status_code == 201
    assert not Submission.objects.exists()
    assert rosa.get(f"/v1/test/{'0' * 64}{base[72:]}/formList").status_code in {403, 404}


# -- the tablet's own ------------------------------------------------------------------------


def test_the_bundle_says_what_a_tablet_needs(client, key, form, tablet):
    answer = client.get(f"{key}/tablet.json")
    body = answer.json()
    assert body["tablet"]["name"] == "Tablet 1"
    assert [(f["xmlFormId"], f["version"], f["tablet"]) for f in body["forms"]] == [
        ("small", "1", True)
    ]
    assert {one["name"] for one in body["lists"]} == {
        "communes",
        "providers",
        "services",
        "documents",
        "standards",
    }
    assert client.get(f"{key}/tablet.json", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_old_versions_stay_for_drafts_begun_with_them(client, key, form, programme):
    factories.published(programme, factories.SMALL.replace("| small | 1 |", "| small | 2 |"))
    assert client.get(f"{key}/forms/small/tablet.json").json()["version"] == "2"
    assert client.get(f"{key}/forms/small/tablet.json?version=1").json()["version"] == "1"
    assert client.get(f"{key}/forms/small/tablet.json?version=9").status_code == 404


def test_a_form_outside_the_subset_is_for_collect_only(client, rosa, key, programme):
    text = """
| survey |
| | type | name | label |
| | barcode | code | Code |
| settings |
| | form_id | version |
| | bars | 1 |
"""
    factories.published(programme, text)
    (row,) = client.get(f"{key}/tablet.json").json()["forms"]
    assert row["tablet"] is False
    assert row["whyNot"][0]["where"] == "survey!B2"
    assert client.get(f"{key}/forms/bars/tablet.json").status_code == 409
    assert listed(rosa.get(f"{key}/formList"))[0]["formID"] == "bars"


def test_a_returned_record_comes_back_with_its_comment(
    client, key, form, tablet, django_user_model
):
    from surveys.submissions.review.actions import set_state as review

    person = django_user_model.objects.create_user("sok", "x-long-password")
    xml = record(instance="uuid:1")
    sender = Sender(programme_id=form.programme_id, app_user_id=tablet[0].pk)
    receive(sender=sender, xml=xml)
    review(submission=Submission.objects.get(), state="returned", by=person, comment="age?")
    (row,) = client.get(f"{key}/returned.json").json()
    assert (row["instanceId"], row["currentInstanceId"]) == ("uuid:1", "uuid:1")
    assert (row["comment"], row["xmlFormId"], row["version"]) == ("age?", "small", "1")
    assert client.get(f"{key}/returned/uuid:1.xml").content == xml
    _other, token = factories.tablet(form.programme, "Other")
    other = f"/v1/key/{token}/projects/{form.programme_id}"
    assert client.get(f"{other}/returned.json").json() == []
    assert client.get(f"{other}/returned/uuid:1.xml").status_code == 404
    receive(sender=sender, xml=record(instance="uuid:2", replaces="uuid:1"))
    assert client.get(f"{key}/returned.json").json() == []


def test_six_digits_enrol_a_tablet_once(client, tablet):
    code = new_code(tablet=tablet[0], by=None)
    khmer = code.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))
    answer = client.post("/v1/tablet/enrol", {"code": khmer}, content_type="application/json")
    assert answer.json()["token"] == tablet[1]
    again = client.post("/v1/tablet/enrol", {"code": code}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (404, 404.1)


def test_codes_cannot_be_guessed_for_long(client, tablet):
    code = new_code(tablet=tablet[0], by=None)
    wrong = "000000" if code != "000000" else "111111"
    answers = [
        client.post("/v1/tablet/enrol", {"code": wrong}, content_type="application/json")
        for _time in range(41)
    ]
    assert [a.status_code for a in answers] == [404] * 40 + [429]


def test_a_new_code_ends_the_old_one(tablet):
    old = new_code(tablet=tablet[0], by=None)
    new = new_code(tablet=tablet[0], by=None)
    assert enrol(code=old, address="a") is None
    assert enrol(code=new, address="a") == (tablet[0], tablet[1])


def test_rotating_and_revoking_end_a_token(client, programme, tablet):
    app_user, token = tablet
    fresh = rotate(tablet=app_user, by=None)
    assert authentication.holder_of(token) is None
    assert authentication.holder_of(fresh).app_user_id == app_user.pk
    revoke(tablet=app_user, by=None)
    authentication.forget_holders()
    assert client.get(f"/v1/key/{fresh}/projects/{programme.pk}/tablet.json").status_code == 403

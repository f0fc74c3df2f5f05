"""ODK's own Python client against a live server: what analysts' scripts do must simply work."""

import pytest
from pyodk.client import Client
from pyodk.errors import PyODKError

from accounts import tokens
from accounts.models import Membership, Role, User
from conftest import wait_for
from surveys.forms.publishing import prepare
from surveys.models import Form, Submission
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a-long-password-9"


@pytest.fixture
def coordinator(programme, settings):
    # the server is a process of its own and knows nothing of the tests' quick hasher
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    role = Role.objects.create(
        code="coordinator-test",
        name_km="អ្នកសម្របសម្រួលគម្រោង",
        name_en="Coordinator",
        about_km="ក",
        about_en="a",
        permissions=["submissions.review", "forms.publish", "cases.record"],
    )
    person = User.objects.create_user("coordinator", PASSWORD, display_name="Sok")
    Membership.objects.create(user=person, role=role, programme=programme)
    return person


def config(tmp_path, url, project, password=PASSWORD):
    path = tmp_path / "pyodk.toml"
    path.write_text(
        f'[central]\nbase_url = "{url}"\nusername = "coordinator"\n'
        f'password = "{password}"\ndefault_project_id = {project}\n'
    )
    return path


@pytest.fixture
def odk(server, tmp_path, programme, coordinator, celery_worker_process):
    # who needs a second factor gives programs a token of their own: pyodk reads it from its cache
    path, kept = config(tmp_path, server, programme.pk), tmp_path / "cache.toml"
    _row, key = tokens.issue(user=coordinator, name="pyodk", with_second_factor=True)
    kept.write_text(f'token = "{key}"\n')
    with Client(config_path=path, cache_path=kept) as opened:
        yield opened


def xform(version="1"):
    text = factories.SMALL.replace("| small | 1 |", f"| small | {version} |")
    return prepare(text.encode(), "md").form.data.decode()


def test_a_wrong_password_is_refused(server, tmp_path, programme, coordinator):
    path = config(tmp_path, server, programme.pk, "wrong")
    with pytest.raises(PyODKError) as refused, Client(path, tmp_path / "c.toml") as client:
        client.projects.list()
    assert refused.value.is_central_error(401.2)


def test_projects_are_our_programmes(odk, programme):
    factories.programme("other")
    assert [(p.id, p.name) for p in odk.projects.list()] == [(programme.pk, "Test")]
    assert odk.projects.get().name == "Test"
    with pytest.raises(PyODKError) as unknown:
        odk.projects.get(project_id=999)
    assert unknown.value.is_central_error(404.1)


def test_another_programme_is_forbidden(odk):
    other = factories.programme("other")
    with pytest.raises(PyODKError) as refused:
        odk.forms.list(project_id=other.pk)
    assert refused.value.is_central_error(403.1)


def test_a_form_is_made_updated_and_published(odk, tmp_path):
    made = odk.forms.create(definition=xform(), form_id="small")
    assert (made.xmlFormId, made.version, made.state) == ("small", "1", "open")
    assert odk.forms.get("small").publishedAt is not None
    odk.forms.update("small", definition=xform("2"))
    assert odk.forms.get("small").version == "2"
    draft = f"projects/{odk.project_id}/forms/small/draft"
    odk.post(draft).raise_for_status()
    odk.post(f"{draft}/publish", params={"version": "2.1"}).raise_for_status()
    assert odk.forms.get("small").version == "2.1"
    assert [f.xmlFormId for f in odk.forms.list()] == ["small"]
    versions = odk.get(f"projects/{odk.project_id}/forms/small/versions").json()
    assert [v["version"] for v in versions] == ["2.1", "2", "1"]
    xml = odk.get(f"projects/{odk.project_id}/forms/small.xml").text
    assert 'version="2.1"' in xml
    with pytest.raises(PyODKError) as twice:
        odk.forms.create(definition=xform(), form_id="small")
    assert twice.value.is_central_error(409.3)


def test_a_spreadsheet_becomes_a_form(odk, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    survey = book.active
    survey.title = "survey"
    for row in (["type", "name", "label"], ["integer", "age", "Age"]):
        survey.append(row)
    settings = book.create_sheet("settings")
    settings.append(["form_id", "version"])
    settings.append(["sheet", "1"])
    path = tmp_path / "sheet.xlsx"
    book.save(path)
    assert odk.forms.create(definition=path).xmlFormId == "sheet"
    survey.append(["integer", "age", "Again"])
    settings["B2"] = "2"
    book.save(path)
    with pytest.raises(PyODKError) as wrong:
        odk.forms.update("sheet", definition=path)
    assert wrong.value.is_central_error(400.15)


def test_media_are_given_to_a_draft(odk, tmp_path):
    text = factories.SMALL.replace(
        "| label::English (en) | relevant", "| label::English (en) | media::audio | relevant"
    ).replace("| Age | |", "| Age | age.mp3 | |")
    odk.forms.create(definition=prepare(text.encode(), "md").form.data.decode())
    sound = tmp_path / "age.mp3"
    sound.write_bytes(b"ID3sound")
    odk.forms.update("small", attachments=[sound], version_updater=lambda v: "2")
    (row,) = odk.get(f"projects/{odk.project_id}/forms/small/attachments").json()
    assert (row["name"], row["type"], row["exists"]) == ("age.mp3", "audio", True)
    given = odk.get(f"projects/{odk.project_id}/forms/small/attachments/age.mp3")
    assert given.content == b"ID3sound"


def test_submissions_are_made_listed_edited_commented_and_reviewed(odk, tmp_path):
    odk.forms.create(definition=xform(), form_id="small")
    photo = tmp_path / "រូប.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0photo")
    answers = "<age>31</age><happy>yes</happy><photo>រូប.jpg</photo><note/>"
    made = odk.submissions.create(
        xml=record(instance="uuid:1", answers=answers).decode(),
        form_id="small",
        device_id="laptop",
        attachments=[photo],
    )
    assert (made.instanceId, made.reviewState, made.deviceId) == ("uuid:1", None, "laptop")
    assert [s.instanceId for s in odk.submissions.list(form_id="small")] == ["uuid:1"]
    edited = record(instance="uuid:2", replaces="uuid:1", answers="<age>32</age>").decode()
    odk.submissions.edit("uuid:1", xml=edited, form_id="small", comment="one year older")
    assert odk.submissions.get("uuid:1", form_id="small").reviewState == "edited"
    assert [c.body for c in odk.submissions.list_comments("uuid:1", form_id="small")] == [
        "one year older"
    ]
    odk.submissions.review("uuid:1", "approved", form_id="small")
    assert odk.submissions.get("uuid:1", form_id="small").reviewState == "approved"
    place = f"projects/{odk.project_id}/forms/small/submissions/uuid:1"
    assert odk.get(f"{place}.xml").content == edited.encode()
    versions = odk.get(f"{place}/versions").json()
    assert [(v["instanceId"], v["current"]) for v in versions] == [
        ("uuid:2", True),
        ("uuid:1", False),
    ]
    first = odk.get(f"{place}/versions/uuid:1.xml").text
    assert "<age>31</age>" in first
    diffs = odk.get(f"{place}/diffs").json()["uuid:2"]
    assert {"new": "32", "old": "31", "path": ["age"]} in diffs
    files = odk.get(f"{place}/attachments").json()
    assert files == [{"name": "រូប.jpg", "exists": True}]
    assert odk.get(f"{place}/attachments/រូប.jpg").content == photo.read_bytes()


def test_refusals_have_centrals_codes(odk):
    odk.forms.create(definition=xform(), form_id="small")
    odk.submissions.create(xml=record(instance="uuid:1").decode(), form_id="small")
    cases = [
        (record(instance="uuid:1", answers="<age>1</age>"), 409.3),
        (record(instance="uuid:2", version="7"), 404.6),
        (record(instance="uuid:2", form="other"), 400.8),
        (b"<data", 400.1),
    ]
    for xml, code in cases:
        with pytest.raises(PyODKError) as refused:
            odk.submissions.create(xml=xml.decode(), form_id="small")
        assert refused.value.is_central_error(code), (code, refused.value)


def test_the_odata_feed_is_typed_paged_filtered_and_expanded(odk, programme):
    text = """
| survey |
| | type | name | label |
| | integer | age | Age |
| | geopoint | place | Place |
| | begin_group | house | House |
| | decimal | size | Size |
| | begin_repeat | child | Child |
| | text | pet | Pet |
| | end_repeat |
| | end_group |
| settings |
| | form_id | version |
| | feed | 1 |
"""
    factories.published(programme, text)
    for n in range(3):
        children = "".join(f"<child><pet>p{n}{c}</pet></child>" for c in range(n))
        answers = (
            f"<age>{n}</age><place>11.5 104.9 10 5</place><house><size>2.5</size>{children}</house>"
        )
        xml = record(form="feed", instance=f"uuid:{n}", answers=answers)
        odk.submissions.create(xml=xml.decode(), form_id="feed")
    observe_waiting()
    feed = odk.submissions.get_table("feed", count=True)
    assert feed["@odata.count"] == 3
    newest = feed["value"][0]
    assert (newest["__id"], newest["age"], newest["house"]["size"]) == ("uuid:2", 2, 2.5)
    assert newest["place"]["coordinates"] == [104.9, 11.5, 10.0]
    assert newest["__system"]["reviewState"] is None
    page = odk.submissions.get_table("feed", top=1, skip=1)
    assert page["value"][0]["__id"] == "uuid:1"
    link = page["@odata.nextLink"].replace("%24", "$")
    assert "$skiptoken=" in link
    assert "$skip=" not in link
    assert [r["__id"] for r in odk.get(link).json()["value"]] == ["uuid:0"]
    wide = odk.submissions.get_table("feed", expand="*", wkt=True)["value"][0]
    assert [c["pet"] for c in wide["house"]["child"]] == ["p20", "p21"]
    assert wide["place"] == "POINT (104.9 11.5 10)"
    pets = odk.submissions.get_table("feed", table_name="Submissions.house.child")["value"]
    assert [p["pet"] for p in pets] == ["p20", "p21", "p10"]
    assert pets[0]["__Submissions-id"] == "uuid:2"
    for skip in range(3):
        part = odk.submissions.get_table(
            "feed", table_name="Submissions.house.child", skip=skip, top=1, count=True
        )
        assert (part["value"], part["@odata.count"]) == (pets[skip : skip + 1], 3)
        assert ("@odata.nextLink" in part) == (skip < 2)
    odk.submissions.review("uuid:0", "approved", form_id="feed")
    chosen = odk.submissions.get_table(
        "feed",
        filter="__system/reviewState eq 'approved' and year(__system/submissionDate) ge 2020",
    )
    assert [r["__id"] for r in chosen["value"]] == ["uuid:0"]
    others = odk.submissions.get_table("feed", filter="not (__system/reviewState eq 'approved')")
    assert len(others["value"]) == 2
    with pytest.raises(PyODKError) as wrong:
        odk.submissions.get_table("feed", filter="age eq 3")
    assert wrong.value.is_central_error(501.5)
    few = odk.submissions.get_table("feed", select="__id,age")["value"][0]
    assert set(few) == {"__id", "age"}
    metadata = odk.get(f"projects/{odk.project_id}/forms/feed.svc/$metadata").text
    assert 'Name="age" Type="Edm.Int64"' in metadata


def test_a_script_uploads_a_file_by_itself_and_reads_the_form_back(odk):
    odk.forms.create(definition=xform(), form_id="small")
    assert "<data" in odk.forms.get_xml("small")
    answers = "<age>31</age><happy>yes</happy><photo>late.jpg</photo><note/>"
    odk.submissions.create(xml=record(instance="uuid:1", answers=answers).decode(), form_id="small")
    observe_waiting()
    files = f"projects/{odk.project_id}/forms/small/submissions/uuid:1/attachments"
    assert odk.get(files).json() == [{"name": "late.jpg", "exists": False}]
    odk.post(f"{files}/late.jpg", data=b"\xff\xd8\xff\xe0late").raise_for_status()
    assert odk.get(files).json() == [{"name": "late.jpg", "exists": True}]
    comment = odk.submissions.add_comment("uuid:1", "late but here", form_id="small")
    assert comment.body == "late but here"
    odk.submissions.review("uuid:1", "hasIssues", form_id="small", comment="which age?")
    shown = odk.submissions.get("uuid:1", form_id="small")
    assert shown.reviewState == "hasIssues"
    assert {c.body for c in odk.submissions.list_comments("uuid:1", form_id="small")} == {
        "late but here",
        "which age?",
    }


def test_app_users_get_a_token_and_the_forms_assigned_to_them(odk, server):
    import requests

    odk.forms.create(definition=xform(), form_id="small")
    (made,) = odk.projects.create_app_users(display_names=["Ratha"], forms=["small"])
    assert len(made.token) == 64
    url = f"{server}/v1/key/{made.token}/projects/{odk.project_id}/formList"
    listed = requests.get(url, headers={"X-OpenRosa-Version": "1.0"}, timeout=10)
    assert "<formID>small</formID>" in listed.text
    assert Form.objects.get().app_users.get().name == "Ratha"
    odk.delete(f"projects/{odk.project_id}/app-users/{made.id}").raise_for_status()
    again = requests.get(url, headers={"X-OpenRosa-Version": "1.0"}, timeout=10)
    assert again.status_code == 403


def test_a_record_is_deleted_and_stays_on_the_disk(odk):
    odk.forms.create(definition=xform(), form_id="small")
    odk.submissions.create(xml=record(instance="uuid:1").decode(), form_id="small")
    odk.delete(f"projects/{odk.project_id}/forms/small/submissions/uuid:1").raise_for_status()
    assert odk.submissions.list(form_id="small") == []
    assert Submission.objects.get().deleted_at is not None


def test_reviewers_of_one_province_see_only_their_own_records(odk, coordinator, programme):
    from surveys.tests.country import make_country

    make_country()
    odk.forms.create(definition=xform(), form_id="small")
    for n, _province in enumerate(("01", "02", "")):
        odk.submissions.create(xml=record(instance=f"uuid:{n}").decode(), form_id="small")
    # the worker writes the province of a record when it reads it
    wait_for(lambda: not Submission.objects.filter(observed_at=None).exists(), what="the records")
    for n, province in enumerate(("01", "02", "")):
        Submission.objects.filter(instance_id=f"uuid:{n}").update(province_code=province)
    coordinator.memberships.update(place="01")
    assert [s.instanceId for s in odk.submissions.list(form_id="small")] == ["uuid:0"]
    csv = odk.get(f"projects/{odk.project_id}/forms/small/submissions.csv").text
    assert csv.count("uuid:") == 2  # the key and the record's own id

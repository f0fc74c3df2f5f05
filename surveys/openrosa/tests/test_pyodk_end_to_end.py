"""What pyodk's own end-to-end tests ask of a server, entities left out, and what they rest on.

Their forms have no id or a strange one (``'=+/*-451%/%``), their records names full of signs.
"""

import io

import pytest
import requests
from django.utils import timezone
from openpyxl import Workbook
from pyodk.client import Client
from pyodk.errors import PyODKError

from accounts import tokens
from accounts.models import User
from accounts.tests.factories import join
from surveys.models import Form, Submission
from surveys.openrosa.tests.test_pyodk import PASSWORD, config
from surveys.submissions.processing.derive import observe_waiting

pytestmark = pytest.mark.django_db(transaction=True)
STRANGE = "'=+/*-451%/%"
FRUITS = b"name_key,name\nmango,Mangoe\norange,Orange\n"
QUESTIONS = [
    ["type", "name", "label", "calculation"],
    ["calculate", "fruit", None, "pulldata('fruits', 'name', 'name_key', 'mango')"],
    ["note", "note_fruit", "The fruit ${fruit} pulled from csv", None],
]


def workbook(version=None, form_id=None, questions=QUESTIONS):
    """An XLSForm as bytes; without ``form_id`` its settings name none."""
    book = Workbook()
    survey = book.active
    survey.title = "survey"
    for row in questions:
        survey.append(row)
    settings = book.create_sheet("settings")
    names, values = ["version"], [version or timezone.now().isoformat()]
    if form_id:
        names, values = ["form_title", "form_id", *names], ["A form", form_id, *values]
    settings.append(names)
    settings.append(values)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def fruit(form_id, version, instance, replaces=""):
    """A record as pyodk's tests write it: no declaration, blanks before the root."""
    deprecated = f"<deprecatedID>{replaces}</deprecatedID>" if replaces else ""
    return f"""
    <data id="{form_id}" version="{version}">
      <meta>{deprecated}
        <instanceID>{instance}</instanceID>
      </meta>
      <fruit>Papaya</fruit>
      <note_fruit/>
    </data>
    """


@pytest.fixture
def odk(server, tmp_path, programme, celery_worker_process, settings):
    # the server is a process of its own and knows nothing of the tests' quick hasher
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    person = User.objects.create_user("coordinator", PASSWORD, display_name="Sok")
    join(person, "submissions.review", "forms.publish", "cases.record", programme=programme)
    path = config(tmp_path, server, programme.pk)
    kept = tmp_path / "cache.toml"
    _row, key = tokens.issue(user=person, name="pyodk", with_second_factor=True)
    kept.write_text(f'token = "{key}"\n')
    with Client(config_path=path, cache_path=kept) as opened:
        yield opened


@pytest.fixture
def fruits(tmp_path):
    path = tmp_path / "fruits.csv"
    path.write_bytes(FRUITS)
    return path


def newest(odk, form_id):
    """The version published last, as pyodk's tests find it."""
    url = odk.session.urlformat(
        "projects/{pid}/forms/{fid}/versions", pid=odk.project_id, fid=form_id
    )
    return max(odk.session.get(url).json(), key=lambda v: v["publishedAt"])["version"]


def test_forms_without_settings_take_the_name_that_the_header_gives(odk, fruits, tmp_path):
    first = odk.forms.create(definition=workbook())
    second = odk.forms.create(definition=workbook(), attachments=[fruits])
    assert first.xmlFormId != second.xmlFormId
    assert all(form.xmlFormId.startswith("uuid:") for form in (first, second))
    named = tmp_path / "pull_data.xlsx"
    named.write_bytes(workbook("1"))
    made = odk.forms.create(definition=named)
    assert (made.xmlFormId, made.version) == ("pull_data", "1")
    assert "<h:title>pull_data</h:title>" in odk.forms.get_xml("pull_data")
    (row,) = odk.get(f"projects/{odk.project_id}/forms/{second.xmlFormId}/attachments").json()
    assert (row["name"], row["exists"], row["type"]) == ("fruits.csv", True, "file")


def test_a_form_is_updated_by_definition_attachments_and_version(odk, fruits, tmp_path):
    named = tmp_path / "✅.xlsx"
    named.write_bytes(workbook("1", "✅"))
    odk.forms.create(definition=named, form_id="✅")
    named.write_bytes(workbook("2"))
    odk.forms.update("✅", definition=named, attachments=[fruits])
    assert odk.forms.get("✅").xmlFormId == "✅"
    odk.forms.update("✅", attachments=[fruits])
    timestamped = odk.forms.get("✅").version
    assert timestamped not in {"1", "2"}
    odk.forms.update("✅", attachments=[fruits], version_updater=lambda v: v + "_1")
    assert odk.forms.get("✅").version == f"{timestamped}_1"
    versions = [v.version for v in Form.objects.get().versions.exclude(published_at=None)]
    assert sorted(versions[2:]) == ["1", "2"]
    assert len(versions) == 4


def test_a_form_with_slashes_and_percent_signs_works_everywhere(odk, server, fruits):
    odk.forms.create(definition=workbook("1", STRANGE))
    assert odk.forms.get(STRANGE).xmlFormId == STRANGE
    odk.forms.update(STRANGE, attachments=[], version_updater=lambda v: timezone.now().isoformat())
    version = newest(odk, STRANGE)
    assert version != "1"
    name = f"scna+~!@#$%^&*()_+=-✅✅+{timezone.now().isoformat()}"
    odk.submissions.create(xml=fruit(STRANGE, version, name), form_id=STRANGE)
    made = odk.submissions.get(form_id=STRANGE, instance_id=name)
    assert made.instanceId == name
    assert made.attachments is None
    odk.submissions.edit(
        xml=fruit(STRANGE, version, f"{name}2", replaces=name),
        form_id=STRANGE,
        instance_id=name,
        comment="pyODK edit",
    )
    assert odk.submissions.get(form_id=STRANGE, instance_id=name).reviewState == "edited"
    (text,) = odk.submissions.list_comments(form_id=STRANGE, instance_id=name)
    assert text.body == "pyODK edit"
    observe_waiting()
    (row,) = odk.submissions.get_table(form_id=STRANGE)["value"]
    assert (row["__id"], row["fruit"]) == (name, "Papaya")
    (user,) = odk.projects.create_app_users(display_names=["Ratha"], forms=[STRANGE])
    headers = {"X-OpenRosa-Version": "1.0"}
    base = f"{server}/v1/key/{user.token}/projects/{odk.project_id}"
    listed = requests.get(f"{base}/formList", headers=headers, timeout=10).text
    address = listed.partition("<downloadUrl>")[2].partition("</downloadUrl>")[0]
    assert requests.get(address, headers=headers, timeout=10).status_code == 200


def test_a_bare_ampersand_is_taken_as_central_takes_it(odk):
    odk.forms.create(definition=workbook("1", "fruits_form"))
    xml = fruit("fruits_form", "1", "a&*b & c")
    made = odk.submissions.create(xml=xml, form_id="fruits_form")
    assert made.instanceId == "a&*b & c"
    with pytest.raises(PyODKError) as again:
        odk.submissions.create(xml=xml.replace("Papaya", "Mango & co"), form_id="fruits_form")
    assert again.value.is_central_error(409.3)
    observe_waiting()
    (row,) = odk.submissions.get_table(form_id="fruits_form")["value"]
    assert (row["__id"], row["fruit"]) == ("a&*b & c", "Papaya")
    for broken in ("<data", xml.replace("</fruit>", ""), xml.replace("Papaya", "&unknown;")):
        with pytest.raises(PyODKError) as refused:
            odk.submissions.create(xml=broken, form_id="fruits_form")
        assert refused.value.is_central_error(400.1)


def test_a_file_is_sent_with_its_record(odk, fruits):
    questions = [["type", "name", "label"], ["text", "name", "Name"], ["file", "file", "File"]]
    odk.forms.create(definition=workbook("1", "upload_file", questions))
    xml = (
        '<data id="upload_file" version="1"><meta><instanceID>uuid:1</instanceID></meta>'
        "<name>x</name><file>fruits.csv</file></data>"
    )
    made = odk.submissions.create(xml=xml, form_id="upload_file", attachments=[fruits])
    assert [(a.name, a.exists) for a in made.attachments] == [("fruits.csv", True)]
    assert Submission.objects.get().attachments.get().size == len(FRUITS)


def test_selected_columns_and_comments_are_read(odk):
    odk.forms.create(definition=workbook("1", "pull_data"))
    odk.submissions.create(xml=fruit("pull_data", "1", "uuid:1"), form_id="pull_data")
    odk.submissions.edit(
        xml=fruit("pull_data", "1", "uuid:2", replaces="uuid:1"),
        form_id="pull_data",
        instance_id="uuid:1",
        comment="pyODK edit",
    )
    observe_waiting()
    table = odk.submissions.get_table(
        form_id="pull_data",
        table_name="Submissions",
        count=True,
        select="__id,meta/instanceID,__system/formVersion,fruit",
    )
    assert table["@odata.count"] == 1
    assert table["value"] == [
        {
            "__id": "uuid:1",
            "meta": {"instanceID": "uuid:2"},
            "__system": {"formVersion": "1"},
            "fruit": "Papaya",
        }
    ]
    assert [p.id for p in odk.projects.list()] == [odk.project_id]
    assert [f.xmlFormId for f in odk.forms.list()] == ["pull_data"]


def test_a_form_is_published_at_once_in_the_words_of_a_python_client(odk):
    url = f"projects/{odk.project_id}/forms"
    headers = {
        "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "X-XlsForm-FormId-Fallback": "pull_data",
    }
    params = {"publish": True, "ignoreWarnings": True}
    made = odk.post(url, params=params, headers=headers, data=workbook("1"))
    assert made.json()["publishedAt"] is not None
    assert newest(odk, "pull_data") == "1"
    params["publish"] = "perhaps"
    refused = odk.post(url, params=params, headers=headers, data=workbook("1", "other"))
    assert refused.json()["code"] == 400.8


def test_app_users_are_made_with_and_without_forms(odk):
    for name in ("range_draft", "pull_data"):
        odk.forms.create(definition=workbook("1", name))
    made = odk.projects.create_app_users(display_names=["one", "two"])
    more = odk.projects.create_app_users(
        display_names=["three", "four"], forms=["range_draft", "pull_data"]
    )
    assert [u.displayName for u in (*made, *more)] == ["one", "two", "three", "four"]
    assert all(form.app_users.count() == 2 for form in Form.objects.all())

"""Central's REST API where clients depend on its small print: parts, versions, refusals, places."""

import io
import json
import zipfile
from urllib.parse import urlsplit

import pytest

import media
from accounts.tests.factories import join, make_user
from surveys.forms.publishing import attach, prepare, publish, save_draft
from surveys.models import Case, Form, QualityFlag, Submission
from surveys.submissions.intake.files import name_of
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record
from surveys.tests.country import HALL, make_country

pytestmark = pytest.mark.django_db

SPOKEN = """
| survey |
| | type | name | label | media::audio |
| | integer | age | Age | age.mp3 |
| | select_multiple fruits | liked | Liked | |
| | image | photo | Photo | |
| | begin_group | house | House | |
| | begin_repeat | child | Child | |
| | select_multiple fruits | likes | Likes | |
| | end_repeat | | | |
| | end_group | | | |
| choices |
| | list_name | name | label |
| | fruits | apple | Apple |
| | fruits | mango | Mango |
| settings |
| | form_id | version |
| | spoken | {version} |
"""


def draft(programme, version="1", text=SPOKEN):
    prepared = prepare(text.replace("{version}", version).encode(), "md")
    return save_draft(programme=programme, prepared=prepared, by=None)


@pytest.fixture
def person(client, programme):
    made = make_user(username="sok")
    rights = ("submissions.review", "forms.publish", "cases.record")
    join(made, *rights, programme=programme)
    client.force_login(made)
    return made


@pytest.fixture
def base(programme, person):
    version = draft(programme)
    attach(version=version, name="age.mp3", content=b"ID3one", content_type="", by=None)
    publish(form=version.form, by=None)
    return f"/v1/projects/{programme.pk}/forms/spoken"


def read(answer, status=200):
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == status, text
    return text


def get(client, path, query=None, status=200):
    return json.loads(read(client.get(path, query or {}), status))


def write(client, method, path, status=200, body=None):
    token = client.get("/home/")  # a page sets the cookie that a write must prove
    more = {"data": json.dumps(body or {}), "content_type": "application/json"}
    headers = (
        {"X-CSRFToken": client.cookies["csrftoken"].value} if "csrftoken" in client.cookies else {}
    )
    assert token is not None
    return json.loads(read(getattr(client, method)(path, headers=headers, **more), status))


# -- unknown addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/projects/1/nothing", "/v1/projects/x/forms"]
)
def test_an_unknown_address_is_centrals_json_in_english(client, method, path):
    answer = getattr(client, method)(path, headers={"Accept-Language": "km"})
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 404.1,
        "message": "Could not find the resource you were looking for.",
    }


# -- forms -----------------------------------------------------------------------------------------


def test_a_deleted_form_is_restored_by_its_number(client, base, person, programme):
    number = Form.objects.get().pk
    write(client, "delete", base)
    get(client, base, status=404)
    assert get(client, base.rsplit("/", 1)[0]) == []
    (gone,) = get(client, base.rsplit("/", 1)[0], {"deleted": "true"})
    assert (gone["id"], gone["xmlFormId"]) == (number, "spoken")
    assert gone["deletedAt"] is not None
    named = write(client, "post", f"{base}/restore", 400)
    assert named["code"] == 400.11
    forms = base.rsplit("/", 1)[0]
    assert write(client, "post", f"{forms}/{number}/restore") == {"success": True}
    assert get(client, base)["xmlFormId"] == "spoken"
    assert write(client, "post", f"{forms}/{number}/restore", 404)["code"] == 404.1


def test_a_form_whose_name_is_taken_is_not_restored(client, base, programme, person):
    number = Form.objects.get().pk
    write(client, "delete", base)
    publish(form=draft(programme, "2").form, by=None)
    refused = write(client, "post", f"{base.rsplit('/', 1)[0]}/{number}/restore", 409)
    assert refused["code"] == 409.3
    assert refused["details"]["fields"] == ["projectId", "xmlFormId"]


def test_every_version_and_the_draft_have_their_parts(client, base, programme):
    second = SPOKEN.replace(
        "| | integer | age | Age | age.mp3 |", "| | text | word | Word | w.mp3 |"
    )
    version = draft(programme, "2", second)
    names = {place: [f["name"] for f in get(client, base + place)] for place in (
        "/fields", "/versions/1/fields", "/draft/fields",
        "/attachments", "/versions/1/attachments", "/draft/attachments",
    )}  # fmt: skip
    assert names["/fields"][:2] == names["/versions/1/fields"][:2] == ["age", "liked"]
    assert names["/draft/fields"][:2] == ["word", "liked"]
    assert names["/attachments"] == names["/versions/1/attachments"] == ["age.mp3"]
    assert names["/draft/attachments"] == ["w.mp3"]
    for place in ("/attachments/age.mp3", "/versions/1/attachments/age.mp3"):
        answer = client.get(base + place)
        assert answer.content == b"ID3one"
        again = client.get(base + place, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    get(client, f"{base}/draft/attachments/w.mp3", status=404)
    attach(version=version, name="w.mp3", content=b"ID3w", content_type="", by=None)
    assert client.get(f"{base}/draft/attachments/w.mp3").content == b"ID3w"
    write(client, "delete", f"{base}/draft/attachments/w.mp3")
    write(client, "delete", f"{base}/draft/attachments/w.mp3", 404)
    get(client, f"{base}/draft/attachments/w.mp3", status=404)
    assert b'version="1"' in client.get(f"{base}/versions/1.xml").content


def test_fields_say_structure_repeat_and_their_names_in_odata(client, base):
    rows = {row["path"]: row["type"] for row in get(client, f"{base}/fields")}
    assert rows["/house"] == "structure"
    assert rows["/house/child"] == "repeat"
    (liked,) = [r for r in get(client, f"{base}/fields") if r["name"] == "liked"]
    assert liked["selectMultiple"] is True
    assert get(client, f"{base}/fields", {"odata": "true"})[0]["path"] == "/age"
    assert get(client, f"{base}/fields", {"odta": "true"}, 400)["code"] == 400.4


def test_the_token_of_a_draft_stays_while_the_draft_is_mended(client, base, programme):
    first = draft(programme, "2").draft_token
    second = draft(programme, "3").draft_token
    assert first == second
    shown = get(client, f"{base}/draft")["draftToken"]
    assert shown == first
    place = f"/v1/test/{first}{urlsplit(base).path.removeprefix('/v1')}/draft/formList"
    assert client.get(place, headers={"X-OpenRosa-Version": "1.0"}).status_code == 200
    publish(form=Form.objects.get(), by=None)
    assert draft(programme, "4").draft_token != first


def test_who_works_in_a_part_of_a_programme_sees_no_tokens(client, programme, base):
    draft(programme, "2")
    colleague = make_user(username="dara")
    join(colleague, "cases.record", place="010201", programme=None)
    client.force_login(colleague)
    assert get(client, base)["draftToken"] is None
    assert get(client, f"{base}/draft")["draftToken"] is None
    project = base.rsplit("/", 2)[0]
    assert get(client, f"{project}/app-users", status=403)["code"] == 403.1
    assert client.delete(base).status_code in {401, 403}


# -- records ---------------------------------------------------------------------------------------


@pytest.fixture
def sent(programme, base, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    from surveys.submissions.intake.files import keep

    class Photo:
        name, content_type = "a.jpg", "image/jpeg"

        def __init__(self, content):
            self.content = content

        def chunks(self):
            return [self.content]

    def send(instance, answers, photo, **more):
        xml = record(form="spoken", instance=instance, answers=answers, **more)
        file = keep(Photo(photo), name="a.jpg")
        receive(sender=Sender(programme_id=programme.pk), xml=xml, files=[file])

    first = "<age>1</age><liked>apple mango</liked><photo>a.jpg</photo>"
    children = "<house><child><likes>mango</likes></child></house>"
    send("uuid:1", first + children, b"\xff\xd8\xff\xe0one")
    send("uuid:2", "<age>2</age><photo>a.jpg</photo>", b"\xff\xd8\xff\xe0two", replaces="uuid:1")
    observe_waiting()
    return f"{base}/submissions"


def test_the_id_of_a_later_wording_leads_to_it(client, sent):
    for tail in ("", ".xml", "/attachments", "/attachments/a.jpg"):
        answer = client.get(f"{sent}/uuid:2{tail}")
        assert answer.status_code == 301, tail
        assert urlsplit(answer["Location"]).path.endswith(
            f"/submissions/uuid%3A1/versions/uuid%3A2{tail}"
        )
        read(client.get(answer["Location"].replace("http://testserver", "")))
    assert client.get(f"{sent}/uuid:1").status_code == 200
    assert get(client, f"{sent}/uuid:3", status=404)["code"] == 404.1


def test_files_of_each_wording_are_kept_apart(client, sent):
    for version, content in (("uuid:1", b"one"), ("uuid:2", b"two")):
        place = f"{sent}/uuid:1/versions/{version}/attachments"
        assert get(client, place) == [{"name": "a.jpg", "exists": True}]
        answer = client.get(f"{place}/a.jpg")
        assert read(answer).endswith(content)
        again = client.get(f"{place}/a.jpg", headers={"If-None-Match": f"W/{answer['ETag']}"})
        assert again.status_code == 304
    now = client.get(f"{sent}/uuid:1/attachments/a.jpg")
    assert read(now).endswith(b"two")
    media.delete(name_of(Submission.objects.get().attachments.get(edit=None).sha256))
    get(client, f"{sent}/uuid:1/versions/uuid:1/attachments/a.jpg", status=404)


def test_deleted_records_are_listed_when_they_are_asked_for(client, sent):
    write(client, "delete", f"{sent}/uuid:1")
    assert get(client, sent) == []
    assert [r["instanceId"] for r in get(client, sent, {"deleted": "true"})] == ["uuid:1"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "²"}, 400.8),
        ({"offset": "9" * 5000}, 400.8),
        ({"deleted": "perhaps"}, 400.8),
        ({"form": "x"}, 400.4),
        ({"$search": "x"}, 501.1),
    ],
)
def test_what_a_list_does_not_take_is_refused(client, sent, query, code):
    assert get(client, sent, query, int(code))["code"] == code


# -- exports ---------------------------------------------------------------------------------------


@pytest.fixture
def exported(client, base, programme):
    likes = (("apple", "mango"), ("mango", ""), ("", "apple mango"))
    for number, (liked, child) in enumerate(likes):
        inside = f"<house><child><likes>{child}</likes></child></house>"
        answers = f"<age>{number}</age><liked>{liked}</liked>{inside}"
        xml = record(form="spoken", instance=f"uuid:{number}", answers=answers)
        receive(sender=Sender(programme_id=programme.pk), xml=xml)
    observe_waiting()

    def table(path, **query):
        text = read(client.get(f"{base}/submissions{path}", query)).decode("utf-8-sig")
        header, *rows = (line.split(",") for line in text.strip().splitlines())
        return [dict(zip(header, row, strict=True)) for row in rows]

    return table


def test_select_multiples_are_split(exported, client, base):
    rows = exported(".csv", splitSelectMultiples="true")
    assert [(r["liked"], r["liked/apple"], r["liked/mango"]) for r in rows] == [
        ("apple", "1", "0"),
        ("mango", "0", "1"),
        ("", "0", "0"),
    ]
    assert "liked/apple" not in exported(".csv")[0]
    body = read(client.get(f"{base}/submissions.csv.zip", {"splitSelectMultiples": "true"}))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        child = archive.read("spoken-child.csv").decode("utf-8-sig").splitlines()
    assert child[0].startswith("likes,likes/apple,likes/mango,PARENT_KEY")
    assert child[3].startswith("apple mango,1,1,")


def test_group_paths_are_left_out(exported):
    assert "house-child-count" in exported(".csv")[0]
    assert "child-count" in exported(".csv", groupPaths="false")[0]


def test_deleted_fields_are_left_out_or_kept(exported, programme):
    without = SPOKEN.replace("| | integer | age | Age | age.mp3 |\n", "")
    publish(form=draft(programme, "2", without).form, by=None)
    assert exported(".csv")[1]["age"] == "1"
    assert exported(".csv", deletedFields="true")[1]["age"] == "1"
    assert "age" not in exported(".csv", deletedFields="false")[1]


def test_an_export_is_filtered(exported, client):
    Submission.objects.filter(instance_id="uuid:1").update(state="approved")
    rows = exported(".csv", **{"$filter": "__system/reviewState eq 'approved'"})
    assert [row["KEY"] for row in rows] == ["uuid:1"]


def test_other_options_of_exports_are_refused(client, exported, base):
    for path in (".csv", ".csv.zip"):
        for query, code in (({"comune": "1"}, 400.4), ({"groupPaths": "no"}, 400.8)):
            assert get(client, f"{base}/submissions{path}", query, 400)["code"] == code
        assert client.get(f"{base}/submissions{path}", {"7": "a passphrase"}).status_code == 200


# -- places ----------------------------------------------------------------------------------------

CASE = """
| survey |
| | type | name | label |
| | begin_group | case | Case |
| | text | commune | Commune |
| | text | provider | Provider |
| | text | service | Service |
| | date | asked_on | Asked on |
| | select_one states | status | Status |
| | end_group | | |
| choices |
| | list_name | name | label |
| | states | received | Received |
| | states | open | Open |
| | states | refused | Refused |
| | states | abandoned | Abandoned |
| settings |
| | form_id | version |
| | a case | 1 |
"""


@pytest.fixture
def case_form(programme):
    make_country()
    return factories.published(programme, CASE)


def tell(client, form, commune, provider, number):
    assert form.current.compiled["observes"]["case"] == "/data/case"
    inside = (
        f"<commune>{commune}</commune><provider>{provider}</provider>"
        "<service>birth-registration</service><asked_on>2026-11-02</asked_on>"
        "<status>open</status>"
    )
    answers = f"<case>{inside}</case>"
    return record(form="a case", instance=f"uuid:{number}", answers=answers)


@pytest.mark.parametrize(
    ("place", "commune", "provider", "recorded"),
    [
        ("010201", "010201", HALL, True),
        ("010202", "010201", HALL, False),
        ("02", "010201", HALL, False),
        ("01", "010201", HALL, True),
        ("010202", "", HALL, False),
    ],
)
def test_a_person_records_through_central_only_where_they_may(
    client, programme, case_form, place, commune, provider, recorded
):
    facilitator = make_user(username="dara")
    join(facilitator, "cases.record", place=place, programme=programme)
    xml = tell(client, case_form, commune, provider, 1)
    sender = Sender(programme_id=programme.pk, user_id=facilitator.pk)
    receive(sender=sender, xml=xml)
    observe_waiting()
    assert Case.objects.exists() == recorded, list(QualityFlag.objects.values("kind", "detail"))
    # the record itself is kept, for a coordinator to look at
    assert Submission.objects.get().observe_error == ""
    quality_flags = QualityFlag.objects.filter(kind=QualityFlag.Kind.NOT_OBSERVED)
    assert quality_flags.exists() != recorded


def test_a_person_of_another_programme_sends_nothing(client, programme, form):
    from accounts.tests.factories import make_programme

    stranger = make_user(username="dara")
    other = make_programme("other", "02")
    join(stranger, "cases.record", "submissions.review", "forms.publish", programme=other)
    client.force_login(stranger)
    base = f"/v1/projects/{programme.pk}"
    for path in ("", "/forms", "/forms/small", "/forms/small.svc", "/app-users", "/assignments"):
        assert get(client, base + path, status=403)["code"] == 403.1, path
    headers = {"X-OpenRosa-Version": "1.0"}
    assert client.get(f"{base}/formList", headers=headers).status_code == 401
    assert client.post(f"{base}/submission", headers=headers).status_code == 401

"""The OData feed against Central's own published answers, and as clients page through it."""

import json
from itertools import islice
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from accounts.tests.factories import join, make_user
from surveys.forms.publishing import prepare, publish, save_draft
from surveys.models import Form, Submission
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.review import actions
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db

DOUBLE = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"><h:head>
<h:title>Double</h:title><model><instance><data id="doubleRepeat" version="1.0">
<orx:meta><orx:instanceID/></orx:meta><name/><children><child jr:template=""><name/><toys>
<toy jr:template=""><name/></toy></toys></child></children></data></instance>
<bind nodeset="/data/orx:meta/orx:instanceID" type="string" jr:preload="uid"/>
<bind nodeset="/data/name" type="string"/><bind nodeset="/data/children/child/name" type="string"/>
<bind nodeset="/data/children/child/toys/toy/name" type="string"/></model></h:head><h:body>
<input ref="/data/name"><label>Name</label></input><group ref="/data/children/child">
<label>Child</label><repeat nodeset="/data/children/child">
<input ref="/data/children/child/name"><label>Name</label></input>
<group ref="/data/children/child/toys/toy"><label>Toy</label>
<repeat nodeset="/data/children/child/toys/toy"><input ref="/data/children/child/toys/toy/name">
<label>Name</label></input></repeat></group></repeat></group></h:body></h:html>"""
FAMILY = (("Alice", ()), ("Bob", ("R2-D2", "BB-8")), ("Chelsea", ("Dash", "Rarity", "Luna")))
# what Central's own tests publish (getodk/central-backend, test/integration/api/odata.js)
CENTRALS_IDS = [
    "46ebf42ee83ddec5028c42b2c054402d1e700208",
    "b6e93a81a53eed0566e65e472d4a4b9ae383ee6d",
    "8954b393f82c1833abb19be08a3d6cb382171f54",
]


def family(instance="double"):
    children = ""
    for name, toys in FAMILY:
        inside = "".join(f"<toy><name>{toy}</name></toy>" for toy in toys)
        children += f"<child><name>{name}</name><toys>{inside}</toys></child>"
    return (
        '<data xmlns:orx="http://openrosa.org/xforms" id="doubleRepeat" version="1.0"><orx:meta>'
        f"<orx:instanceID>{instance}</orx:instanceID></orx:meta><name>Vick</name>"
        f"<children>{children}</children></data>"
    ).encode()


@pytest.fixture
def person(client, programme):
    made = make_user(username="sok")
    join(made, "submissions.review", "forms.publish", programme=programme)
    client.force_login(made)
    return made


@pytest.fixture
def double(programme, person):
    prepared = prepare(DOUBLE.encode(), "xml")
    draft = save_draft(programme=programme, prepared=prepared, by=None)
    publish(form=draft.form, by=None)
    receive(sender=Sender(programme_id=programme.pk), xml=family())
    observe_waiting()
    return f"/v1/projects/{programme.pk}/forms/doubleRepeat.svc"


def get(client, path, query=None, status=200):
    answer = client.get(path, query or {})
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == status, text
    return json.loads(text)


def test_one_record_is_answered_as_central_does(client, double):
    body = get(client, f"{double}/Submissions('double')")
    (row,) = body["value"]
    assert row["__id"] == "double"
    assert row["name"] == "Vick"
    assert row["meta"] == {"instanceID": "double"}
    assert row["children"] == {"child@odata.navigationLink": "Submissions('double')/children/child"}
    assert body["@odata.context"].endswith("/doubleRepeat.svc/$metadata#Submissions")
    assert row["__system"]["reviewState"] is None
    assert row["__system"]["deletedAt"] is None


def test_rows_of_a_repeat_have_centrals_ids_and_links(client, double):
    body = get(client, f"{double}/Submissions('double')/children/child")
    assert [r["__id"] for r in body["value"]] == CENTRALS_IDS
    assert {r["__Submissions-id"] for r in body["value"]} == {"double"}
    toys = body["value"][1]["toys"]["toy@odata.navigationLink"]
    assert toys == f"Submissions('double')/children/child('{CENTRALS_IDS[1]}')/toys/toy"
    assert body["@odata.context"].endswith("$metadata#Submissions.children.child")
    value = get(client, f"{double}/Submissions.children.child")["value"]
    assert value == body["value"]


def test_every_navigation_link_leads_to_its_rows(client, double):
    seen = []

    def follow(body):
        for row in body["value"]:
            for group in (row, *(v for v in row.values() if isinstance(v, dict))):
                for name, link in group.items():
                    if name.endswith("@odata.navigationLink"):
                        below = get(client, f"{double}/{link}")
                        seen.extend(r["name"] for r in below["value"])
                        follow(below)

    follow(get(client, f"{double}/Submissions"))
    assert sorted(seen) == sorted(n for name, toys in FAMILY for n in (name, *toys))


def test_one_row_of_a_repeat_is_answered(client, double):
    (bob,) = get(client, f"{double}/Submissions('double')/children/child('{CENTRALS_IDS[1]}')")[
        "value"
    ]
    assert bob["name"] == "Bob"


@pytest.mark.parametrize(
    "path",
    [
        "Submissions('nobody')",
        "Submissions('double')/children",
        "Submissions('double')/nothing",
        "Submissions(double)",
        "Submissions('double')/name",
        "Nothing",
        "Submissions('double')/children('x')/child",
        "Submissions('double'",
    ],
)
def test_what_is_not_there_is_404(client, double, path):
    assert get(client, f"{double}/{path}", status=404)["code"] == 404.1


# -- which rows, in which order --------------------------------------------------------------------


@pytest.fixture
def small(programme, person, form):
    tablets = [factories.tablet(programme, f"T{n}")[0] for n in range(2)]
    for n in range(7):
        sender = Sender(programme_id=programme.pk, app_user_id=tablets[n % 2].pk)
        receive(sender=sender, xml=factories.record(instance=f"uuid:{n}"))
    observe_waiting()
    states = ("approved", "received", "rejected", "hasIssues", "received", "approved", "edited")
    for n, state in enumerate(states):
        Submission.objects.filter(instance_id=f"uuid:{n}").update(
            state=state, updated_at=None if n % 3 else f"2026-11-0{9 - n}T00:00:00Z"
        )
    return f"/v1/projects/{programme.pk}/forms/small.svc"


def pages(client, url, query, between=None):
    """The ids of all pages, following nextLink as a client does."""
    results = []
    while True:
        body = get(client, url, query)
        results.append([row["__id"] for row in body["value"]])
        link = body.get("@odata.nextLink")
        if link is None:
            return results
        query = {k: v[0] for k, v in parse_qs(urlsplit(link).query).items()}
        assert "$skip" not in query
        if between:
            between()


ORDERS = [
    "",
    "__system/submissionDate asc",
    "__system/submissionDate desc",
    "__system/updatedAt",
    "__system/updatedAt desc",
    "__system/reviewState asc, __system/submissionDate desc",
    "__system/submitterId desc,__system/reviewState",
    "$root/Submissions/__system/submitterId",
    "__id desc",
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("top", [1, 3, 7])
def test_pages_join_to_the_whole_feed_while_records_arrive(client, small, programme, order, top):
    query = {"$orderby": order} if order else {}
    total = [r["__id"] for r in get(client, f"{small}/Submissions", query)["value"]]
    assert sorted(total) == [f"uuid:{n}" for n in range(7)]
    arriving = iter(range(4))

    def arrive():
        for number in islice(arriving, 1):
            xml = factories.record(instance=f"new:{number}")
            receive(sender=Sender(programme_id=programme.pk), xml=xml)

    result = pages(client, f"{small}/Submissions", {**query, "$top": top}, arrive)
    old = [name for page in result for name in page if name.startswith("uuid:")]
    assert old == total
    every = [name for page in result for name in page]
    assert len(every) == len(set(every))


def test_pages_of_a_repeat_join_while_records_arrive(client, double, programme):
    for n in range(2):
        receive(sender=Sender(programme_id=programme.pk), xml=family(f"d{n}"))
    total = [
        r["__id"] for r in get(client, f"{double}/Submissions.children.child.toys.toy")["value"]
    ]
    assert len(total) == 15
    arriving = iter(range(8))

    def arrive():
        for number in islice(arriving, 1):
            receive(sender=Sender(programme_id=programme.pk), xml=family(f"new{number}"))

    for top in (1, 2, 5, 7):
        url = f"{double}/Submissions.children.child.toys.toy"
        result = pages(client, url, {"$top": top}, arrive)
        every = [name for page in result for name in page]
        assert [name for name in every if name in total] == total
        assert len(every) == len(set(every))
        assert all(len(page) <= top for page in result)


def test_blanks_are_lowest_as_in_central(client, small):
    def states(order):
        rows = get(client, f"{small}/Submissions", {"$orderby": order})["value"]
        return [row["__system"]["reviewState"] for row in rows]

    rising = states("__system/reviewState asc")
    assert rising == [None, None, "approved", "approved", "edited", "hasIssues", "rejected"]
    assert states("__system/reviewState desc") == rising[::-1]


def test_count_is_of_all_pages(client, small, double):
    body = get(client, f"{small}/Submissions", {"$top": "2", "$count": "true"})
    assert body["@odata.count"] == 7
    again = get(client, f"{small}/Submissions", {"$top": "0", "$count": "true"})
    assert (again["value"], again["@odata.count"], "@odata.nextLink" in again) == ([], 7, False)
    toys = f"{double}/Submissions.children.child.toys.toy"
    assert get(client, toys, {"$top": "1", "$count": "true"})["@odata.count"] == 5
    skipped = get(client, toys, {"$skip": "3"})
    assert [r["name"] for r in skipped["value"]] == ["Rarity", "Luna"]


def test_select_takes_properties_groups_and_links_and_refuses_others(client, double):
    def row(select, table="Submissions"):
        return get(client, f"{double}/{table}", {"$select": select})["value"][0]

    assert row("*") == get(client, f"{double}/Submissions")["value"][0]
    assert row("__id,name") == {"__id": "double", "name": "Vick"}
    assert row("__system/status, meta") == {
        "__system": {"status": None},
        "meta": {"instanceID": "double"},
    }
    assert row("children/child")["children"] == {
        "child@odata.navigationLink": "Submissions('double')/children/child"
    }
    assert row("name", "Submissions.children.child") == {"name": "Alice"}
    assert row("__Submissions-id", "Submissions.children.child") == {"__Submissions-id": "double"}
    for wrong in ("nothing", "children/child/name", "__system/secret", "nAme"):
        body = get(client, f"{double}/Submissions", {"$select": wrong}, status=400)
        assert (body["code"], body["details"]) == (400.23, {"property": wrong})
    get(client, f"{double}/Submissions.children.child", {"$select": "__system"}, status=400)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"$search": "x"}, 501.1),
        ({"$apply": "x"}, 501.1),
        ({"$anything": "x"}, 501.1),
        ({"deleted": "true"}, 400.4),
        ({"comune": "010201"}, 400.4),
        ({"$expand": "child"}, 501.6),
        ({"$orderby": "age"}, 501.5),
        ({"$orderby": "__system/submissionDate sideways"}, 501.5),
        ({"$filter": "age eq 3"}, 501.5),
        ({"$filter": "__system/submitterId eq ²"}, 400.18),
        ({"$filter": "__system/submitterId eq " + "9" * 1900}, 400.18),
        ({"$filter": "year(__system/submissionDate) eq 99999999999"}, 400.18),
        ({"$filter": "__system/submissionDate gt 0001-01-01"}, 400.18),
        ({"$filter": "__system/reviewState gt 'a'"}, 400.18),
        ({"$filter": "__system/reviewState eq 'perfect'"}, 400.18),
        ({"$filter": "__system/updatedAt lt null"}, 400.18),
        ({"$filter": "(" * 500}, 400.18),
        ({"$top": "²"}, 400.8),
        ({"$top": "-1"}, 400.8),
        ({"$top": ["1", "2"]}, 400.8),
        ({"$filter": ["__id ne null", "__system/updatedAt eq null"]}, 400.8),
        ({"$top": "1e300"}, 400.8),
        ({"$skip": "9" * 5000}, 400.8),
        ({"$count": "perhaps"}, 400.8),
        ({"$wkt": "2"}, 400.8),
        ({"$format": "xml"}, 406.1),
        ({"$skiptoken": "x"}, 400.8),
        ({"$skiptoken": "01AAAA"}, 400.8),
        ({"$skiptoken": "01eyJpZCI6LTEsInZhbHVlcyI6W10sInJvdyI6IiIsIm51bWJlciI6MH0="}, 400.8),
        ({"$skiptoken": "01" + "W" * 5000}, 400.8),
    ],
)
def test_what_is_not_supported_is_refused_and_never_ignored(client, double, query, code):
    for table in ("Submissions", "Submissions.children.child"):
        assert get(client, f"{double}/{table}", query, status=int(code))["code"] == code


def test_a_token_of_another_order_is_refused(client, small):
    first = get(client, f"{small}/Submissions", {"$top": "1"})
    token = parse_qs(urlsplit(first["@odata.nextLink"]).query)["$skiptoken"][0]
    other = {"$skiptoken": token, "$orderby": "__system/updatedAt"}
    assert get(client, f"{small}/Submissions", other, status=400)["code"] == 400.8


def test_deleted_records_are_shown_when_they_are_asked_for(client, small, person):
    record = Submission.objects.get(instance_id="uuid:3")
    actions.delete(submission=record, by=person, reason="a test")
    ids = {r["__id"] for r in get(client, f"{small}/Submissions")["value"]}
    assert "uuid:3" not in ids
    asked = {"$filter": "__system/deletedAt ne null"}
    (row,) = get(client, f"{small}/Submissions", asked)["value"]
    assert row["__id"] == "uuid:3"
    assert row["__system"]["deletedAt"] is not None
    get(client, f"{small}/Submissions('uuid:3')", status=404)


def test_the_feed_of_a_draft_has_its_tables_and_no_rows(client, programme, person, double):
    text = DOUBLE.replace('version="1.0"', 'version="2.0"').replace("<toys>", "<age/><toys>")
    prepared = prepare(text.encode(), "xml")
    form = Form.objects.get()
    save_draft(programme=programme, prepared=prepared, by=None, form=form)
    base = double.replace(".svc", "/draft.svc")
    assert len(get(client, base)["value"]) == 3
    assert get(client, f"{base}/Submissions")["value"] == []
    assert b'Name="age"' in client.get(f"{base}/$metadata").content
    publish(form=form, by=None)
    get(client, base, status=404)


def test_a_record_id_with_quotes_and_slashes_is_found(client, programme, person, form):
    name = "uuid:it's/one & more"
    xml = factories.record(instance=name.replace("&", "&amp;"))
    receive(sender=Sender(programme_id=programme.pk), xml=xml)
    base = f"/v1/projects/{programme.pk}/forms/small.svc"
    path = quote("Submissions('uuid:it''s/one & more')")
    (row,) = get(client, f"{base}/{path}")["value"]
    assert row["__id"] == name

"""Forms whose versions disagree about a field, and groups that hold only a repeat, are exported."""

import csv
import io
import zipfile
from types import SimpleNamespace

import pytest
from lxml import etree

from accounts.tests.factories import join, make_user
from surveys.forms.publishing import prepare
from surveys.models import Form, FormVersion, Submission
from surveys.submissions.exports import formats, zip_archive
from surveys.submissions.exports.tables import read_row, tables_of_versions
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories

ONLY_A_REPEAT = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>House</h:title><model>
<instance><data id="house" version="1"><house><child jr:template=""><name/></child></house>
<meta><instanceID/></meta></data></instance>
<bind nodeset="/data/house/child/name" type="string"/>
<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head><h:body>
<group ref="/data/house"><label>House</label><group ref="/data/house/child"><label>Child</label>
<repeat nodeset="/data/house/child"><input ref="/data/house/child/name"><label>Name</label></input>
</repeat></group></group></h:body></h:html>"""
A_QUESTION = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>House</h:title><model>
<instance><data id="house" version="2"><house/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/house" type="string"/>
<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head><h:body>
<input ref="/data/house"><label>House</label></input></h:body></h:html>"""
A_GROUP = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>House</h:title><model>
<instance><data id="house" version="3"><house><size/><child/></house><meta><instanceID/></meta>
</data></instance><bind nodeset="/data/house/size" type="int"/>
<bind nodeset="/data/house/child" type="string"/>
<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head><h:body>
<group ref="/data/house"><input ref="/data/house/size"><label>Size</label></input>
<input ref="/data/house/child"><label>Child</label></input></group></h:body></h:html>"""
A_REPEAT = A_GROUP.replace('version="3"', 'version="4"').replace(
    "<house><size/><child/></house>", '<house jr:template=""><size/><child/></house>'
).replace('<group ref="/data/house">', '<group><repeat nodeset="/data/house">').replace(
    "</group></h:body>", "</repeat></group></h:body>"
)  # fmt: skip
RECORDS = {
    "1": "<house><child><name>A</name></child><child><name>B</name></child></house>",
    "2": "<house>two rooms</house>",
    "3": "<house><size>3</size><child>one</child></house>",
    "4": "<house><size>4</size><child>x</child></house><house><size>5</size><child/></house>",
}


def tables_of(*texts):
    compiled = [prepare(text.encode(), "xml").compiled for text in texts]
    return tables_of_versions([SimpleNamespace(compiled=c) for c in reversed(compiled)])


def shown(main, version):
    xml = f'<data id="house" version="{version}">{RECORDS[version]}</data>'
    turn = read_row(main, etree.fromstring(xml))
    cells = {"/".join(c.path): v for c, v in zip(turn.table.columns, turn.cells, strict=True) if v}
    turns = [
        {"/".join(c.path): v for c, v in zip(t.table.columns, t.cells, strict=True) if v}
        for t in turn.turns
    ]
    return cells, turns


def test_a_group_that_holds_only_a_repeat_is_no_question():
    main = tables_of(ONLY_A_REPEAT)
    assert [c.path for c in main.columns] == [("meta", "instanceID")]
    assert [t.name for t in main.all()] == ["Submissions", "Submissions.house.child"]
    assert shown(main, "1") == ({}, [{"name": "A"}, {"name": "B"}])


def test_a_group_became_a_question():
    main = tables_of(ONLY_A_REPEAT, A_QUESTION)
    assert shown(main, "1") == ({}, [{"name": "A"}, {"name": "B"}])
    assert shown(main, "2") == ({"house_value": "two rooms"}, [])


def test_a_question_became_a_group():
    main = tables_of(A_QUESTION, A_GROUP)
    assert shown(main, "2") == ({"house_value": "two rooms"}, [])
    assert shown(main, "3") == ({"house/size": "3", "house/child": "one"}, [])


def test_a_repeat_became_a_question_inside_its_group():
    main = tables_of(ONLY_A_REPEAT, A_GROUP)
    assert shown(main, "1") == ({}, [{"name": "A"}, {"name": "B"}])
    assert shown(main, "3") == ({"house/size": "3", "house/child_value": "one"}, [])


def test_a_group_became_a_repeat():
    main = tables_of(A_GROUP, A_REPEAT)
    assert shown(main, "3") == ({}, [{"size": "3", "child": "one"}])
    assert shown(main, "4") == ({}, [{"size": "4", "child": "x"}, {"size": "5"}])


def test_all_four_at_once_lose_nothing():
    main = tables_of(ONLY_A_REPEAT, A_QUESTION, A_GROUP, A_REPEAT)
    xml = f'<data id="house">{"".join(RECORDS.values())}</data>'
    turn = read_row(main, etree.fromstring(xml))

    def cells(one):
        return [c for c in one.cells if c] + [c for t in one.turns for c in cells(t)]

    messages = ["A", "B", "two rooms", "3", "one", "4", "x", "5"]
    assert sorted(cells(turn)) == sorted(messages)


def test_a_type_that_changed_is_text():
    text = A_QUESTION.replace('version="2"', 'version="5"').replace(
        'nodeset="/data/house" type="string"', 'nodeset="/data/house" type="int"'
    )
    main = tables_of(text, A_QUESTION)
    (house,) = [c for c in main.columns if c.path == ("house",)]
    assert house.type == "string"


# -- with records of each version ------------------------------------------------------------------


@pytest.fixture
def form(db):
    """Three published versions that disagree, as some databases hold them from before."""
    programme = factories.programme()
    made = Form.objects.create(programme=programme, xml_form_id="house")
    for text in (ONLY_A_REPEAT, A_QUESTION, A_GROUP):
        prepared = prepare(text.encode(), "xml")
        version = FormVersion.objects.create(
            form=made,
            version=prepared.form.version,
            title="House",
            xml=text,
            md5="0" * 32,
            sha256="0" * 64,
            compiled=prepared.compiled,
            published_at="2026-11-01T00:00:00Z",
        )
    made.current = version
    made.save()
    for number in ("1", "2", "3"):
        xml = (
            f'<data id="house" version="{number}">{RECORDS[number]}'
            f"<meta><instanceID>uuid:{number}</instanceID></meta></data>"
        )
        receive(sender=Sender(programme_id=programme.pk), xml=xml.encode())
    observe_waiting()
    return made


def test_every_export_of_such_a_form_is_made(form, tmp_path):
    assert not Submission.objects.exclude(observe_error="").exists()
    rows = Submission.objects.all()
    text = "".join(formats.csv_lines(rows, form)).lstrip("\ufeff")
    results = {row["KEY"]: row for row in csv.DictReader(io.StringIO(text))}
    assert results["uuid:1"]["house-child-count"] == "2"
    assert results["uuid:2"]["house_value"] == "two rooms"
    assert results["uuid:3"]["house-size"] == "3"
    assert '"house": {"size": "3"' in "".join(formats.json_lines(rows, form))
    formats.write_xlsx(rows, form, tmp_path / "house.xlsx")
    body = io.BytesIO(b"".join(zip_archive.zipped(rows, form)))
    with zipfile.ZipFile(body) as archive:
        assert "A" in archive.read("house-child.csv").decode()


def test_central_serves_such_a_form(client, form):
    person = make_user()
    join(person, "submissions.review", programme=form.programme)
    client.force_login(person)
    base = f"/v1/projects/{form.programme_id}/forms/house"
    feed = client.get(f"{base}.svc/Submissions", {"$expand": "*"})
    rows = {r["__id"]: r for r in _json(feed)["value"]}
    assert [c["name"] for c in rows["uuid:1"]["house"]["child"]] == ["A", "B"]
    assert rows["uuid:2"]["house_value"] == "two rooms"
    assert rows["uuid:3"]["house"]["size"] == 3
    for place in ("/fields", "/submissions.csv", ".svc", ".svc/$metadata"):
        assert client.get(base + place).status_code == 200, place
    names = etree.fromstring(client.get(f"{base}.svc/$metadata").content).xpath("//@Name")
    assert "house_value" in names


def _json(answer):
    import json

    return json.loads(b"".join(answer.streaming_content))

"""The CSV copies lines made beforehand: the same bytes as if every record were read."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from surveys.forms.publishing import prepare, publish, save_draft
from surveys.models import Submission
from surveys.submissions.exports import csv_lines as stored_lines
from surveys.submissions.exports.formats import csv_lines, json_lines
from surveys.submissions.intake.files import keep
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db

FORM = """
| survey |
| | type | name | label |
| | text | first | First |
| | begin_group | inside | Inside |
| | integer | number | Number |
| | text | words | Words |
| | end_group | |
| | begin_repeat | voter | Voter |
| | integer | age | Age |
| | end_repeat | |
| | geopoint | where | Where |
| settings |
| | form_id | version |
| | odd | {version} |
"""
ANSWERS = [
    "<first>plain</first><inside><number>-5</number><words>=SUM(A1)</words></inside>",
    '<first>a,b "c"\nd</first><inside><words> +855 12 </words></inside><voter><age>3</age></voter>',
    "<first/><inside><number/><words>សួស្តី &amp; &lt;b&gt;</words></inside><voter/><voter/>",
    "<first>x<!-- said -->y</first><unknown>z</unknown>",
    "<where>-11.5 104.9 0 5</where>",
    "",
]


@pytest.fixture
def sender(programme):
    factories.published(programme, FORM.format(version=1))
    return Sender(programme_id=programme.pk)


def send(sender, answers, **more):
    receive(sender=sender, xml=factories.record(form="odd", answers=answers, **more))


def exported():
    form = Submission.objects.first().form
    return "".join(csv_lines(Submission.objects.filter(form=form), form))


def read_slowly():
    """The export with no line made beforehand."""
    kept = dict(Submission.objects.values_list("pk", "line_key"))
    Submission.objects.update(line_key="")
    text = exported()
    for pk, key in kept.items():
        Submission.objects.filter(pk=pk).update(line_key=key)
    return text


def test_lines_made_beforehand_are_the_bytes_that_reading_gives(sender):
    for answers in ANSWERS:
        send(sender, answers)
    slowly = exported()
    observe_waiting()
    place = stored_lines.layout(Submission.objects.first().form_id)
    assert set(Submission.objects.values_list("line_key", flat=True)) == {place.key}
    assert exported() == slowly == read_slowly()
    rows = list(csv.DictReader(io.StringIO(slowly.removeprefix("\ufeff"), newline="")))
    assert [r["inside-words"] for r in rows[:2]] == ["'=SUM(A1)", " +855 12 "]
    assert [r["inside-number"] for r in rows[:2]] == ["-5", ""]
    assert [r["voter-count"] for r in rows] == ["0", "1", "2", "0", "0", "0"]
    assert rows[4]["where-Latitude"] == "-11.5"
    assert rows[4]["where-Accuracy"] == "5"
    assert rows[1]["first"] == 'a,b "c"\nd'


def as_json():
    form = Submission.objects.first().form
    return "".join(json_lines(Submission.objects.filter(form=form), form))


def test_json_read_from_lines_is_json_read_from_records(sender):
    apostrophes = "<first>'=SUM(A1)</first><inside><words>it's</words></inside>"
    long = f"<first>{'ខ្មែរ' * 50_000}</first>"
    for answers in (*ANSWERS, apostrophes, long):
        send(sender, answers)
    slowly = as_json()
    observe_waiting()
    assert as_json() == slowly
    place = stored_lines.layout(Submission.objects.first().form_id)
    read_from_lines = Submission.objects.filter(place.tells_all)
    # neither what has turns of a repeat nor what holds an apostrophe, also one that is ours
    assert read_from_lines.count() == 4
    Submission.objects.filter(pk__in=read_from_lines).update(line=",a,b,c,1,2,3,4,d,0\r\n")
    assert as_json().count('"first": "a"') == 4


def test_the_lines_are_really_copied(sender):
    send(sender, ANSWERS[0])
    observe_waiting()
    Submission.objects.update(line=",copied\r\n")
    assert ",copied," in exported()


def test_after_a_new_version_old_lines_do_not_fit_and_are_made_anew(sender, programme):
    send(sender, ANSWERS[1])
    observe_waiting()
    newer = FORM.format(version=2).replace(
        "| | text | first", "| | text | zero | Z |\n| | text | first"
    )
    draft = save_draft(programme=programme, prepared=prepare(newer.encode(), "md"), by=None)
    publish(form=draft.form, by=None)
    send(sender, "<zero>0</zero>" + ANSWERS[0], version="2")
    observe_waiting()
    text = exported()
    assert text == read_slowly()
    assert text.splitlines()[0].split(",")[1:3] == ["zero", "first"]
    assert stored_lines.renew(draft.form_id) == 1
    assert stored_lines.renew(draft.form_id) == 0
    assert exported() == text == read_slowly()


def test_an_edit_is_exported_before_and_after_it_is_observed(sender):
    send(sender, "<first>before</first>", instance="uuid:1")
    observe_waiting()
    send(sender, "<first>after</first>", instance="uuid:2", replaces="uuid:1")
    assert ",after," in exported()
    observe_waiting()
    text = exported()
    assert ",after," in text
    assert text == read_slowly()


def test_edits_and_files_of_the_wording_that_stands_are_counted(sender):
    receive(
        sender=sender,
        xml=factories.record(form="odd", instance="uuid:1", answers="<first>a</first>"),
        files=[keep(SimpleUploadedFile("a.jpg", b"one", "image/jpeg"), name="a.jpg")],
    )
    send(sender, "<first>b</first>", instance="uuid:2", replaces="uuid:1")
    send(sender, "<first>c</first>", instance="uuid:3")
    rows = list(csv.DictReader(io.StringIO(exported().removeprefix("\ufeff"), newline="")))
    assert [(r["Edits"], r["AttachmentsPresent"]) for r in rows] == [("1", "1"), ("0", "0")]

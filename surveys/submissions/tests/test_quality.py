"""The server judges records again and flags what is worth a look."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import media
from places.models import Place
from surveys.models import QualityFlag, Submission
from surveys.submissions.intake.files import keep, name_of
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.processing.quality_flags import drawn_for_call_back, kilometres
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db):
    where = factories.programme("judged")
    factories.published(where)
    return where


def flags(place, xml, files=()):
    receive(sender=Sender(programme_id=place.pk), xml=xml, files=files)
    observe_waiting()
    row = Submission.objects.latest("id")
    assert row.observe_error == ""
    return {(f.kind, f.path.rpartition("/")[2]) for f in QualityFlag.objects.filter(submission=row)}


def test_a_good_record_raises_nothing(place):
    assert flags(place, record()) == set()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("<age>130</age>", {("constraint", "age")}),
        ("<age/>", {("required", "age")}),
        ("<age>3</age><happy>yes</happy>", {("irrelevant", "happy")}),
        ("<age>31</age><happy>perhaps</happy>", {("not_a_choice", "happy")}),
    ],
)
def test_the_server_judges_again_and_loses_nothing(place, answers, expected):
    xml = record(answers=answers)
    assert flags(place, xml) == expected
    assert bytes(Submission.objects.get().xml) == xml


def test_the_same_answers_twice_are_noticed(place):
    assert flags(place, record()) == set()
    assert flags(place, record()) == {("duplicate", "")}


def test_night_work_is_noticed_in_phnom_penhs_time(place):
    night = record().replace(b"T09:00:00.000+07:00", b"T20:30:00.000Z")
    assert ("outside_hours", "") in flags(place, night)


def test_a_record_filled_in_seconds_is_noticed(db):
    where = factories.programme("fast")
    rows = "\n".join(f"| | integer | q{n} | Q{n} |" for n in range(10))
    form = (
        f"| survey |\n| | type | name | label |\n| | start | start |\n| | end | end |\n{rows}\n"
        "| settings |\n| | form_id | version |\n| | fast | 1 |\n"
    )
    factories.published(where, form)
    answers = "".join(f"<q{n}>{n}</q{n}>" for n in range(10))
    quick = record(form="fast", answers=answers).replace(b"T09:20:00", b"T09:00:05")
    assert flags(where, quick) == {("too_fast", "")}
    slow = record(form="fast", answers=answers.replace(">3<", ">4<"))
    assert flags(where, slow) == set()


def test_one_answer_throughout_and_a_far_place_are_noticed(db):
    from surveys.tests.country import make_country

    make_country()
    Place.objects.filter(code="010201").update(latitude=13.49, longitude=103.03)
    where = factories.programme("far")
    rows = "\n".join(f"| | select_one faces | q{n} | Q{n} | faces |" for n in range(10))
    faces = "\n".join(f"| | faces | {n} | {n} |" for n in range(1, 6))
    form = (
        f"| survey |\n| | type | name | label | appearance |\n| | text | commune | C | |\n"
        f"| | geopoint | where | W | |\n{rows}\n| choices |\n| | list_name | name | label |\n"
        f"{faces}\n| settings |\n| | form_id | version |\n| | far | 1 |\n"
    )
    factories.published(where, form)
    same = "".join(f"<q{n}>3</q{n}>" for n in range(10))
    answers = f"<commune>010201</commune><where>11.55 104.92 0 5</where>{same}"
    result = flags(where, record(form="far", answers=answers))
    assert result == {("same_answers", ""), ("far_away", "where")}
    assert Submission.objects.get().commune_code == "010201"


def test_missing_photos_are_named_until_they_come(place):
    xml = record(answers="<age>31</age><photo>p.jpg</photo>")
    flags(place, xml)
    assert Submission.objects.get().missing_media == ["p.jpg"]
    photo = keep(SimpleUploadedFile("p.jpg", b"\xff\xd8\xff\xe0x", "image/jpeg"))
    assert media.read(name_of(photo.sha256)) == b"\xff\xd8\xff\xe0x"
    assert photo.md5 == hashlib.md5(b"\xff\xd8\xff\xe0x").hexdigest()
    flags(place, xml, [photo])
    assert Submission.objects.get().missing_media == []


def test_about_one_in_twenty_is_drawn_for_a_call_back():
    drawn = [drawn_for_call_back(Submission(pk=n), 5) for n in range(4000)]
    assert 140 < sum(drawn) < 260
    assert drawn == [drawn_for_call_back(Submission(pk=n), 5) for n in range(4000)]


def test_distances_are_those_of_the_globe():
    assert kilometres((11.5564, 104.9282), (13.3633, 103.8564)) == pytest.approx(232, abs=3)

"""Content that is kept for readers of released figures: for nobody else, and never out of date."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboards import kept_content
from dashboards.audiences.council import communes
from dashboards.audiences.district import districts
from dashboards.audiences.donor import overview as donor_overview
from dashboards.data.row_versions import table_of
from dashboards.tests.country import PERIOD, make_country, person, release
from places.models import Place
from scorecards.models import Annotation, Release
from scorecards.plans import services
from scorecards.plans.models import Action, Reply
from scorecards.plans.tests import makers
from standards.models import Document, Indicator, Standard

pytestmark = pytest.mark.django_db
PLACE, OTHER = "010202", "010206"
WORKING = "Working figures, not released: for you only"
FROZEN = {"releasedcell", "comparison", "overall", "placeclass", "votegap", "ontime"}
"""Tables of scorecards whose rows belong to a release and never change once it is published."""
TOKEN = re.compile(r'value="\w{64}"')
"""The token of a form, another one in each answer."""
PAGES = (f"/communes/{PLACE}/", "/districts/0102/", "/donor/", "/donor/provinces/")


@pytest.fixture(autouse=True)
def _country() -> None:
    make_country(8)


def reader(role: str = "", language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    if role:
        name = f"{role} {language}"
        client.force_login(person(role, username=name))
    return client


def read(client: Client, address: str = f"/communes/{PLACE}/") -> str:
    answer = client.get(address, {"period": PERIOD})
    assert answer.status_code == 200
    return TOKEN.sub("", answer.content.decode())


def tables(client: Client, address: str) -> set[str]:
    """The tables that one request reads."""
    with CaptureQueriesContext(connection) as asked:
        read(client, address)
    words = " ".join(query["sql"] for query in asked)
    return set(re.findall(r'(?:FROM|JOIN) "?([a-z]+_[a-z_]+)', words))


def named(rows: Iterable[str]) -> set[str]:
    return {table_of(model) for model in {*kept_content.REGISTERS, *rows}}


@pytest.mark.parametrize("address", PAGES)
def test_what_was_made_before_is_given_again_without_reading_a_figure(address: str) -> None:
    donor = reader("donor")
    first = read(donor, address)
    figures = {f"scorecards_{name}" for name in FROZEN}
    assert not tables(donor, address) & figures
    assert read(donor, address) == first


@pytest.mark.parametrize(
    ("address", "rows"), [(PAGES[0], communes.SHOWN), (PAGES[1], districts.SHOWN)]
)
def test_the_version_names_every_table_that_the_page_reads(
    address: str, rows: dict[str, str]
) -> None:
    agreed_action()
    client = reader()
    read(client, "/compare/")  # registers that are read once in a process
    cache.clear()
    frozen = {f"scorecards_{name}" for name in FROZEN}
    assert tables(client, address) - frozen - {"accounts_user"} <= named(rows)


def test_the_parts_of_donors_pages_read_only_tables_of_the_version() -> None:
    cache.clear()
    figures = donor_overview.released()
    assert figures is not None
    frozen = {f"scorecards_{name}" for name in FROZEN}
    with CaptureQueriesContext(connection) as asked:
        context = donor_overview._services("commune", figures.years[0], figures)
        for part in ("services", "provinces"):
            assert render_to_string(f"dashboards/donor_{part}.html", context).strip()
    words = " ".join(query["sql"] for query in asked)
    read_tables = set(re.findall(r'(?:FROM|JOIN) "?([a-z]+_[a-z_]+)', words))
    assert read_tables - frozen <= named({})
    donor = reader("donor")
    people = {name for name in tables(donor, "/donor/provinces/") if name.startswith("accounts_")}
    cache.clear()
    read_again = tables(donor, "/donor/provinces/")
    assert read_again & frozen, "the page was made anew"
    assert read_again - frozen - people <= named({})


def test_working_figures_are_shown_to_those_who_may_see_them_and_to_nobody_after_them() -> None:
    visitor, coordinator = reader(), reader("coordinator")
    apps.get_model("scorecards", "Score").objects.filter(place_code=PLACE, period=PERIOD).update(
        numerator=77, share=0.77
    )
    for address in PAGES[:2]:
        released = read(visitor, address)
        assert WORKING not in released
        assert WORKING in read(coordinator, address)
        assert read(visitor, address) == released
        cache.clear()
        assert WORKING in read(coordinator, address)
        assert read(visitor, address) == released
    assert "77 of 100 paid" in read(coordinator)
    assert "77 of 100 paid" not in read(visitor)


def test_each_place_language_and_reader_has_content_of_its_own() -> None:
    english, khmer, council = reader(), reader(language="km"), reader("council")
    for _time in range(2):
        assert "78 of 100 paid no more" in read(english)
        assert "78 of 100 paid no more" not in read(english, f"/communes/{OTHER}/")
        assert "78 of 100 paid no more" not in read(khmer)
        assert "ចុះបញ្ជីកំណើត" in read(khmer)
        assert "Tell me each quarter" not in read(english, "/districts/0102/")
        assert "Tell me each quarter" in read(council, "/districts/0102/")
    assert "council en" in read(council)
    assert "council en" not in read(reader("donor"))


def test_a_new_release_is_shown_at_once_and_a_withdrawn_one_no_longer() -> None:
    donor, visitor = reader("donor"), reader()
    before = {address: read(donor, address) for address in PAGES}
    assert "78 of 100 paid" in read(visitor)
    release(PERIOD, {PLACE: {"numerator": 60, "share": 0.6, "low": 0.5, "high": 0.69}})
    assert "60 of 100 paid" in read(visitor)
    assert "78 of 100 paid" not in read(visitor)
    Release.objects.update(is_current=False)
    for address, text in before.items():
        assert read(donor, address) != text
    assert "60 of 100 paid" not in read(visitor)
    assert "Nothing has been published yet." in read(visitor)


def agreed_action() -> Action:
    place = Place.objects.get(code=PLACE)
    by = makers.person("coordinator", PLACE)
    plan = makers.plan(by, commune=place)
    office = makers.office(by, place=place)
    action = makers.action(by, plan, office=office, activity="Clean the waiting room")
    services.agree_plan(
        by=by,
        plan=plan,
        agreed_on=date(2026, 1, 20),
        community_side="Village",
        provider_side="Hall",
    )
    action.refresh_from_db()
    return action


def test_a_plan_is_shown_as_it_is_now() -> None:
    visitor = reader()
    assert "No action plan has been agreed here yet." in read(visitor)
    action = agreed_action()
    assert "Actions agreed: 1. Confirmed by citizens: 0, reported done: 0" in read(visitor)
    assert "The wording is being checked." in read(visitor)
    Action.objects.update(moderation="shown")
    assert "Clean the waiting room" in read(visitor)
    Action.objects.update(state="said_done", said_done_on=date(2026, 3, 1), claim=1)
    assert "reported done: 1" in read(visitor)
    Action.objects.filter(pk=action.pk).update(activity="Paint the waiting room")
    assert "Paint the waiting room" in read(visitor)


def test_a_note_a_reply_and_a_standard_are_shown_as_they_are_now() -> None:
    visitor = reader()
    read(visitor)
    by = person("council", PLACE)
    note = Annotation.objects.create(
        place_id=PLACE, on=date(2026, 5, 4), text="New office opened", made_by=by
    )
    assert "New office opened" not in read(visitor)
    Annotation.objects.filter(pk=note.pk).update(
        state="shown", decided_by=person("donor"), decided_at=timezone.now()
    )
    assert "New office opened" in read(visitor)
    Annotation.objects.all().delete()
    assert "New office opened" not in read(visitor)
    reply = Reply.objects.create(
        commune_id=PLACE,
        period=PERIOD,
        provider_kind="commune",
        indicator=Indicator.objects.get(code="CA-C1"),
        opened_by=by,
        answer_until=timezone.localdate() + timedelta(days=3),
    )
    under_review = read(visitor)
    assert "under review by the office" in under_review
    Reply.objects.filter(pk=reply.pk).delete()
    assert "under review by the office" not in read(visitor)
    Document.objects.update(name_en="Book of the family")
    assert "Book of the family" in read(visitor)
    Standard.objects.update(days_max=9)
    assert "within 9 working days" in read(visitor)
    Place.objects.filter(code=PLACE).update(name_latin="New Name")
    for address in PAGES[:2]:
        assert "New Name" in read(visitor, address)


def test_the_day_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = reader()
    agreed_action()  # due on 30 June 2026
    for today, late in ((date(2026, 6, 30), "late: 0"), (date(2026, 7, 1), "late: 1")):
        monkeypatch.setattr(timezone, "localdate", lambda *_args, day=today: day)
        assert late in read(visitor)

"""Notes on figures: written with a right, checked by another, shown on pages and on paper."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from accounts.models import Membership, Role, User
from dashboards.charts import svg
from dashboards.reports.frame import Asked
from dashboards.reports.scorecard import scorecard
from dashboards.tests.country import PERIOD, make_country
from places.models import Place
from scorecards import annotations
from scorecards.models import Annotation
from scorecards.reading.annotations import notes_of
from standards.models import Indicator

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 4)


def person(name: str, *permissions: str, place: str = "0102") -> User:
    role = Role.objects.create(
        code=name, name_km=name, name_en=name, about_km="-", about_en="-",
        permissions=list(permissions),
    )  # fmt: skip
    user = User.objects.create_user(username=name)
    Membership.objects.create(user=user, role=role, place_id=place)
    return user


@pytest.fixture
def people() -> tuple[User, User]:
    make_country(8)
    return person("council", "plans.report"), person("lead", "plans.report", "plans.moderate")


def note(by: User, code: str = "010202", **facts: Any) -> Annotation:
    place = Place.objects.get(code=code)
    return annotations.annotate(
        by=by, place=place, **{"on": DAY, "text": "New office opened", **facts}
    )


def page(code: str = "010202") -> str:
    english = Client(headers={"accept-language": "en"})
    return english.get(f"/communes/{code}/", {"period": PERIOD}).content.decode()


def on_paper(code: str = "010202") -> list[str]:
    place = Place.objects.select_related("parent__parent").get(code=code)
    with translation.override("en"):
        results: list[str] = scorecard(Asked("scorecard", PERIOD, "https://x", place))["notes"]
    return results


def test_a_note_is_public_only_after_another_person_checked_it(people: tuple[User, User]) -> None:
    council, lead = people
    made = note(council)
    assert "New office opened" not in page()
    assert on_paper() == []
    assert notes_of("010202") == []
    with pytest.raises(PermissionDenied):
        annotations.decide(by=council, annotation=made, shown=True)
    annotations.decide(by=lead, annotation=made, shown=True)
    assert "04/05/2026: New office opened" in page()
    assert on_paper() == ["04/05/2026: New office opened"]
    assert "New office opened" not in page("010203")
    annotations.decide(by=lead, annotation=made, shown=False)
    assert "New office opened" not in page()
    own = note(lead)
    with pytest.raises(ValidationError, match="Another person checks what you wrote"):
        annotations.decide(by=lead, annotation=own, shown=True)
    own.state, own.decided_by, own.decided_at = "shown", lead, own.made_at
    with pytest.raises(IntegrityError, match="another_person"), transaction.atomic():
        own.save()


def test_a_note_on_one_measure_stands_at_its_evidence_and_in_its_line(
    people: tuple[User, User],
) -> None:
    council, lead = people
    fee = Indicator.objects.get(code="CA-C1")
    made = note(council, provider_kind="commune", indicator=fee)
    annotations.decide(by=lead, annotation=made, shown=True)
    english = Client(headers={"accept-language": "en"})
    evidence = "/scores/explain/?period=2026-Q2&indicator=CA-C1&place=010202&kind=commune"
    assert "New office opened" in english.get(evidence).content.decode()
    (existing,) = notes_of("010202")
    assert existing.is_about("commune", "CA-C1", "birth-registration")
    assert not existing.is_about("commune", "CA-C2", "")
    assert not existing.is_about("police", "CA-C1", "")
    assert 'class="note"' in page()  # the sparkline marks the quarter
    assert 'class="note"' not in page("010205")
    drawn = svg.sparkline([0.5, 0.6, 0.7], frozenset({1}))
    assert drawn.count('class="note"') == 1
    english.force_login(council)
    assert "Add a note to this figure" in english.get(evidence).content.decode()


def test_a_note_on_a_district_stands_on_its_communes_sheets(people: tuple[User, User]) -> None:
    council, lead = people
    made = note(council, "0102", text="  Flood   closed the road ")
    annotations.decide(by=lead, annotation=made, shown=True)
    assert on_paper("010203") == ["04/05/2026: Flood closed the road"]
    assert on_paper("020201") == []


def test_notes_are_refused_with_a_sentence(people: tuple[User, User]) -> None:
    council, _lead = people
    with pytest.raises(PermissionDenied):
        note(council, "020201")
    with pytest.raises(ValidationError, match="The day lies ahead"):
        note(council, on=date(2999, 1, 1))
    with pytest.raises(ValidationError):
        note(council, text="   ")
    client = Client(headers={"accept-language": "en"})
    client.force_login(council)
    bad = client.post("/notes/?place=010202", {"on": "31/02/2026", "text": "kept words"})
    assert bad.status_code == 422
    assert "kept words" in bad.content.decode()
    assert client.post("/notes/?place=010202", {"on": "០៤/០៥/២០២៦", "text": "x"}).status_code == 302
    assert client.get("/notes/?place=020201").status_code == 200
    assert (
        "<form method" not in client.get("/notes/?place=020201").content.decode().split("<main")[1]
    )
    client.force_login(person("stranger", "scores.released"))
    assert client.get("/notes/").status_code == 403


def test_a_coordinator_decides_on_the_page(people: tuple[User, User]) -> None:
    council, lead = people
    made = note(council)
    client = Client(headers={"accept-language": "en"})
    client.force_login(council)
    assert client.post(f"/notes/{made.uuid}/decide/", {"decision": "shown"}).status_code == 403
    client.force_login(lead)
    assert "Show it" in client.get("/notes/").content.decode()
    client.post(f"/notes/{made.uuid}/decide/", {"decision": "shown"})
    made.refresh_from_db()
    assert (made.state, made.decided_by) == ("shown", lead)

"""Lists follow validity on the day: a place with a future last day stays in all of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_programme
from dashboards.data import sources
from places import search
from places.models import Place
from standards.models import Provider, Service
from surveys.citizen import content as app
from surveys.forms.lists import house_list
from surveys.services import record_case
from surveys.tests.country import HALL, make_country, make_person, reported_case
from surveys.views import choices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("country")]


@pytest.fixture
def country(db: None) -> None:
    make_country()


@pytest.fixture
def coordinator(country: None) -> User:
    return make_person("coordinator", "01")


CODE = "010201"


def tablet(name: str) -> set[str]:
    programme = make_programme("ours", "01")
    return {row["name"] for row in house_list(name, programme).rows}


def of_app() -> set[str]:
    results: set[str] = set()
    waiting = list(app.places())
    while waiting:
        node = waiting.pop()
        results.add(node[0])
        waiting += node[3]
    return results


LISTS: dict[str, Callable[[User], Any]] = {
    "tablet": lambda user: tablet("communes"),
    "page": lambda user: {code for code, _name in choices.commune_choices(user)},
    "picker": lambda user: {p.code for p in search.find(CODE)},
    "dashboards": lambda user: {p.code for p in sources.communes_of("01")},
    "comparison": lambda user: set(sources._places("commune").columns["code"].tolist()),
    "app": lambda user: of_app(),
}


@pytest.mark.parametrize("name", list(LISTS))
@pytest.mark.parametrize(
    ("first", "last", "listed"),
    [(None, 120, True), (-5, 0, True), (0, None, True), (None, -1, False), (1, None, False)],
)
def test_a_commune_is_listed_on_the_days_of_its_validity(
    coordinator: User, name: str, first: int | None, last: int | None, listed: bool
) -> None:
    today = timezone.localdate()
    days = [None if n is None else today + timedelta(days=n) for n in (first, last)]
    Place.objects.filter(code=CODE).update(valid_from=days[0], valid_to=days[1])
    assert (CODE in LISTS[name](coordinator)) is listed


@pytest.mark.parametrize(("last", "listed"), [(120, True), (0, True), (-1, False)])
def test_a_provider_stays_on_the_tablet_until_its_last_day(last: int, listed: bool) -> None:
    day = timezone.localdate() + timedelta(days=last)
    Provider.objects.filter(code=HALL).update(valid_to=day)
    assert (HALL in tablet("providers")) is listed


def test_a_service_retired_later_is_still_offered() -> None:
    later = timezone.localdate() + timedelta(days=30)
    Service.objects.filter(code="id-card").update(retired_on=later)
    assert "id-card" in {code for _kind, group in choices.service_choices() for code, _n in group}
    assert "id-card" in tablet("services")


def test_a_case_before_its_commune_or_provider_existed_is_refused(coordinator: User) -> None:
    case = reported_case(case_id="B-1")
    assert case.asked_on is not None
    Place.objects.filter(code=CODE).update(valid_from=case.asked_on + timedelta(days=1))
    with pytest.raises(ValidationError) as refused:
        record_case(by=coordinator, reported=case)
    assert "commune" in refused.value.message_dict
    Place.objects.filter(code=CODE).update(valid_from=case.asked_on)
    Provider.objects.filter(code=HALL).update(valid_from=case.asked_on + timedelta(days=1))
    with pytest.raises(ValidationError) as refused:
        record_case(by=coordinator, reported=case)
    assert "provider" in refused.value.message_dict
    Provider.objects.filter(code=HALL).update(valid_from=case.asked_on)
    assert record_case(by=coordinator, reported=case).observation.case_id == "B-1"

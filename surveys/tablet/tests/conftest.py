from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Programme, User
from places.models import Place
from standards.loading import load_indicators
from standards.models import Indicator
from surveys.forms import tablets
from surveys.forms.shipped import load_forms
from surveys.models import AppUser
from surveys.tablet.tests.hand import Hand
from surveys.tests.country import make_country, make_person


@pytest.fixture(autouse=True)
def nothing_remembered(forget_remembered: Callable[[], None]) -> None:
    """What a process remembers for seconds must not leak from one test to the next."""
    forget_remembered()


@pytest.fixture
def programme(transactional_db: None) -> Programme:
    make_country()
    Indicator.objects.all().delete()
    load_indicators()
    made = Programme.objects.create(code="test", name_km="សាកល្បង", name_en="Test")
    made.provinces.set(Place.objects.filter(code__in=["01", "02"]))
    load_forms(made)
    return made


@pytest.fixture
def people(programme: Programme) -> list[User]:
    named = [("caf.dara", "ដារា"), ("caf.srey", "ស្រី")]
    results = []
    for username, name in named:
        person = make_person("facilitator", "01", username=username)
        person.display_name = name
        person.save()
        results.append(person)
    return results


@pytest.fixture
def tablet(programme: Programme, people: list[User]) -> AppUser:
    made, _token = tablets.make_tablet(programme=programme, name="Tablet 1", by=None, people=people)
    return made


@pytest.fixture
def hand(live_server: Any, new_context: Callable[..., Any], tablet: AppUser) -> Hand:
    """A fresh tablet, enrolled, with Dara's PIN chosen."""
    reverse("tablet:app")  # every app is imported before the clock of the first page runs
    context = new_context(viewport={"width": 800, "height": 1280}, has_touch=True)
    page = context.new_page()
    code = tablets.new_code(tablet=tablet, by=None)
    return Hand(page, live_server.url).enrol(code).person("ដារា", "1234").home()

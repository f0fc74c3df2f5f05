"""Officials see requests that wait at their office, and only those whose citizens agreed."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, User
from surveys.models import Request
from surveys.requests import close_request, open_request, waiting_at_offices
from surveys.tests.country import make_person

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
TODAY = timezone.localdate()


def ask(days_ago: int, *, seen: bool = True, commune: str = "010201") -> Request:
    kept, _code = open_request(
        commune=commune,
        service="birth-registration",
        asked_on=TODAY - timedelta(days=days_ago),
        channel="citizen",
        office_may_see=seen,
    )
    return kept


@pytest.fixture
def official(country: None, client: Client) -> Client:
    role = Role.objects.create(
        code="provider_staff",
        name_km="x",
        name_en="x",
        about_km="x",
        about_en="x",
        permissions=["plans.report", "plans.read"],
    )
    user = User.objects.create_user("official")
    Membership.objects.create(user=user, role=role, place_id="010201")
    client.force_login(user)
    return client


def test_those_past_their_day_come_first_and_nobody_is_named(official: Client) -> None:
    ask(1)
    late = ask(60)
    ask(60, commune="010202")
    page = official.get("/office/requests/", headers=ENGLISH)
    rows = page.context["rows"]
    assert [row.overdue for row in rows] == [True, False]
    assert rows[0].case.pk == late.case_id
    text = page.content.decode()
    assert "2 requests wait, 1 of them past its day" in text
    assert late.case.case_id not in text
    home = official.get("/home/", headers=ENGLISH).content.decode()
    assert "1 request past its promised day" in home


def test_without_consent_a_request_is_in_no_list(official: Client) -> None:
    ask(60, seen=False)
    assert "No request waits" in official.get("/office/requests/", headers=ENGLISH).content.decode()


def test_a_closed_request_leaves_the_list(official: Client) -> None:
    close_request(request=ask(60), channel="citizen", received_on=TODAY)
    assert not official.get("/office/requests/").context["rows"]


def test_the_app_sends_the_consent_and_its_absence(country: None) -> None:
    for number, seen in enumerate((True, False, None, "yes")):
        fields = {
            "id": f"{number}" * 30,
            "commune": "010201",
            "service": "birth-registration",
            "asked_on": TODAY.isoformat(),
            "office_may_see": seen,
        }
        Client().post("/app/requests/keep", json.dumps(fields), content_type="application/json")
    assert list(Request.objects.order_by("pk").values_list("office_may_see", flat=True)) == [
        True,
        False,
        False,
    ]


def test_an_official_elsewhere_sees_none_of_it(country: None) -> None:
    ask(60)
    assert waiting_at_offices(make_person("coordinator", "02")) == []

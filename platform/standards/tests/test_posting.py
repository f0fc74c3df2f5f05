"""A provider's page, and the permission to record the fee on its wall."""

import pytest

from accounts.models import Membership, Role, User
from audit.models import Entry
from standards.models import Standard
from standards.tests.factories import place, provider, service, standard

pytestmark = pytest.mark.django_db

PAGE = "/providers/hc-1/"
SENT = {
    "service": "outpatient",
    "fee": "២.០០០ ៛",
    "fee_concession": "0",
    "posted_on": "០១/០៣/២០២៥",
    "source": "read on the wall by the facilitator",
}


@pytest.fixture(autouse=True)
def centre():
    service("outpatient", "health_centre", fee_by_provider=True)
    standard(service("delivery", "health_centre"), fee=0)
    return provider("hc-1", "health_centre", "010201", name_en="Health centre one")


def someone(client, permission: str, at: str | None) -> User:
    user = User.objects.create_user("sokha", "a long pass phrase")
    role = Role.objects.create(code="role", permissions=[permission])
    Membership.objects.create(user=user, role=role, place=place(at) if at else None)
    client.force_login(user)
    return user


def test_the_public_sees_what_a_provider_gives_and_no_form(client):
    text = client.get(PAGE, headers={"accept-language": "en"}).content.decode()
    assert "Health centre one" in text
    assert "free of charge" in text
    assert "posted fee is not known yet" in text
    assert '<form method="post" novalidate>' not in text
    assert client.get("/providers/nowhere/").status_code == 404


@pytest.mark.parametrize("at", [None, "01", "010201"])
def test_who_edits_standards_there_writes_the_posted_fee_down(client, centre, at):
    user = someone(client, "standards.edit", at)
    assert client.post(PAGE, SENT).status_code == 302
    row = Standard.objects.get(provider=centre)
    assert (row.fee, row.fee_concession, row.valid_from.isoformat()) == (2000, 0, "2025-03-01")
    assert row.recorded_by == user
    assert Entry.objects.get(verb="standard.added").place_code == "010201"
    text = client.get(PAGE, headers={"accept-language": "en"}).content.decode()
    assert "2,000" in text


@pytest.mark.parametrize(
    ("permission", "at"), [("standards.edit", "02"), ("cases.record", None), ("", None)]
)
def test_nobody_else_does(client, centre, permission, at):
    if permission:
        someone(client, permission, at)
    assert client.post(PAGE, SENT).status_code == 403
    assert not Standard.objects.filter(provider=centre).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fee", "-5"),
        ("fee", "2.5"),
        ("fee", ""),
        ("fee_concession", "9000"),
        ("posted_on", "31/02/2025"),
        ("posted_on", "01/01/2150"),
        ("service", "delivery"),
        ("source", ""),
    ],
)
def test_what_cannot_be_right_is_refused_in_a_sentence(client, centre, field, value):
    someone(client, "standards.edit", "01")
    answer = client.post(PAGE, SENT | {field: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Standard.objects.filter(provider=centre).exists()


def test_a_kind_without_fees_of_its_own_has_no_form(client):
    provider("hall", "commune", "010201")
    someone(client, "standards.edit", None)
    assert client.get("/providers/hall/").context["form"] is None

"""The admin writes through the services: history is kept, past judgements stay."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Membership, Role, User
from audit.models import Entry
from places.models import Place
from standards import services
from standards.models import Holiday, Provider, Service, Standard
from standards.tests.factories import document, holiday, place, provider, service, standard

pytestmark = pytest.mark.django_db

FIELDS = {
    "fee": "",
    "fee_concession": "",
    "currency": "KHR",
    "fee_unit": "",
    "days_max": "",
    "day_kind": "",
    "valid_years": "",
    "valid_from": "",
    "valid_to": "",
    "legal_basis_km": "",
    "legal_basis_en": "",
    "source": "",
    "completeness_km": "",
    "completeness_en": "",
    "checked_on": "",
    "reason": "read again",
}


@pytest.fixture
def editor(client: Client) -> User:
    """A person of the national team, signed in, who may edit standards everywhere."""
    user = User.objects.create_user("sokha", "a long pass phrase", is_staff=True)
    role = Role.objects.create(code="editor", permissions=["standards.edit"])
    Membership.objects.create(user=user, role=role)
    client.force_login(user)
    return user


@pytest.fixture
def card() -> Standard:
    return standard(service("id-card", "police"), fee=10000)


def url(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


def test_every_list_and_form_opens(client, editor, card):
    provider("hall", "commune", "010201")
    holiday(date(2026, 11, 24))
    document("letter")
    for model in ("standard", "service", "provider", "document", "indicator", "holiday"):
        assert client.get(url(f"standards_{model}_changelist")).status_code == 200
        if model not in ("indicator", "standard"):
            assert client.get(url(f"standards_{model}_add")).status_code == 200
    assert client.get(url("places_place_changelist") + "?q=010201").status_code == 200
    for model, row in (
        ("standard", card),
        ("service", card.service),
        ("provider", Provider.objects.get()),
        ("holiday", Holiday.objects.get()),
    ):
        assert client.get(url(f"standards_{model}_change", row.pk)).status_code == 200


def test_a_standard_is_read_here_and_changed_on_its_own_page(client, editor, card):
    page = client.get(url("standards_standard_change", card.pk)).content.decode()
    assert reverse("standards:edit_service", args=["id-card"]) in page
    assert client.get(url("standards_standard_add")).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"fee": "1500", "valid_from": "2026-12-01", "reason": "from next month"},
        {"fee": "10000", "valid_to": "2026-11-30", "reason": "ends"},
        {"post": "yes"},
    ],
)
def test_nothing_sent_to_the_admin_takes_todays_standard_away(client, editor, card, sent):
    for name in ("standards_standard_change", "standards_standard_delete"):
        assert client.post(url(name, card.pk), FIELDS | sent).status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": [card.pk], "post": "yes"}
    client.post(url("standards_standard_changelist"), ticked)
    row = Standard.objects.in_force(date(2026, 11, 30)).get()
    assert (row.pk, row.fee) == (card.pk, 10000)


def test_the_history_shows_the_whole_chain_old_and_new(client, editor, card):
    for fee in (500, 700):
        row = Standard.objects.current().get()
        services.edit_standard(standard=row, by=editor, reason="read again", fee=fee)
    row = Standard.objects.current().get()
    with translation.override("en"):
        page = client.get(url("standards_standard_history", row.pk)).content.decode()
    for word in ("sokha", "read again", "10000", "500", "700"):
        assert word in page


def test_nothing_is_deleted_that_something_points_to(client, editor, card):
    centre = provider("hc-1", "health_centre", "010201")
    unused = provider("hc-2", "health_centre", "010201")
    standard(service("outpatient", "health_centre"), provider=centre)
    for model, row in (("standard", card), ("service", card.service)):
        answer = client.post(url(f"standards_{model}_delete", row.pk), {"post": "yes"})
        assert answer.status_code == 403
    client.post(url("standards_provider_delete", centre.pk), {"post": "yes"})
    assert Provider.objects.filter(pk=centre.pk).exists()
    client.post(url("standards_provider_delete", unused.pk), {"post": "yes"})
    assert not Provider.objects.filter(pk=unused.pk).exists()
    assert Entry.objects.get(verb="provider.deleted").before["code"] == "hc-2"


def test_retiring_a_service_is_written_down_with_its_reason(client, editor, card):
    sent = {
        "name_km": card.service.name_km,
        "name_en": card.service.name_en,
        "position": 0,
        "retired_on": "2026-01-01",
        "reason": "abolished",
    }
    answer = client.post(url("standards_service_change", card.service_id), sent)
    assert answer.status_code == 302, answer.context["errors"]
    assert Service.objects.get().retired_on == date(2026, 1, 1)
    assert Entry.objects.get(verb="service.retired").reason == "abolished"


def test_a_holiday_is_official_only_with_its_sub_decree(client, editor):
    day = holiday(date(2026, 11, 24), source="predicted by the Python package holidays 0.1")
    sent = {"date": "2026-11-24", "name_km": "បុណ្យ", "name_en": "Holiday", "is_official": "on"}
    client.post(
        url("standards_holiday_change", day.pk), sent | {"source": "predicted by the package"}
    )
    day.refresh_from_db()
    assert not day.is_official
    client.post(url("standards_holiday_change", day.pk), sent | {"source": "Sub-decree 1"})
    day.refresh_from_db()
    assert day.is_official
    assert Entry.objects.get().actor == "sokha"


def test_a_whole_year_is_made_official_with_one_sub_decree(client, editor):
    days = [holiday(date(2026, 11, d)) for d in (23, 24, 25)]
    sent = {"action": "mark_official", "_selected_action": [d.pk for d in days]}
    client.post(url("standards_holiday_changelist"), sent | {"source": " "})
    assert not Holiday.objects.filter(is_official=True).exists()
    client.post(url("standards_holiday_changelist"), sent | {"source": "Sub-decree 2"})
    assert Holiday.objects.filter(is_official=True, source="Sub-decree 2").count() == 3
    assert Entry.objects.filter(verb="holiday.edited").count() == 3


def test_a_renamed_place_is_found_by_its_new_name(client, editor):
    commune = place("010201")
    sent = {"name_km": "ឃុំថ្មី", "name_latin": "Khum Thmei", "kind": "khum", "parent": "0102"}
    answer = client.post(url("places_place_change", commune.pk), sent)
    assert answer.status_code == 302, answer.context["errors"]
    assert "khum thmei" in Place.objects.get(pk="010201").search
    assert Entry.objects.get(verb="place.edited").before["name_latin"] == "Place 010201"


@pytest.mark.parametrize(("permission", "at"), [("cases.record", None), ("standards.edit", "01")])
def test_others_are_kept_out(client, card, permission, at):
    user = User.objects.create_user("dara", "a long pass phrase", is_staff=True)
    role = Role.objects.create(code="other", permissions=[permission])
    Membership.objects.create(user=user, role=role, place=place(at) if at else None)
    client.force_login(user)
    assert client.get(url("standards_standard_changelist")).status_code == 403
    answer = client.post(url("standards_standard_change", card.pk), FIELDS | {"fee": "0"})
    assert answer.status_code == 403
    assert Standard.objects.count() == 1
